"""One file of JavaScript or TypeScript: its names, imports and exports, and the places that may declare a tool."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from tree_sitter import Node

from catalog.probe.static.budget import Budget
from catalog.probe.static.scopes import DECLARED, UNKNOWN_BINDING, Binding, Scopes
from catalog.probe.static.syntax import named, unescaped, walk

REGISTERS = re.compile(
    r"(?:tool|.*(?:register|add|define|create|make|declare|build|new|server|mcp).*tool)(?:Definition|Handler|Task)?",
    re.IGNORECASE,
)
"""The last part of the name of a function that registers a tool."""

_TOOLS = re.compile(
    r"tools|tool_?(?:s|list|def\w*|spec\w*|schema\w*|table|map|registry|config\w*|catalog\w*)\b", re.IGNORECASE
)
"""Part of the name of something that holds tools."""

_FUNCTIONS = frozenset(
    [
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
        "function",
    ]
)
_KEYS = frozenset(("property_identifier", "number", "private_property_identifier", "shorthand_property_identifier"))
_BLOCKS = frozenset(["statement_block", "for_statement", "for_in_statement", "class_body", "switch_body"])
_PARAMETERS = frozenset(["formal_parameters", "required_parameter", "optional_parameter", "rest_pattern"])
_WRAPPERS = frozenset(
    [
        "array",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "arguments",
        "call_expression",
        "new_expression",
        "spread_element",
        "return_statement",
        "statement_block",
        "arrow_function",
        "function_expression",
        "type_assertion",
        "ternary_expression",
        "await_expression",
    ]
)

_RETURNS = frozenset(
    [
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "return_statement",
        "statement_block",
        "arrow_function",
        "function_expression",
    ]
)

# Ancestors that are looked at to find what an object literal is part of.
_CLIMB = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSite:
    """An object literal and what holds it."""

    node: Node
    key: str | None
    """The property whose value it is."""
    array: Node | None
    """The list that it is an element of."""
    of_tools: bool
    """Whether the nearest thing with a name around it is called tools."""
    call: str | None
    """The function that it is given to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSite:
    """The body of a class."""

    node: Node
    base: str
    """What it is derived from, as written and cut short; empty for nothing."""


