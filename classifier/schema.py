"""A JSON Schema's properties, through composition and local references, within bounds.

Remote references are never followed, and neither is a reference that is already being walked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TypeGuard

from classifier.definition import JsonObject, JsonValue
from classifier.words import snake

# A property deeper than this is data, not an argument of the call.
MAX_DEPTH = 2
# Compositions and references inside one another; ordinary schemas stay below 5.
MAX_NESTING = 12
# Examples looked at per argument.
MAX_EXAMPLES = 20
# Schemas looked at per tool: bounds the work on a schema that branches without end.
MAX_SCHEMAS = 600

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")
_CONDITIONALS = ("if", "then", "else")
_INNER = frozenset({*_COMPOSITIONS, *_CONDITIONALS, "$ref"})
_GIVEN = frozenset({"default", "const", "examples", "example"})
_LIMITS = frozenset({"enum", "const", "format", "pattern"})
_TYPES = {kind: frozenset((kind,)) for kind in ("string", "number", "integer", "boolean", "array", "object", "null")}


@dataclass(slots=True)  # not frozen: thousands are made a second, and a frozen one takes three times as long
class Property:
    """One property: an argument of a tool, or a member of its result."""

    name: str
    key: str
    """The name in snake_case, as rules compare it."""
    types: frozenset[str]
    values: tuple[str, ...]
    """Its enum or const, where they are strings."""
    description: str
    given: tuple[str, ...] = ()
    """Its default, constant and examples, where they are strings."""
    _: KW_ONLY
    constrained: bool
    """Whether enum, const, format or pattern limit the value."""
    depth: int


def _is_object(value: JsonValue) -> TypeGuard[JsonObject]:
    # What a JSON parser makes is a dict; asking for that first spares the slow check of the abstract class.
    return type(value) is dict or isinstance(value, Mapping)


def _is_array(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return type(value) is list or (isinstance(value, Sequence) and not isinstance(value, str))


def _given(member: JsonObject) -> Iterator[str]:
    for key in ("default", "const", "example"):
        value = member.get(key)
        if isinstance(value, str):
            yield value
    examples = member.get("examples")
    if _is_array(examples):
        yield from (one for one in examples[:MAX_EXAMPLES] if isinstance(one, str))


class _Walk:
    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self.left = MAX_SCHEMAS
        self.found: list[Property] = []

    def properties(self, schema: JsonValue, depth: int, nesting: int, seen: frozenset[str]) -> None:
        if not _is_object(schema) or nesting > MAX_NESTING or self.left <= 0:
            return
        self.left -= 1
        members = schema.get("properties")
        if _is_object(members):
            for name, member in members.items():
                if isinstance(name, str):
                    self._property(name, member, depth, nesting, seen)
        if _INNER.isdisjoint(schema):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            self.properties(self.resolve(reference), depth, nesting + 1, seen | {reference})
        for key in _COMPOSITIONS:
            branches = schema.get(key)
            if _is_array(branches):
                for branch in branches:
                    self.properties(branch, depth, nesting + 1, seen)
        for key in _CONDITIONALS:
            if key in schema:
                self.properties(schema[key], depth, nesting + 1, seen)

    def _property(self, name: str, member: JsonValue, depth: int, nesting: int, seen: frozenset[str]) -> None:
        if self.left <= 0:
            return
        self.left -= 1
        if not _is_object(member):
            self.found.append(Property(name, snake(name), frozenset(), (), "", constrained=False, depth=depth))
            return
        description = member.get("description")
        text = description if type(description) is str else ""
        given = () if _GIVEN.isdisjoint(member) else tuple(_given(member))
        kind = member.get("type")
        inner = not _INNER.isdisjoint(member)
        if not inner and type(kind) is str and _LIMITS.isdisjoint(member):
            # Most arguments are no more than a type and a description.
            types = _TYPES.get(kind) or frozenset((kind,))
            self.found.append(Property(name, snake(name), types, (), text, given, constrained=False, depth=depth))
        else:
            kinds: set[str] = set()
            values: list[str] = []
            limited = self._facts(member, kinds, values, nesting, seen)
            types = frozenset(kinds)
            self.found.append(
                Property(name, snake(name), types, tuple(values), text, given, constrained=limited, depth=depth)
            )
        if depth < MAX_DEPTH:
            if inner or "properties" in member:
                self.properties(member, depth + 1, nesting + 1, seen)
            items = member.get("items")
            if items is not None:
                self.properties(items, depth + 1, nesting + 1, seen)

    def _facts(
        self, schema: JsonObject, types: set[str], values: list[str], nesting: int, seen: frozenset[str]
    ) -> bool:
        """Gather types and values, through composition; return whether the value is constrained."""
        kind = schema.get("type")
        if isinstance(kind, str):
            types.add(kind)
        elif _is_array(kind):
            types.update(one for one in kind if isinstance(one, str))
        choices = schema.get("enum")
        if _is_array(choices):
            values.extend(one for one in choices[:200] if isinstance(one, str))
        constant = schema.get("const")
        if isinstance(constant, str):
            values.append(constant)
        constrained = bool(values) or "format" in schema or "pattern" in schema or "const" in schema
        if _INNER.isdisjoint(schema):
            return constrained
        branches: list[JsonValue] = []
        for key in _COMPOSITIONS:
            composed = schema.get(key)
            if _is_array(composed):
                branches.extend(composed)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            branches.append(self.resolve(reference))
            seen = seen | {reference}
        for branch in branches:
            self.left -= 1
            if _is_object(branch) and nesting < MAX_NESTING and self.left > 0:
                constrained |= self._facts(branch, types, values, nesting + 1, seen)
        return constrained

    def resolve(self, reference: str) -> JsonValue:
        """Return what a local reference (``#/$defs/name``) points to, or None."""
        if not reference.startswith("#/"):
            return None
        found: JsonValue = self.root
        for part in reference[2:].split("/")[:MAX_NESTING]:
            if not _is_object(found):
                return None
            found = found.get(part.replace("~1", "/").replace("~0", "~"))
        return found


def properties(schema: JsonObject) -> list[Property]:
    """Return the properties of a schema, outermost first among equals, at most ``MAX_SCHEMAS`` of them."""
    if not schema:
        return []
    walk = _Walk(schema)
    walk.properties(schema, 0, 0, frozenset())
    return walk.found
