"""Find the tools that a file of JavaScript or TypeScript declares: calls that register, object literals, classes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from catalog.probe.static.collector import Collector, FoundTool, attempt, is_tool_name
from catalog.probe.static.javascript import REGISTERS, ClassSite, JavaScriptModule, ObjectSite
from catalog.probe.static.javascript_names import Place
from catalog.probe.static.javascript_values import JavaScriptValues
from catalog.probe.static.syntax import named
from catalog.probe.static.values import object_of
from catalog.probe.static.zod import SchemaReader
from classifier.definition import JsonObject

_SCHEMA = ("inputSchema", "input_schema")
"""Keys that only tools have."""
_ALSO_SCHEMA = [
    "parameters",
    "paramsSchema",
    "argsSchema",
    "inputShape",
    "argsShape",
    "paramsShape",
    "zodSchema",
    "paramSchema",
    "schema",
    "params",
    "args",
    "input",
]
"""Keys that other things have, too."""
_HANDLERS = frozenset(["execute", "tool", "handler", "handle", "run", "call", "callback", "cb", "func", "fn", "invoke"])
_NAMES = ("name", "toolName")
_DESCRIPTIONS = ("description", "toolDescription")
_HINTS = frozenset(("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"))
_CONFIGURATION = _HINTS | {"description", "inputSchema", "outputSchema", "annotations", "title"}
_EXPORTED = frozenset((*_NAMES, "method", "title", "annotations", *_DESCRIPTIONS, *_SCHEMA, *_ALSO_SCHEMA, *_HANDLERS))
"""What a file exports that is a tool."""
_FUNCTIONS = frozenset(("arrow_function", "function_expression", "function_declaration"))
_CALLABLE = frozenset(
    ["arrow_function", "function_expression", "identifier", "member_expression", "call_expression", "await_expression"]
)
_NAMED_ELSEWHERE = re.compile(r"(?:.*[.?])?_?(?:tool_?)?name", re.IGNORECASE | re.DOTALL)
"""``tool.name``, ``name``: what passes a tool on, not what declares it."""

# Spelling of a name that is looked at.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class JavaScriptReader:
    """Reads one module after the other into a collector."""

    values: JavaScriptValues
    schemas: SchemaReader
    collector: Collector

    def read(self, module: JavaScriptModule) -> None:
        """Add every tool that ``module`` declares. Raises: OverBudgetError where the file's time is over."""
        budget = self.values.budget
        for call in module.calls:
            attempt(partial(self._call, Place(module, call)), module.name, self.collector, budget)
        for site in module.objects:
            attempt(partial(self._object, Place(module, site.node), site), module.name, self.collector, budget)
        attempt(partial(self._module, Place(module, module.root)), module.name, self.collector, budget)
        for owner in module.classes:
            attempt(partial(self._class, Place(module, owner.node), owner), module.name, self.collector, budget)

    def _call(self, place: Place) -> None:
        """Read ``x.tool(name, …, handler)`` and ``x.registerTool(name, {…}, handler)``; the name may come second."""
        arguments = place.node.child_by_field_name("arguments")
        given = [place.at(child) for child in named(arguments)] if arguments else []
        if len(given) < 2 or given[-1].node.type not in _CALLABLE | {"object"}:
            return
        function = place.node.child_by_field_name("function")
        is_method = function is not None and function.type == "member_expression"
        # A function of the server's own takes the server first: registerTool(server, "name", …).
        for index in range(1 if is_method else 2):
            name = self.values.text(given[index])
            rest = given[index + 1 :]
            if name is not None and is_tool_name(name) and rest:
                self._registered(name, rest, place)
                return
        if given[-1].node.type in _FUNCTIONS:
            self._unnamed(given[0])

    def _registered(self, name: str, rest: list[Place], place: Place) -> None:
        found = FoundTool(name=name)
        for argument in rest:
            value = self.values.follow(argument)
            if value is None or value.node.type in _FUNCTIONS:
                continue
            if value.node.type == "object":
                found = self._with_object(found, value)
            elif (text := self.values.prose(value)) is not None:
                found = replace(found, description=found.description or text)
            elif found.schema is None:
                found = replace(found, schema=self.schemas.input_schema(value))
        if found != FoundTool(name=name) or len(rest) > 1 or rest[-1].node.type in _FUNCTIONS:
            self.collector.add(found, place.module.name)

    def _with_object(self, found: FoundTool, value: Place) -> FoundTool:
        """Add what an object argument says: configuration, annotations, or the shape of the arguments."""
        members = self.values.members(value)
        if not members.keys() & _CONFIGURATION or self._is_shape(members):
            return found if found.schema is not None else replace(found, schema=self.schemas.input_schema(value))
        if members.keys() <= _HINTS | {"title"}:
            return replace(found, annotations=object_of(self.values.value(value)))
        said = self._from_members(found.name, members)
        return FoundTool(
            name=found.name,
            description=said.description or found.description,
            title=said.title or found.title,
            schema=found.schema if said.schema is None else said.schema,
            annotations=said.annotations or found.annotations,
        )

    def _is_shape(self, members: Mapping[str, Place]) -> bool:
        """Say whether an object is a shape whose arguments happen to be called title or description."""
        return "inputSchema" not in members and any(self.schemas.is_built(member) for member in members.values())

    def _object(self, place: Place, site: ObjectSite) -> None:
        """Read an object literal that has what a tool has."""
        if not _may_be_tool(place):
            return
        members = self.values.members(place)
        name_at = _first(members, _NAMES)
        certain = _first(members, _SCHEMA) is not None
        has_schema = certain or self._has_schema(members)
        in_call = site.call is not None and REGISTERS.fullmatch(site.call) is not None
        among_tools = in_call or site.of_tools or has_schema or self._beside_tools(place, site)
        described = _first(members, _DESCRIPTIONS) is not None
        if name_at is None:
            name = site.key if site.of_tools and described and has_schema else None
        else:
            name = self.values.text(name_at) if certain or (described and among_tools) else None
            if name is None and certain:
                self._unnamed(name_at)
        if name is not None and is_tool_name(name):
            self.collector.add(self._from_members(name, members), place.module.name)

    def _has_schema(self, members: Mapping[str, Place]) -> bool:
        """Say whether a member that may hold a schema does; most keys count only beside what runs the tool."""
        for key in _ALSO_SCHEMA if members.keys() & _HANDLERS else ("parameters",):
            schema = self.schemas.input_schema(members[key]) if key in members else None
            if schema is not None and ("properties" in schema or schema.get("type") == "object"):
                found = self.values.follow(members[key])
                return found is not None and (found.node.type != "object" or self._is_schema(found))
        return False

    def _is_schema(self, place: Place) -> bool:
        members = self.values.members(place)
        if "properties" in members or ("type" in members and self.values.text(members["type"]) == "object"):
            return True
        return bool(members) and self._is_shape(members)

    def _beside_tools(self, place: Place, site: ObjectSite) -> bool:
        """Say whether another element of the same list is certainly a tool."""
        if site.array is None:
            return False
        siblings = (place.at(child) for child in named(site.array)[:200] if child.type == "object")
        return any(_first(self.values.members(sibling), _SCHEMA) is not None for sibling in siblings)

    def _class(self, place: Place, site: ClassSite) -> None:
        """Read a class whose fields say what a tool says."""
        fields = self.values.class_fields(place)
        name_at, description_at = _first(fields, _NAMES), _first(fields, _DESCRIPTIONS)
        if name_at is None or description_at is None:
            return
        name = self.values.text(name_at)
        has_schema = _first(fields, (*_SCHEMA, *_ALSO_SCHEMA)) is not None
        if name is not None and is_tool_name(name) and ("tool" in site.base.lower() or has_schema):
            self.collector.add(self._from_members(name, fields), place.module.name)

    def _module(self, place: Place) -> None:
        """Read a file that is a tool: it exports a name, a description, a schema and what runs it."""
        exported = self.values.exports(place.module, _EXPORTED)
        name_at, schema_at = _first(exported, (*_NAMES, "method")), _first(exported, (*_SCHEMA, *_ALSO_SCHEMA))
        if name_at is None or schema_at is None or _first(exported, _DESCRIPTIONS) is None:
            return
        name = self.values.text(name_at)
        if name is not None and is_tool_name(name) and exported.keys() & _HANDLERS:
            self.collector.add(self._from_members(name, exported), place.module.name)

    def _from_members(self, name: str, members: Mapping[str, Place]) -> FoundTool:
        return FoundTool(
            name=name,
            description=self._text(members, _DESCRIPTIONS),
            title=self._text(members, ("title",)),
            schema=self._schema(members),
            annotations=object_of(self.values.value(members["annotations"])) if "annotations" in members else None,
        )

    def _text(self, members: Mapping[str, Place], keys: Iterable[str]) -> str | None:
        found = _first(members, keys)
        return self.values.prose(found) if found is not None else None

    def _schema(self, members: Mapping[str, Place]) -> JsonObject | None:
        found = _first(members, (*_SCHEMA, *_ALSO_SCHEMA))
        return self.schemas.input_schema(found) if found is not None else None

    def _unnamed(self, name_at: Place) -> None:
        """Remember that a name is computed; passing on the name of something else computes none."""
        text = name_at.module.text(name_at.node)[:_LONGEST_NAME]
        if name_at.node.type not in ("string", "object") and _NAMED_ELSEWHERE.fullmatch(text) is None:
            self.collector.dynamic = True


def _first(members: Mapping[str, Place], keys: Iterable[str]) -> Place | None:
    return next((members[key] for key in keys if key in members), None)


def _may_be_tool(place: Place) -> bool:
    """Look at the keys as written before anything is followed: most objects are no tools."""
    keys = set()
    for child in place.node.named_children:
        key = child.child_by_field_name("key") if child.type == "pair" else None
        if child.type == "shorthand_property_identifier":
            keys.add(place.module.text(child))
        elif child.type == "method_definition":
            key = child.child_by_field_name("name")
        if key is not None and (name := place.module.key(key)) is not None:
            keys.add(name)
    return bool(keys & {*_SCHEMA, *_DESCRIPTIONS})