class JavaScriptModule:
    """What one walk over the tree collects."""

    def __init__(self, name: str, source: bytes, root: Node, budget: Budget) -> None:
        self.name = name
        """The file's, as SourceFile has it."""
        self.root = root
        self.size = len(source)
        self._source = source
        self.scopes = Scopes(len(source))
        self.calls: list[Node] = []
        """Calls whose function is called like one that registers a tool."""
        self.objects: list[ObjectSite] = []
        self.classes: list[ClassSite] = []
        self.exports: dict[str, Binding] = {}
        self.exported: set[str] = set()
        """Names that are exported where they are declared."""
        self.stars: list[str] = []
        """Modules that are exported again as a whole."""
        self._members: dict[tuple[int | None, str, str], Node | None] = {}
        self._assigned: list[tuple[str, str | None, Node]] = []
        for node, ancestors in walk(root, budget):
            self.scopes.advance(node.start_byte)
            self._visit(node, ancestors)
        for owner, member, value in self._assigned:
            if member is None:
                self.scopes.assign(owner, value.start_byte, value)
            else:
                self._assign_member(owner, member, value)

    def text(self, node: Node) -> str:
        """Return the source of ``node``."""
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def start(self, node: Node, most: int) -> str:
        """Return at most ``most`` bytes of the source of ``node``: nested ones would add up."""
        end = min(node.end_byte, node.start_byte + most)
        return self._source[node.start_byte : end].decode("utf-8", "replace")

    def string(self, node: Node) -> str:
        """Return what a string literal means."""
        return unescaped(self.text(node)[1:-1])

    def key(self, node: Node) -> str | None:
        """Return the name of a property; None for a computed one."""
        if node.type == "string":
            return self.string(node)
        if node.type in _KEYS:
            return self.text(node)
        if node.type == "computed_property_name":
            inner = named(node)
            return self.string(inner[0]) if inner and inner[0].type == "string" else None
        return None

    def callee(self, call: Node) -> str | None:
        """Return the last part of the name of the function that ``call`` calls, or of the class that it makes."""
        function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        for _ in range(4):
            if function is None:
                return None
            if function.type == "identifier":
                return self.text(function)
            if function.type == "member_expression":
                function = function.child_by_field_name("property")
                return None if function is None else self.text(function)
            inner = named(function)
            if function.type not in ("parenthesized_expression", "sequence_expression") or not inner:
                return None
            function = inner[-1]
        return None

    def member(self, owner: Node, name: str, prop: str) -> Node | None:
        """Return what was assigned to ``name.prop``, the name seen from ``owner``."""
        return self._members.get((self.scopes.owner(name, owner.start_byte), name, prop))

    def parameter_member(self, function: Node, prop: str) -> Node | None:
        """Return what ``function`` assigns to a member of its first parameter: how enumerations are compiled."""
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        if parameters is None:
            return None
        first = parameters if parameters.type == "identifier" else next(iter(named(parameters)), None)
        if first is None or first.type != "identifier":
            return None
        return self._members.get((self.scopes.scope_of(function), self.text(first), prop))

    def _visit(self, node: Node, ancestors: list[Node]) -> None:
        kind = node.type
        if kind in _FUNCTIONS:
            self._function(node)
        elif kind in _BLOCKS:
            self.scopes.enter(node)
            if kind == "class_body":
                self.classes.append(self._class_site(node, ancestors))
        elif kind == "identifier" and ancestors and ancestors[-1].type in _PARAMETERS:
            self.scopes.declare(self.text(node), UNKNOWN_BINDING)
        elif kind == "variable_declarator":
            self._declarator(node, hoisted=bool(ancestors) and ancestors[-1].type == "variable_declaration")
        elif kind == "object":
            self.objects.append(self._site(node, ancestors))
        elif (read := self._KINDS.get(kind)) is not None:
            read(self, node)

    def _registering_call(self, node: Node) -> None:
        callee = self.callee(node)
        if callee is not None and REGISTERS.fullmatch(callee):
            self.calls.append(node)

    def _named_declaration(self, node: Node) -> None:
        if name := node.child_by_field_name("name"):
            self.scopes.declare(self.text(name), Binding(node=node))

    def _function(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None and node.type in ("function_declaration", "generator_function_declaration"):
            self.scopes.declare(self.text(name), Binding(node=node))
        self.scopes.enter(node, function=True)
        single = node.child_by_field_name("parameter")
        if single is not None:
            self.scopes.declare(self.text(single), UNKNOWN_BINDING)

    def _parameters(self, node: Node) -> None:
        """Bind what is taken apart in a parameter list: ``({name, args: {id}}, rest = 1)``."""
        level = named(node)
        for _ in range(4):
            deeper: list[Node] = []
            for child in level[:200]:
                if child.type in ("identifier", "shorthand_property_identifier_pattern"):
                    self.scopes.declare(self.text(child), UNKNOWN_BINDING)
                elif child.type == "assignment_pattern":
                    left = child.child_by_field_name("left")
                    deeper += [left] if left else []
                elif child.type == "pair_pattern":
                    value = child.child_by_field_name("value")
                    deeper += [value] if value else []
                elif child.type.endswith("_pattern") or child.type in _PARAMETERS:
                    deeper += named(child)
            level = deeper

    def _declarator(self, node: Node, *, hoisted: bool) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        if name.type == "identifier":
            self.scopes.declare(self.text(name), Binding(node=value) if value else DECLARED, hoisted=hoisted)
        elif name.type == "object_pattern":
            for part in named(name)[:500]:
                key, local = part, part
                if part.type == "pair_pattern":
                    key = part.child_by_field_name("key") or part
                    local = part.child_by_field_name("value") or part
                if part.type in ("pair_pattern", "shorthand_property_identifier_pattern"):
                    binding = Binding(node=value, member=self.text(key)) if value else UNKNOWN_BINDING
                    self.scopes.declare(self.text(local), binding, hoisted=hoisted)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or self.start(right, 6) == "void 0":
            return
        if left.type == "identifier":
            self._assigned.append((self.text(left), None, right))
        elif left.type in ("member_expression", "subscript_expression"):
            owner = left.child_by_field_name("object")
            name = left.child_by_field_name("property") or left.child_by_field_name("index")
            if owner is None or name is None or owner.type not in ("identifier", "this"):
                return
            key = self.string(name) if name.type == "string" else self.text(name)
            if len(key) <= 200:
                self._assigned.append((self.text(owner), key, right))

    def _assign_member(self, name: str, member: str, value: Node) -> None:
        owner = self.scopes.owner(name, value.start_byte)
        if name == "exports" and owner is None:
            self.exports.setdefault(member, Binding(node=value))
        outer = None if owner is None else self.scopes.owner(name, value.start_byte, above=owner)
        for scope in {owner, outer}:
            key = (scope, name, member)
            self._members[key] = value if key not in self._members else None

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        if source is None or clause is None:
            return
        specifier = self.string(source)
        for part in named(clause):
            if part.type == "identifier":
                self.scopes.declare(self.text(part), Binding(specifier=specifier, member="default"))
            elif part.type == "namespace_import" and (inner := named(part)):
                self.scopes.declare(self.text(inner[0]), Binding(specifier=specifier))
            elif part.type == "named_imports":
                for one in named(part):
                    name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                    if name is not None:
                        binding = Binding(specifier=specifier, member=self.text(name))
                        self.scopes.declare(self.text(alias or name), binding)

    def _export(self, node: Node) -> None:
        source, value = node.child_by_field_name("source"), node.child_by_field_name("value")
        specifier = self.string(source) if source else None
        if value is not None:
            self.exports["default"] = Binding(node=value)
        if declaration := node.child_by_field_name("declaration"):
            declared = [declaration, *named(declaration)]
            names = (one.child_by_field_name("name") for one in declared)
            self.exported.update(self.text(name) for name in names if name is not None)
            return
        clause = next((child for child in node.named_children if child.type == "export_clause"), None)
        if clause is None:
            if specifier is not None:
                self.stars.append(specifier)
            return
        for one in named(clause):
            name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
            if name is not None:
                node_or_module = (
                    Binding(specifier=specifier, member=self.text(name)) if specifier else Binding(node=name)
                )
                self.exports[self.text(alias or name)] = node_or_module

    def _class_site(self, body: Node, ancestors: list[Node]) -> ClassSite:
        around = ancestors[-1].named_children if ancestors else []
        heritage = next((child for child in around if child.type == "class_heritage"), None)
        return ClassSite(node=body, base=self.start(heritage, 200) if heritage is not None else "")

    def _site(self, node: Node, ancestors: list[Node]) -> ObjectSite:
        parent = ancestors[-1] if ancestors else node
        key = parent.child_by_field_name("key") if parent.type == "pair" else None
        return ObjectSite(
            node=node,
            key=self.key(key) if key is not None else None,
            array=parent if parent.type == "array" else None,
            of_tools=self._of_tools(ancestors[-_CLIMB - 2 : -2] if key is not None else ancestors[-_CLIMB:]),
            call=self._call_around(ancestors[-_CLIMB:]) if key is None else None,
        )

    def _call_around(self, ancestors: list[Node]) -> str | None:
        """Return the function that an object is given to, directly or as what a function given to it returns."""
        for node, outer in zip(reversed(ancestors), reversed(ancestors[:-1]), strict=False):
            if node.type == "arguments":
                return self.callee(outer)
            if node.type not in _RETURNS:
                return None
        return None

    def _of_tools(self, ancestors: list[Node]) -> bool:
        """Say whether the nearest ancestor with a name is called tools."""
        for node in reversed(ancestors):
            name: Node | None = None
            if node.type in _WRAPPERS:
                function = node.child_by_field_name("function")
                if function is not None and function.type == "member_expression":
                    name = function.child_by_field_name("object")  # tools.push({…})
            else:
                fields = (node.child_by_field_name(field) for field in ("key", "name", "left", "property"))
                name = next((field for field in fields if field is not None), None)
                if name is None:
                    return False
            if name is not None and _TOOLS.search(self.start(name, 80)) is not None:
                return True
            if node.type not in _WRAPPERS:
                return False
        return False

    _KINDS: ClassVar[Mapping[str, Callable[["JavaScriptModule", Node], None]]] = {
        "formal_parameters": _parameters,
        "class_declaration": _named_declaration,
        "enum_declaration": _named_declaration,
        "assignment_expression": _assignment,
        "import_statement": _import,
        "export_statement": _export,
        "call_expression": _registering_call,
    }
