"""Turn Python signatures, annotations and model classes into JSON Schema, as frameworks do when a server runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from catalog.probe.static.python_names import Place
from catalog.probe.static.python_values import PythonValues
from catalog.probe.static.syntax import named
from catalog.probe.static.values import UNKNOWN
from classifier.definition import JsonObject, JsonValue

_PLAIN: dict[str, JsonObject] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "binary"},
    "Path": {"type": "string", "format": "path"},
    "UUID": {"type": "string", "format": "uuid"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "AnyUrl": {"type": "string", "format": "uri"},
    "HttpUrl": {"type": "string", "format": "uri"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
    "dict": {"type": "object"},
    "Dict": {"type": "object"},
    "Mapping": {"type": "object"},
    "list": {"type": "array"},
    "List": {"type": "array"},
    "Sequence": {"type": "array"},
    "Iterable": {"type": "array"},
    "tuple": {"type": "array"},
    "Tuple": {"type": "array"},
    "set": {"type": "array"},
    "Set": {"type": "array"},
}
_LISTS = frozenset(("list", "List", "Sequence", "Iterable", "set", "Set"))
_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}
_NOT_SENT = frozenset(("self", "cls", "ctx", "context", "_ctx"))
"""Parameters that the framework fills in."""
_FIELDS = frozenset(("Field", "Query", "Param", "Parameter", "Option"))
"""Calls that describe an argument."""
_INJECTED = frozenset(("Depends", "CurrentContext", "Inject"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One argument of a tool, or one field of a model."""

    schema: JsonObject
    optional: bool = False
    injected: bool = False
    """The framework fills it in; a client does not see it."""
    alias: str | None = None


