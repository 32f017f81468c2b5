"""An export and a call as the products that read them see both."""

import json
from collections.abc import Mapping
from typing import Any

from catalog.policy.target import Export


def text_for(export: Export, filename: str, server: str) -> str | None:
    """Return the text of a server's own file; None where the export has none for it."""
    files = {file.filename: file.text for file in export.files}
    return files.get(filename, files.get(f"{server}.{filename}"))


def as_in_go(value: Any, *, precise: bool = False) -> Any:
    """Return a JSON value as Go reads it: every number a float (unless ``precise``), halves of surrogate pairs U+FFFD.

    Raises: ValueError for what Go refuses.
    """
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case bool() | None:
            return value
        case int() | float() if precise:
            return value
        case int() | float():
            try:
                number = float(value)
            except OverflowError:
                number = float("inf")
            if number - number != 0:
                raise ValueError(f"no number in Go: {json.dumps(value)[:40]}")
            return number
        case Mapping():
            return {as_in_go(name): as_in_go(item, precise=precise) for name, item in value.items()}
        case _:
            return [as_in_go(item, precise=precise) for item in value]


def printed_in_go(value: Any) -> str:
    """Return a JSON value as Go's ``%v`` prints it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < _PRINTED_WHOLE:
            return str(int(value))
        case str() | int() | float():
            return str(value)
        case Mapping():
            return "map[" + " ".join(f"{name}:{printed_in_go(item)}" for name, item in sorted(value.items())) + "]"
        case _:
            return "[" + " ".join(map(printed_in_go, value)) + "]"


_PRINTED_WHOLE = 10**6
"""Whole numbers from here on have an exponent."""
