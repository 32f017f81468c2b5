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

# Members of a definition (MCP 2025-11-25) that say nothing about what is called and with what.
_SHOWN = frozenset({"title", "description", "icons", "_meta"})

# Keywords of JSON Schema 2020-12: words for people, maps from names to schemas, and values that are no schemas.
_WORDS = frozenset({"title", "description", "$comment"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_VERBATIM = frozenset({"default", "const", "enum", "examples"})


def is_same_tool(one: JsonObject, other: JsonObject) -> bool:
    """Say whether two definitions differ in nothing but moments, paths and addresses."""
    return canonical_json(_masked(one)) == canonical_json(_masked(other))


def is_same_interface(one: JsonObject, other: JsonObject) -> bool:
    """Say whether two definitions of one tool differ at most in words: descriptions, titles, icons, ``_meta``.

    Then the same is called, with the same parameters, with the same results and hints.
    """
    return canonical_json(_wordless_tool(one)) == canonical_json(_wordless_tool(other))


def nameless(definition: JsonObject) -> str:
    """Return as text what two definitions share that differ at most in the tool's name and titles."""
    rest = {name: value for name, value in definition.items() if name not in ("name", "title")}
    annotations = rest.get("annotations")
    if isinstance(annotations, Mapping):
        rest["annotations"] = {name: value for name, value in annotations.items() if name != "title"}
    return canonical_json(_masked(rest))


def _wordless_tool(definition: JsonObject) -> JsonValue:
    return _masked({name: _wordless(value) for name, value in definition.items() if name not in _SHOWN})


def _wordless(schema: JsonValue) -> JsonValue:
    """Return a schema, or annotations, without descriptions and titles; parameters of these names stay."""
    if isinstance(schema, list):
        return [_wordless(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, JsonValue] = {}
    for name, inner in schema.items():
        if name in _NAMED and isinstance(inner, Mapping):
            kept[name] = {own: _wordless(value) for own, value in inner.items()}
        elif name in _VERBATIM:
            kept[name] = inner
        elif name not in _WORDS:
            kept[name] = _wordless(inner)
    return kept


def _masked(value: JsonValue) -> JsonValue:
    """Return ``value`` without what passes. Definitions are at most 200 levels deep (catalog.definitions)."""
    if isinstance(value, str):
        return _PASSING.sub(lambda found: f"<{found.lastgroup}>", value)
    if isinstance(value, Mapping):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return value
