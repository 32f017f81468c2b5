"""Column types that keep hostile text, JSON and times exactly, on SQLite and PostgreSQL alike.

Text that servers send may hold NUL characters, which PostgreSQL refuses, and lone surrogates, which neither
database takes.
"""

import json
import re
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from classifier.definition import JsonValue

_UNSTORABLE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class AnyText(TypeDecorator[str]):
    r"""Any Python string: NUL, lone surrogates and the backslash itself are kept as ``\uXXXX``, all else as it is.

    The encoding is one to one, so stored values compare equal exactly when the strings do.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape what a database cannot store."""
        return None if value is None else _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Undo the escapes."""
        return None if value is None else _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)


class Json(TypeDecorator[JsonValue]):
    """A JSON value as pure ASCII text: any string survives, and members keep their order. None is SQL NULL.

    PostgreSQL's own ``jsonb`` refuses NUL characters and reorders members.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """Write the value as JSON."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:
        """Read the value back."""
        return None if value is None else json.loads(value)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, timezone-aware in Python. SQLite has no time zones and keeps the bare UTC time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any timezone-aware time into UTC; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a time zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that the stored time is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
