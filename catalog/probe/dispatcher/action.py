"""What a dispatcher tells of its actions, however it tells it, and the entry that an action becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from catalog.model import Definition, Dispatch, Entry, Provenance
from classifier.definition import JsonObject, JsonValue, Tool

# Characters of an action's name or a group's that are accepted, as the specification recommends for tools.
NAME_LENGTH = 128


# What holds for a tool as a whole only if it holds for each action. That a tool destroys says it of some action alone.
_HOLD_FOR_EACH: Mapping[str, bool] = MappingProxyType(
    {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that an answer names: an action, or a group of actions."""

    name: str
    description: str = ""
    schema: JsonObject | None = None
    """Its parameters as a JSON Schema; None where the answer tells none."""
    count: int | None = None
    """How many actions it says the group has."""
    section: str = ""
    """The heading or the group that it stands under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read from one answer or one description."""

    items: tuple[Item, ...] = ()
    problems: tuple[str, ...] = ()


def is_name(text: str) -> bool:
    """Say whether a server's text can be the value that selects an action: printable, in one piece, not long."""
    return 0 < len(text) <= NAME_LENGTH and text.isprintable() and not any(map(str.isspace, text))


def entry(tool: Tool, selector: Mapping[str, str], payload: str | None, item: Item) -> Entry:
    """Return the action that ``selector`` selects as an entry with a definition of its own."""
    raw: dict[str, JsonValue] = {
        "name": item.name,
        "description": item.description,
        "inputSchema": item.schema or {"type": "object", "properties": {}},
    }
    if hints := {name: value for name, value in _HOLD_FOR_EACH.items() if tool.hint(name) is value}:
        raw["annotations"] = hints
    return Entry(
        definition=Definition(raw=raw),
        provenance=Provenance.EXPANDED,
        dispatch=Dispatch(tool=tool.name, selector=selector, payload=payload),
    )