class SchemaReader:
    """Reads signatures and classes."""

    def __init__(self, values: PythonValues) -> None:
        self._values = values

    def of_function(self, place: Place) -> JsonObject:
        """Return the JSON Schema of a function's arguments. Raises: OverBudgetError."""
        parameters = place.node.child_by_field_name("parameters")
        children = named(parameters) if parameters is not None else []
        typed = any(child.child_by_field_name("type") is not None for child in children)
        fields: dict[str, Field] = {}
        for child in children:
            name = _parameter_name(child)
            if name is None or child.type in ("list_splat_pattern", "dictionary_splat_pattern"):
                continue
            text = place.module.text(name)
            kind, default = child.child_by_field_name("type"), child.child_by_field_name("value")
            if text in _NOT_SENT or (kind is not None and "Context" in place.module.text(kind)[:200]):
                continue
            if typed and kind is None and default is None and _is_decorated_again(place.node):
                continue  # another decorator gives it: a client, a session
            fields[text] = self._field(place, kind, default)
        return _object(fields)

    def of_model(self, place: Place, depth: int = 0) -> JsonObject:
        """Return the JSON Schema of a class with annotated fields. Raises: OverBudgetError."""
        return _object(self._model_fields(place, depth))

    def of_expression(self, place: Place) -> JsonObject | None:
        """Return the schema that stands where an input schema is expected; None where it is not understood.

        Raises: OverBudgetError.
        """
        found = self._values.follow(place)
        if found is None:
            return None
        if found.node.type == "call":
            function = found.node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
            name = found.module.last_name(function)
            given = [found.at(owner)] if owner is not None and name in ("model_json_schema", "schema") else []
            for candidate in (*given, *self._values.positional(found)[:1]):
                model = self._values.follow(candidate)
                if model is not None and model.node.type == "class_definition":
                    return self.of_model(model)
        if found.node.type == "class_definition":
            return self.of_model(found)
        value = self._values.value(found)
        return value if isinstance(value, Mapping) else None

    def _model_fields(self, place: Place, depth: int) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        if depth > self._values.budget.limits.nesting:
            return fields
        for base in self._values.bases(place):
            found = self._values.follow(base, depth)
            if found is not None and found.node.type == "class_definition" and found.node != place.node:
                fields.update(self._model_fields(found, depth + 5))
        body = place.node.child_by_field_name("body")
        for statement in named(body) if body is not None else []:
            child = next(iter(named(statement)), None) if statement.type == "expression_statement" else None
            if child is None or child.type != "assignment":
                continue
            left, kind = child.child_by_field_name("left"), child.child_by_field_name("type")
            if left is None or kind is None or left.type != "identifier" or "ClassVar" in place.module.text(kind)[:40]:
                continue
            name = place.module.text(left)
            if not name.startswith("_") and name != "model_config":
                field = self._field(place, kind, child.child_by_field_name("right"), depth + 1)
                fields[field.alias or name] = field
        return fields

    def _field(self, place: Place, kind: Node | None, default: Node | None, depth: int = 0) -> Field:
        """Read one parameter or field: its annotation and its default, ``Field(…)`` in either place."""
        field = self._annotation(place.at(kind), depth) if kind is not None else Field(schema={})
        if default is None:
            return field
        followed = self._values.follow(place.at(default))
        if followed is not None and followed.node.type == "call":
            return self._configured(field, followed)
        value = self._values.value(place.at(default))
        schema = field.schema if value is UNKNOWN else {**field.schema, "default": value}
        return replace(field, schema=schema, optional=True)

    def _configured(self, field: Field, call: Place) -> Field:
        """Apply ``Field(default, description=…, ge=…)``; any other call is a default that is computed."""
        name = call.module.last_name(call.node.child_by_field_name("function"))
        if name in _INJECTED:
            return replace(field, injected=True)
        if name not in _FIELDS:
            return replace(field, optional=True)
        keywords, given = self._values.keywords(call), self._values.positional(call)
        schema = dict(field.schema)
        text = self._values.text(keywords["description"]) if "description" in keywords else None
        if text is not None:
            schema["description"] = text
        for key, word in _BOUNDS.items():
            if key in keywords and (value := self._values.value(keywords[key])) is not UNKNOWN:
                schema[word] = value
        default_at = given[0] if given else keywords.get("default")
        optional = field.optional or "default_factory" in keywords
        if default_at is not None and default_at.node.type != "ellipsis":
            optional = True
            if (value := self._values.value(default_at)) is not UNKNOWN:
                schema["default"] = value
        alias = self._values.text(keywords["alias"]) if "alias" in keywords else None
        return Field(schema=schema, optional=optional, injected=field.injected, alias=alias)

    def _annotation(self, place: Place, depth: int) -> Field:
        """Read an annotation. Raises: OverBudgetError."""
        self._values.budget.step()
        node, kind = place.node, place.node.type
        if depth > self._values.budget.limits.nesting:
            return Field(schema={})
        inner = named(node) if kind == "type" else []
        if inner:
            return self._annotation(place.at(inner[0]), depth + 1)
        if kind == "binary_operator":
            sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            return self._union([place.at(side) for side in sides if side is not None], depth)
        if kind in ("generic_type", "subscript"):
            return self._generic(place, depth)
        if kind in ("identifier", "attribute"):
            return self._named(place, depth)
        text = self._values.text(place) if kind == "string" else None
        return Field(schema={"type": "null"} if kind == "none" else _PLAIN.get(text or "", {}))

    def _named(self, place: Place, depth: int) -> Field:
        """Read a class, or the alias of an annotation: ``Kind = Literal["a", "b"]``."""
        found = self._values.follow(place, depth)
        if found is None or found.node == place.node:
            return Field(schema=_PLAIN.get(place.module.last_name(place.node) or "", {}))
        if found.node.type == "class_definition":
            return Field(schema=self._class(found, depth + 1))
        return self._annotation(found, depth + 1)

    def _generic(self, place: Place, depth: int) -> Field:
        name, *inside = named(place.node)
        if inside and inside[0].type == "type_parameter":
            inside = named(inside[0])
        word, arguments = place.module.last_name(name) or "", [place.at(child) for child in inside]
        if word == "Annotated" and arguments:
            return self._annotated(arguments, depth)
        if word in ("Optional", "Union"):
            field = self._union(arguments, depth)
            return _any_of([field.schema, {"type": "null"}]) if word == "Optional" else field
        if word in ("Required", "NotRequired", "Final") and arguments:
            return replace(self._annotation(arguments[0], depth + 1), optional=word == "NotRequired")
        schema = _PLAIN.get(word, {})
        if word == "Literal":
            values = (self._values.value(_bare(argument)) for argument in arguments)
            schema = _choice([value for value in values if value is not UNKNOWN])
        elif word in _LISTS and arguments:
            schema = {"type": "array", "items": self._annotation(arguments[0], depth + 1).schema}
        return Field(schema=schema)

    def _annotated(self, arguments: list[Place], depth: int) -> Field:
        field = self._annotation(arguments[0], depth + 1)
        for extra in arguments[1:]:
            found = self._values.follow(_bare(extra), depth)
            if found is None:
                continue
            if found.node.type == "call":
                optional = field.optional
                configured = self._configured(field, found)
                name = found.module.last_name(found.node.child_by_field_name("function"))
                is_default = name in _FIELDS or configured.injected
                field = configured if is_default else replace(configured, optional=optional)
            elif (text := self._values.text(found)) is not None and "description" not in field.schema:
                field = replace(field, schema={**field.schema, "description": text})
        return field

    def _union(self, arguments: list[Place], depth: int) -> Field:
        return _any_of([self._annotation(argument, depth + 1).schema for argument in arguments])

    def _class(self, place: Place, depth: int) -> JsonObject:
        """Read a class that is used as an annotation: an enumeration or a model."""
        names = {base.module.last_name(base.node) or "" for base in self._values.bases(place)}
        if any(name.endswith(("Enum", "Flag")) for name in names):
            values = (self._values.value(value) for value in self._values.class_values(place).values())
            return _choice([value for value in values if isinstance(value, str | int)])
        return self.of_model(place, depth + 5)


def _choice(values: list[JsonValue]) -> JsonObject:
    are_texts = bool(values) and all(isinstance(value, str) for value in values)
    return {"type": "string", "enum": values} if are_texts else {"enum": values}


def _is_decorated_again(function: Node) -> bool:
    """Say whether a function has more decorators than the one that registers it."""
    around = function.parent
    decorators = [c for c in around.named_children if c.type == "decorator"] if around is not None else []
    return len(decorators) > 1


def _parameter_name(node: Node) -> Node | None:
    if node.type == "identifier":
        return node
    return node.child_by_field_name("name") or next((c for c in node.named_children if c.type == "identifier"), None)


def _bare(place: Place) -> Place:
    """Return the expression inside the node that the grammar puts around type arguments."""
    inner = named(place.node)
    return place.at(inner[0]) if place.node.type == "type" and inner else place


def _any_of(schemas: list[JsonObject]) -> Field:
    flat: list[JsonValue] = []
    for schema in schemas:
        options = schema.get("anyOf")
        flat += options if isinstance(options, list) and len(schema) == 1 else [schema]
    return Field(schema={"anyOf": flat} if len(flat) > 1 else dict(schemas[0]) if schemas else {})


def _object(fields: Mapping[str, Field]) -> JsonObject:
    visible = {name: field for name, field in fields.items() if not field.injected}
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {name: field.schema for name, field in visible.items()},
    }
    required: list[JsonValue] = [name for name, field in visible.items() if not field.optional]
    return {**schema, "required": required} if required else schema
