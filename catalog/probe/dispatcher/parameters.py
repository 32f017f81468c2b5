"""The parameters of an action, as answers tell them in words: ``title, body (what it says), count: integer, note?``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from classifier.definition import JsonObject, JsonValue

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_VALUE = re.compile(r"\s*[:=]\s*([^,]*)")
_MARKS = frozenset({"required", "optional"})
_TYPES = {
    "string": "string", "str": "string", "number": "number", "float": "number", "integer": "integer",
    "int": "integer", "boolean": "boolean", "bool": "boolean", "array": "array", "list": "array", "object": "object",
    "dict": "object",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an action, as far as it is told."""

    name: str
    schema: JsonObject = field(default_factory=dict)
    """What is known of its value; types are often not told, and then none is claimed."""
    required: bool = False


def schema_of(parameters: Sequence[Parameter]) -> JsonObject | None:
    """Return a JSON Schema of parameters, None of none."""
    if not parameters:
        return None
    schema: dict[str, JsonValue] = {"type": "object", "properties": {one.name: one.schema for one in parameters}}
    if required := [one.name for one in parameters if one.required]:
        schema["required"] = list(dict.fromkeys(required))
    return schema


def parameters_of(text: str, *, required: bool) -> Iterator[Parameter]:
    """Read ``name (description), name: type, name?``; a description may hold brackets and commas of its own."""
    position = 0
    while match := _NAME.match(text, position):
        name, position = match.group(), match.end()
        needed = required
        if text.startswith(("?", "*"), position):
            needed = text[position] == "*"
            position += 1
        said = ""
        if text.startswith(" (", position):
            end = _closing_bracket(text, position + 1)
            said, position = text[position + 2 : end], end + 1
        elif found := _VALUE.match(text, position):
            said, position = found[1].strip(), found.end()
        yield parameter(name, said, required=needed)
        if not text.startswith(",", position):
            return
        position += 1
        while text.startswith(" ", position):
            position += 1


def parameter(name: str, said: str, *, required: bool) -> Parameter:
    """Return a parameter; ``said`` is a type, a description, or both: ``string, required``."""
    parts = [part.strip() for part in said.split(",")]
    schema: dict[str, str] = {}
    if kind := _TYPES.get(parts[0].lower()):
        schema["type"] = kind
        del parts[0]
    while parts and parts[0].lower() in _MARKS:
        required = parts.pop(0).lower() == "required"
    if description := ", ".join(parts):
        schema["description"] = description
    return Parameter(name=name, schema=schema, required=required)


def _closing_bracket(text: str, start: int) -> int:
    """Return where the bracket at ``start`` closes; brackets nest, and an unclosed one ends with the text."""
    depth = 0
    for index in range(start, len(text)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return len(text)
