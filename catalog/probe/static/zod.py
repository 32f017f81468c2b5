"""Turn schemas that JavaScript builds by calls into JSON Schema: zod, and builders of the same form such as TypeBox.

What counts is the form ``z.string().min(1).describe("…").optional()``, whatever the library is called after minifying.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.probe.static.javascript_names import Place
from catalog.probe.static.javascript_values import JavaScriptValues
from catalog.probe.static.syntax import named
from catalog.probe.static.values import UNKNOWN, object_of
from catalog.probe.static.zod_words import BASES, MODIFIERS, NARROWED, OBJECTS, PLAIN
from classifier.definition import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A schema that was read."""

    schema: JsonObject
    optional: bool = False


class SchemaReader:
    """Reads any expression that stands where a tool's input schema is expected."""

    def __init__(self, values: JavaScriptValues) -> None:
        self._values = values

    def input_schema(self, place: Place) -> JsonObject | None:
        """Return the JSON Schema of a tool's arguments; None where it is not understood. Raises: OverBudgetError."""
        found = self._values.follow(place)
        if found is None:
            return None
        if found.node.type == "object":
            return self._literal(found)
        built = self._built(found, 0)
        if built is None:
            return self._converted(found)
        return built.schema if built.schema.get("type") in ("object", None) else None

    def is_built(self, place: Place) -> bool:
        """Say whether an expression builds a schema. Raises: OverBudgetError."""
        return self._built(place, 0) is not None

    def _literal(self, place: Place) -> JsonObject:
        """Read an object literal: JSON Schema, or a shape whose members are schemas."""
        members = self._values.members(place)
        kind = self._values.value(members["type"]) if "type" in members else UNKNOWN
        if isinstance(kind, str) or "properties" in members or "$ref" in members:
            return object_of(self._values.value(place)) or {}
        return self._shape(members, 0)

    def _shape(self, members: Mapping[str, Place], depth: int) -> JsonObject:
        properties: dict[str, JsonValue] = {}
        required: list[JsonValue] = []
        for name, member in members.items():
            built = (
                self._built(member, depth + 1) or self._described(member, depth + 1) or Built(schema={}, optional=True)
            )
            properties[name] = built.schema
            if not built.optional:
                required.append(name)
        schema: dict[str, JsonValue] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        return schema

    def _described(self, place: Place, depth: int) -> Built | None:
        """Read ``{type: z.string(), description: "…"}`` and plain JSON Schema in the place of a member."""
        found = self._values.follow(place, depth)
        if found is None or found.node.type != "object" or depth > self._values.budget.limits.nesting:
            return None
        members = self._values.members(found, depth)
        inner = self._built(members["type"], depth + 1) if "type" in members else None
        if inner is None:
            schema = object_of(self._values.value(found, depth))
            return Built(schema=schema or {}, optional=True)
        text = self._values.text(members["description"], depth) if "description" in members else None
        return replace(inner, schema={**inner.schema, "description": text} if text else inner.schema)

    def _converted(self, place: Place) -> JsonObject | None:
        """Read ``zodToJsonSchema(Schema)``, whatever the function is called."""
        arguments = place.node.child_by_field_name("arguments")
        if place.node.type != "call_expression" or arguments is None:
            return None
        for child in named(arguments)[:2]:
            found = self._values.follow(place.at(child))
            if found is None:
                continue
            built = self._built(found, 1)
            if built is not None:
                return built.schema
            if found.node.type == "object" and (schema := self._literal(found)).get("properties"):
                return schema
        return None

    def _built(self, place: Place, depth: int) -> Built | None:
        """Return the schema that an expression builds, or None where it builds none. Raises: OverBudgetError."""
        if depth > self._values.budget.limits.nesting:
            return None
        found = self._values.follow(place, depth)
        node = found.node if found is not None else None
        if found is None or node is None:
            return None
        if node.type == "member_expression":  # Schema.shape
            inner = node.child_by_field_name("object")
            return self._built(found.at(inner), depth + 1) if inner is not None else None
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if node.type != "call_expression" or function is None or arguments is None:
            return None
        method = (found.module.callee(node) or "").lower().replace("_", "")
        given = [found.at(child) for child in named(arguments)]
        owner = function.child_by_field_name("object") if function.type == "member_expression" else None
        before = self._built(found.at(owner), depth + 1) if owner is not None and method in MODIFIERS else None
        if before is not None:
            return self._modified(before, method, given, depth)
        is_base = method in BASES and (owner is not None or function.type == "identifier")
        return self._base(method, given, depth) if is_base else None

    def _base(self, method: str, given: list[Place], depth: int) -> Built | None:
        first = given[0] if given else None
        if method in ("optional", "nullable"):
            inner = self._built(first, depth + 1) if first else None
            return None if inner is None else replace(inner, optional=inner.optional or method == "optional")
        schema: JsonObject = {}
        if method in PLAIN:
            schema = PLAIN[method]
            if method == "preprocess" and len(given) > 1 and (inner := self._built(given[1], depth + 1)):
                schema = inner.schema
        elif method in OBJECTS:
            whole = self._values.follow(first, depth) if first else None
            is_literal = whole is not None and whole.node.type == "object"
            schema = (
                self._shape(self._values.members(whole, depth), depth) if whole and is_literal else {"type": "object"}
            )
        elif method in ("array", "set", "tuple"):
            inner = self._built(first, depth + 1) if first else None
            schema = {"type": "array", "items": inner.schema} if inner and method != "tuple" else {"type": "array"}
        elif method in ("record", "map"):
            inner = self._built(given[-1], depth + 1) if given else None
            schema = {"type": "object", "additionalProperties": inner.schema if inner else {}}
        elif method in ("enum", "nativeenum"):
            schema = {"type": "string", **({"enum": choices} if (choices := self._choices(first, depth)) else {})}
        elif method == "literal":
            value = self._values.value(first, depth) if first else UNKNOWN
            schema = {} if value is UNKNOWN else {"const": value}
        elif method in ("union", "discriminatedunion", "intersection"):
            schema = self._union(method, given, depth)
        return Built(schema=self._with_options(schema, given, depth))

    def _union(self, method: str, given: list[Place], depth: int) -> JsonObject:
        options = given
        if method != "intersection":
            whole = self._values.follow(given[-1], depth) if given else None
            options = self._values.elements(whole) if whole and whole.node.type == "array" else []
        built = (self._built(option, depth + 1) for option in options)
        schemas: list[JsonValue] = [one.schema for one in built if one is not None]
        return {"allOf" if method == "intersection" else "anyOf": schemas} if schemas else {}

    def _choices(self, place: Place | None, depth: int) -> list[JsonValue]:
        whole = self._values.follow(place, depth) if place else None
        if whole is None:
            return []
        if whole.node.type == "enum_declaration" and (body := whole.node.child_by_field_name("body")):
            members = (child.child_by_field_name("value") for child in named(body))
            values = [self._values.value(whole.at(member), depth) for member in members if member]
            return [value for value in values if value is not UNKNOWN]
        value = self._values.value(whole, depth)
        return list(value.values()) if isinstance(value, Mapping) else list(value) if isinstance(value, list) else []

    def _with_options(self, schema: JsonObject, given: list[Place], depth: int) -> JsonObject:
        """Add the description of builders that take options last: ``Type.String({description})``."""
        if not given or given[-1].node.type != "object":
            return schema
        text = next((m for name, m in self._values.members(given[-1], depth).items() if name == "description"), None)
        found = self._values.text(text, depth) if text is not None else None
        return {**schema, "description": found} if found else schema

    def _modified(self, before: Built, method: str, given: list[Place], depth: int) -> Built:
        first = given[0] if given else None
        schema, optional = before.schema, before.optional
        if method in ("optional", "nullish", "default", "prefault", "catch"):
            value = self._values.value(first, depth) if first and method in ("default", "prefault") else UNKNOWN
            schema, optional = schema if value is UNKNOWN else {**schema, "default": value}, True
        elif method == "meta":
            schema = self._with_options(schema, given, depth)
        elif method in NARROWED:
            schema = {**schema, **NARROWED[method]}
        elif method == "array":
            schema, optional = {"type": "array", "items": schema}, False
        elif method in ("partial", "deeppartial"):
            schema = {name: value for name, value in schema.items() if name != "required" or first is not None}
        elif first is not None:
            schema = self._with_argument(schema, method, first, depth)
        return Built(schema=schema, optional=optional)

    def _with_argument(self, schema: JsonObject, method: str, first: Place, depth: int) -> JsonObject:
        """Apply a method that says something by its argument."""
        if method == "describe":
            text = self._values.prose(first, depth)
            return {**schema, "description": text} if text else schema
        if method in ("min", "max", "gte", "lte"):
            return _bounded(schema, method, self._values.value(first, depth))
        if method in ("or", "and"):
            other = self._built(first, depth + 1)
            return {"anyOf" if method == "or" else "allOf": [schema, *([other.schema] if other else [])]}
        if method in ("extend", "safeextend", "merge"):
            return self._extended(schema, first, depth)
        return self._chosen(schema, method, first, depth) if method in ("pick", "omit") else schema

    def _extended(self, schema: JsonObject, more: Place, depth: int) -> JsonObject:
        found = self._values.follow(more, depth)
        if found is None:
            return schema
        if found.node.type == "object":
            other = self._shape(self._values.members(found, depth), depth)
        else:
            built = self._built(found, depth + 1)
            other = built.schema if built else {}
        properties = {**(object_of(schema.get("properties")) or {}), **(object_of(other.get("properties")) or {})}
        required = [*_names(schema.get("required")), *_names(other.get("required"))]
        return {**schema, "properties": properties, **({"required": required} if required else {})}

    def _chosen(self, schema: JsonObject, method: str, mask: Place, depth: int) -> JsonObject:
        found = self._values.follow(mask, depth)
        names = set(self._values.members(found, depth)) if found and found.node.type == "object" else set()
        properties = object_of(schema.get("properties")) or {}
        kept = {name: value for name, value in properties.items() if (name in names) == (method == "pick")}
        required: list[JsonValue] = [name for name in _names(schema.get("required")) if name in kept]
        return {**schema, "properties": kept, "required": required}


def _bounded(schema: JsonObject, method: str, value: object) -> JsonObject:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return schema
    lowest = method in ("min", "gte")
    words = {
        "string": ("minLength", "maxLength"),
        "array": ("minItems", "maxItems"),
        "number": ("minimum", "maximum"),
        "integer": ("minimum", "maximum"),
    }.get(str(schema.get("type")))
    return schema if words is None else {**schema, words[0 if lowest else 1]: value}


def _names(value: JsonValue) -> list[JsonValue]:
    return list(value) if isinstance(value, list) else []
