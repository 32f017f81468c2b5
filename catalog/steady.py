"""What of a definition stays the same when nothing about the tool has changed.

Some servers write the day, a path of their machine or an address of the moment into a description or a default. A
change of that alone is no change of the tool. Measured on 210 servers: one has today's date as a default, and no other
differs between two lists of the same release (docs/crawl.md).
"""

import re
from collections.abc import Mapping

from catalog.model import canonical_json
from classifier.definition import JsonObject, JsonValue

_PASSING = re.compile(
    r"(?P<moment>\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b)"
    r"|(?P<epoch>\b1[6-9]\d{8}(?:\d{3})?\b)"
    r"|(?P<path>(?<![\w./:-])/(?:home|root|tmp|opt|usr|var|Users|private)/[\w.@+~/-]+)"
    r"|(?P<address>\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0):\d{2,5}\b)"
)
"""Moments (ISO 8601), seconds or milliseconds since 1970, absolute paths, local addresses with a port."""


def is_same_tool(one: JsonObject, other: JsonObject) -> bool:
    """Say whether two definitions differ in nothing but moments, paths and addresses."""
    return canonical_json(_masked(one)) == canonical_json(_masked(other))


def _masked(value: JsonValue) -> JsonValue:
    """Return ``value`` without what passes. Definitions are at most 200 levels deep (catalog.definitions)."""
    if isinstance(value, str):
        return _PASSING.sub(lambda found: f"<{found.lastgroup}>", value)
    if isinstance(value, Mapping):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return value
