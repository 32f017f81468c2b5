"""A tool as a server published it, read tolerantly: the words and the schema that rules look at.

A server may send anything. What has the wrong type is read as absent; the verbatim JSON stays with the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]

EMPTY: JsonObject = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool of a tools/list result (MCP 2025-11-25 and 2026-07-28), or one action behind a dispatcher tool."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: JsonObject = field(default_factory=dict)
    output_schema: JsonObject = field(default_factory=dict)
    annotations: JsonObject = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Tool":
        """Read the members rules look at; a member of the wrong type counts as absent.

        ``title`` follows the specification's display order: ``title``, then ``annotations.title``.
        """
        annotations = _mapping(raw.get("annotations"))
        return cls(
            name=_text(raw.get("name")),
            title=_text(raw.get("title")) or _text(annotations.get("title")),
            description=_text(raw.get("description")),
            input_schema=_mapping(raw.get("inputSchema")),
            output_schema=_mapping(raw.get("outputSchema")),
            annotations=annotations,
        )

    def hint(self, name: str) -> bool | None:
        """Return a boolean annotation such as ``readOnlyHint``, or None where the server declares nothing."""
        value = self.annotations.get(name)
        return value if isinstance(value, bool) else None


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: JsonValue) -> JsonObject:
    # A JSON parser makes dicts; the abstract class is slow to ask.
    return value if type(value) is dict or isinstance(value, Mapping) else EMPTY
