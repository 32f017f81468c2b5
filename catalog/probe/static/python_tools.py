"""Find the tools that a file of Python declares: decorators, ``Tool(…)`` objects, tables, classes of tools."""

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from tree_sitter import Node

from catalog.probe.static.collector import Collector, FoundTool, attempt, is_tool_name
from catalog.probe.static.python_module import Decorated, DictSite, PythonModule
from catalog.probe.static.python_mounts import Mounts
from catalog.probe.static.python_names import Place
from catalog.probe.static.python_schema import SchemaReader
from catalog.probe.static.python_values import PythonValues
from catalog.probe.static.syntax import named
from catalog.probe.static.values import object_of
from classifier.definition import JsonObject, JsonValue

_ASKS = re.compile(
    "(?:call|list|get|has|use|run|execute|invoke|handles?|remove|delete|on|test|mock|find|requires?|is|before|after|wrap)"
    "(?:_|$)",
    re.IGNORECASE,
)
"""What is done with tools that are there."""
_HOLDER = re.compile(r"_?(?:mcp_?)?tools?(?:_?(?:registry|manager|box|kit|set))?", re.IGNORECASE)
"""Something that tools are registered with."""
_DECORATOR = re.compile(rf"tool|(?!{_ASKS.pattern})\w*_tool", re.IGNORECASE)
"""The last part of the name of a decorator that registers a tool."""
_ADDS = re.compile(r"(?:add|register)_?tool|tool", re.IGNORECASE)
"""A method that registers the function it gets."""
_OBJECTS = re.compile(r"(?:[A-Z]\w*)?Tool(?:Def|Definition|Spec|Schema|Info|Config|Description|Metadata)?")
"""A class whose instances are tools."""
_SCHEMA = ("inputSchema", "input_schema")
_ALSO_SCHEMA = ("parameters", "args_schema", "schema", "input_model", "params")
_NAMES = ("name", "tool_name")
_DESCRIPTIONS = ("description", "tool_description")
_NAMED_ELSEWHERE = re.compile(r"(?:.*\.)?_?(?:tool_?)?name|.*\[.name.\]", re.IGNORECASE | re.DOTALL)
"""``tool.name``: what passes a tool on, not what declares it."""
_GENERATORS = frozenset(("from_openapi", "from_fastapi", "as_proxy"))
"""Calls that make tools out of something that is not here."""
_REFERENCES = frozenset(("identifier", "attribute"))
_HINTS = ("title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")

# Spelling of a name that is looked at.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PythonReader:
    """Reads one module after the other into a collector."""

    values: PythonValues
    schemas: SchemaReader
    mounts: Mounts
    collector: Collector

    def read(self, module: PythonModule) -> None:
        """Add every tool that ``module`` declares. Raises: OverBudgetError where the file's time is over."""
        budget = self.values.budget
        for decorated in module.decorated:
            attempt(partial(self._decorated, module, decorated), module.name, self.collector, budget)
        for call in module.calls:
            attempt(partial(self._call, Place(module, call)), module.name, self.collector, budget)
        for site in module.dicts:
            attempt(partial(self._dict, Place(module, site.node), site), module.name, self.collector, budget)
        for row in module.tuples:
            attempt(partial(self._row, Place(module, row)), module.name, self.collector, budget)
        for definition in module.classes:
            attempt(partial(self._class, Place(module, definition)), module.name, self.collector, budget)

    def _decorated(self, module: PythonModule, decorated: Decorated) -> None:
        for decorator in decorated.decorators:
            inner = next(iter(named(decorator)), None)
            called = inner.child_by_field_name("function") if inner is not None and inner.type == "call" else inner
            name = module.last_name(called)
            if inner is None or name is None or not self._registers(module, called, name):
                continue
            call = Place(module, inner) if inner.type == "call" else None
            owner = called.child_by_field_name("object") if called is not None else None
            server = Place(module, owner) if owner is not None else None
            self._function(Place(module, decorated.function), call, server)
            return

    def _registers(self, module: PythonModule, decorator: Node | None, name: str) -> bool:
        """Say whether a decorator registers a tool: ``@x.tool``, ``@make_tool``, ``@tools.register``."""
        if _DECORATOR.fullmatch(name):
            return True
        owner = decorator.child_by_field_name("object") if decorator is not None else None
        return _HOLDER.fullmatch(module.last_name(owner) or "") is not None and _ASKS.match(name) is None

    def _call(self, call: Place) -> None:
        module = call.module
        function = call.node.child_by_field_name("function")
        name = module.last_name(function)
        if name in _GENERATORS:
            self.collector.dynamic = True
        elif name is not None and _OBJECTS.fullmatch(name):
            self._tool_object(call)
        elif name is not None and function is not None and _adds(module, function, name):
            self._added(call)
        elif function is not None and function.type == "call":
            # mcp.tool(name="x")(function)
            inner = function.child_by_field_name("function")
            inner_name = module.last_name(inner)
            if inner is not None and inner_name is not None and _adds(module, inner, inner_name):
                for one in self.values.positional(call)[:1]:
                    self._each_function(one, call.at(function))

    def _added(self, call: Place) -> None:
        given = self.values.positional(call)
        target = given[0] if given else self.values.keywords(call).get("fn")
        if target is not None and target.node.type in _REFERENCES:
            self._each_function(target, call)

    def _each_function(self, target: Place, call: Place) -> None:
        """Add the function that ``target`` names, or each of the functions that it runs through in a loop."""
        for one in self.values.each(target):
            found = self.values.follow(one)
            if found is not None and found.node.type == "function_definition":
                self._function(found, call)
            elif found is None and "name" in (keywords := self.values.keywords(call)):
                self._named(keywords["name"], keywords, call)
            elif found is None and target.node.type == "identifier":
                self.collector.dynamic = True

    def _function(self, function: Place, call: Place | None, server: Place | None = None) -> None:
        """Add a function as the call that registers it says."""
        keywords = self.values.keywords(call) if call is not None else {}
        name_at = _first(keywords, _NAMES)
        own = function.node.child_by_field_name("name")
        name = function.module.text(own) if own is not None else ""
        if name_at is not None and name_at.node.type != "none":
            given = self.values.text(name_at)
            if given is None:
                self._unnamed(name_at)
                if name not in name_at.module.text(name_at.node)[:_LONGEST_NAME]:
                    return  # else a setting may put something before it, usually nothing
            name = given or name
        elif call is not None and (positional := self.values.positional(call)):
            first = self.values.text(positional[0])
            name = first if first is not None and is_tool_name(first) else name
        self.collector.add(
            FoundTool(
                name=self.mounts.prefix(server) + name,
                description=self._text(keywords, _DESCRIPTIONS) or self._docstring(function),
                title=self._text(keywords, ("title",)),
                schema=self.schemas.of_function(function),
                annotations=self._annotations(keywords),
            ),
            function.module.name,
        )

    def _tool_object(self, call: Place) -> None:
        """Read ``Tool(name=…, description=…, inputSchema=…)``."""
        keywords = self.values.keywords(call)
        name_at = _first(keywords, _NAMES)
        is_plain = call.module.last_name(call.node.child_by_field_name("function")) == "Tool"
        if name_at is None and (given := self.values.positional(call)) and given[0].node.type in _REFERENCES:
            self._each_function(given[0], call)
            return
        if name_at is None or not (is_plain or _first(keywords, (*_DESCRIPTIONS, *_SCHEMA, *_ALSO_SCHEMA))):
            return
        self._named(name_at, keywords, call)

    def _dict(self, place: Place, site: DictSite) -> None:
        """Read a dictionary literal that has what a tool has."""
        if not _may_be_tool(place):
            return
        members = self.values.members(place)
        name_at = _first(members, _NAMES)
        certain = _first(members, _SCHEMA) is not None
        described = _first(members, _DESCRIPTIONS) is not None
        has_schema = certain or ("parameters" in members and self._is_schema(members["parameters"]))
        if (name_at is not None and (certain or (described and (has_schema or self._beside_tools(place, site))))) or (
            name_at is not None and described and site.of_tools and site.siblings is not None
        ):
            self._named(name_at, members, place)
        elif name_at is None and site.key is not None and site.of_tools and described and has_schema:
            self._named(place.at(site.key), members, place)

    def _row(self, place: Place) -> None:
        """Read ``("name", self.name, "description", {…})``: a row of a table names a function and the tool after it."""
        name_at, *rest = (place.at(child) for child in named(place.node)[:8])
        name = self.values.text(name_at)
        if name is None or not is_tool_name(name) or not any(place.module.last_name(r.node) == name for r in rest):
            return
        texts = (self.values.prose(one) for one in rest if one.node.type in ("string", "concatenated_string"))
        tables = (self.values.value(one) for one in rest if one.node.type == "dictionary")
        schema = object_of(next(tables, None))
        if schema is not None and "properties" not in schema:
            schema = {"type": "object", "properties": schema}
        self.collector.add(FoundTool(name=name, description=next(texts, None), schema=schema), place.module.name)

    def _class(self, place: Place) -> None:
        """Read a class derived from a class of tools: its ``name`` and ``description``, or what it gives its base."""
        module = place.module
        if not any("tool" in module.text(base.node)[-80:].lower() for base in self.values.bases(place)):
            return
        members = self.values.class_values(place)
        name_at = _first(members, _NAMES)
        has_more = _first(members, (*_DESCRIPTIONS, *_SCHEMA, *_ALSO_SCHEMA)) is not None
        if name_at is not None and has_more and self.values.text(name_at) is not None:
            self._named(name_at, members, place)

    def _named(self, name_at: Place, members: Mapping[str, Place], place: Place) -> None:
        name = self.values.text(name_at) or self._own_name(name_at)
        if name is None:
            self._unnamed(name_at)
            return
        schema_at = _first(members, (*_SCHEMA, *_ALSO_SCHEMA))
        self.collector.add(
            FoundTool(
                name=name,
                description=self._text(members, _DESCRIPTIONS),
                title=self._text(members, ("title",)),
                schema=self.schemas.of_expression(schema_at) if schema_at is not None else None,
                annotations=self._annotations(members),
            ),
            place.module.name,
        )

    def _own_name(self, name_at: Place) -> str | None:
        """Return what ``self.name`` is in the class around it: a class's value, or what it gives its base."""
        node, module = name_at.node, name_at.module
        owner, attribute = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if node.type != "attribute" or owner is None or attribute is None or module.text(owner) not in ("self", "cls"):
            return None
        around = next((c for c in reversed(module.classes) if c.start_byte <= node.start_byte < c.end_byte), None)
        if around is None:
            return None
        value = self.values.class_values(Place(module, around)).get(module.text(attribute))
        if value is not None:
            return self.values.text(value)
        for call in module.calls:
            if around.start_byte <= call.start_byte < around.end_byte:
                function = call.child_by_field_name("function")
                if function is not None and module.text(function) == "super().__init__":
                    place = Place(module, call)
                    given = [
                        *self.values.keywords(place).items(),
                        *(("name", p) for p in self.values.positional(place)),
                    ]
                    return next((self.values.text(p) for key, p in given if key == "name"), None)
        return None

    def _is_schema(self, place: Place) -> bool:
        schema = self.schemas.of_expression(place)
        return schema is not None and ("properties" in schema or schema.get("type") == "object")

    def _beside_tools(self, place: Place, site: DictSite) -> bool:
        """Say whether another element of the same list is certainly a tool."""
        if site.siblings is None:
            return False
        siblings = (place.at(child) for child in named(site.siblings)[:200] if child.type == "dictionary")
        return any(_first(self.values.members(sibling), _SCHEMA) is not None for sibling in siblings)

    def _text(self, members: Mapping[str, Place], keys: Iterable[str]) -> str | None:
        found = _first(members, keys)
        return self.values.prose(found) if found is not None else None

    def _annotations(self, members: Mapping[str, Place]) -> JsonObject | None:
        """Read ``annotations={…}`` and ``annotations=ToolAnnotations(readOnlyHint=True)``."""
        at = members.get("annotations")
        found = self.values.follow(at) if at is not None else None
        if found is None:
            return None
        if found.node.type != "call":
            return object_of(self.values.value(found))
        hints: dict[str, JsonValue] = {}
        for key, member in self.values.keywords(found).items():
            head, *rest = key.split("_")
            name = head + "".join(word.title() for word in rest)  # mcp 2.x writes read_only_hint
            value = self.values.value(member)
            if name in _HINTS and isinstance(value, bool | str):
                hints[name] = value
        return hints

    def _docstring(self, function: Place) -> str | None:
        body = function.node.child_by_field_name("body")
        first = next(iter(named(body)), None) if body is not None else None
        inner = next(iter(named(first)), None) if first is not None and first.type == "expression_statement" else None
        if inner is None or inner.type not in ("string", "concatenated_string"):
            return None
        text = self.values.prose(function.at(inner))
        return inspect.cleandoc(text) if text else None

    def _unnamed(self, name_at: Place) -> None:
        """Remember that a name is computed; passing on the name of something else computes none."""
        if _NAMED_ELSEWHERE.fullmatch(name_at.module.text(name_at.node)[:_LONGEST_NAME]) is None:
            self.collector.dynamic = True


def _adds(module: PythonModule, function: Node, name: str) -> bool:
    owner = function.child_by_field_name("object")
    if owner is None:
        return False
    if name == "from_function":
        return (module.last_name(owner) or "").endswith("Tool")
    return _ADDS.fullmatch(name) is not None


def _first(members: Mapping[str, Place], keys: Iterable[str]) -> Place | None:
    return next((members[key] for key in keys if key in members), None)


def _may_be_tool(place: Place) -> bool:
    """Look at the keys as written before anything is followed: most dictionaries are no tools."""
    for child in place.node.named_children:
        key = child.child_by_field_name("key") if child.type == "pair" else None
        if key is not None and key.type == "string" and place.module.text(key)[1:-1] in ("description", *_SCHEMA):
            return True
    return False
