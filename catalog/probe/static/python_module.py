"""One file of Python: its names and imports, and the places that may declare a tool."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from tree_sitter import Node

from catalog.probe.static.budget import Budget
from catalog.probe.static.scopes import UNKNOWN_BINDING, Binding, Scopes
from catalog.probe.static.syntax import named, unescaped, walk

_PREFIX = re.compile(r"[A-Za-z]*")
_TOOLS = re.compile(r"tools|tool_?(?:s|list|def|spec|schema|table|map|registry|config|catalog)", re.IGNORECASE)
_WRAPPERS = frozenset(
    [
        "list",
        "tuple",
        "set",
        "argument_list",
        "call",
        "parenthesized_expression",
        "list_splat",
        "return_statement",
        "block",
        "binary_operator",
        "expression_statement",
        "conditional_expression",
    ]
)
_CLIMB = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DictSite:
    """A dictionary literal and what holds it."""

    node: Node
    key: Node | None
    """The key whose value it is."""
    of_tools: bool
    """Whether the nearest thing with a name around it is called tools."""
    siblings: Node | None
    """The list that it is an element of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decorated:
    """A function and the decorators above it."""

    function: Node
    decorators: tuple[Node, ...]


class PythonModule:
    """What one walk over the tree collects."""

    def __init__(self, name: str, source: bytes, root: Node, budget: Budget) -> None:
        self.name = name
        """The file's, as SourceFile has it."""
        self.root = root
        self.size = len(source)
        self._source = source
        self.scopes = Scopes(len(source))
        self.decorated: list[Decorated] = []
        self.calls: list[Node] = []
        self.dicts: list[DictSite] = []
        self.tuples: list[Node] = []
        """Rows of three members and more in something that is called tools."""
        self.classes: list[Node] = []
        self.stars: list[str] = []
        """Modules of ``from … import *``."""
        self.methods: dict[str, Node | None] = {}
        """Functions inside classes by name; None where several share it."""
        self.owners: dict[int, Node] = {}
        """The class of each method, by where the method begins."""
        for node, ancestors in walk(root, budget):
            self.scopes.advance(node.start_byte)
            self._visit(node, ancestors)

    def text(self, node: Node) -> str:
        """Return the source of ``node``."""
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def prefix(self, string: Node) -> str:
        """Return the letters before a string's quotes, lower case."""
        start = next(iter(string.children), None)
        match = _PREFIX.match(self.text(start)) if start is not None else None
        return match.group().lower() if match else ""

    def fragment(self, string: Node, part: Node) -> str:
        """Return what a part of a string literal means."""
        return self.text(part) if "r" in self.prefix(string) else unescaped(self.text(part))

    def string(self, node: Node) -> str | None:
        """Return what a string literal without placeholders means."""
        parts = [part for part in node.named_children if part.type not in ("string_start", "string_end")]
        if any(part.type != "string_content" for part in parts):
            return None
        return "".join(self.fragment(node, part) for part in parts)

    def start(self, node: Node, most: int) -> str:
        """Return at most ``most`` bytes of the source of ``node``: nested ones would add up."""
        end = min(node.end_byte, node.start_byte + most)
        return self._source[node.start_byte : end].decode("utf-8", "replace")

    def last_name(self, node: Node | None) -> str | None:
        """Return the last part of a dotted name."""
        if node is not None and node.type == "attribute":
            node = node.child_by_field_name("attribute")
        return self.text(node) if node is not None and node.type == "identifier" else None

    def _visit(self, node: Node, ancestors: list[Node]) -> None:
        kind = node.type
        if kind == "function_definition":
            self._function(node, ancestors)
        elif kind == "call":
            self.calls.append(node)
        elif kind == "tuple":
            if node.named_child_count >= 3 and self._of_tools(ancestors[-_CLIMB:]):
                self.tuples.append(node)
        elif kind == "dictionary":
            self.dicts.append(self._site(node, ancestors))
        elif (read := self._KINDS.get(kind)) is not None:
            read(self, node)

    def _class(self, node: Node) -> None:
        if name := node.child_by_field_name("name"):
            self.scopes.declare(self.text(name), Binding(node=node))
            self.classes.append(node)
        self.scopes.enter(node)

    def _block(self, node: Node) -> None:
        self.scopes.enter(node)

    def _parameters(self, node: Node) -> None:
        for child in named(node)[:200]:
            name = child.child_by_field_name("name") or (child if child.type == "identifier" else None)
            name = name or next((c for c in child.named_children if c.type == "identifier"), None)
            if name is not None:
                self.scopes.declare(self.text(name), UNKNOWN_BINDING)

    def _augmented(self, node: Node) -> None:
        if (left := node.child_by_field_name("left")) and left.type == "identifier":
            self.scopes.declare(self.text(left), UNKNOWN_BINDING)

    def _loop(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and left.type == "identifier":
            self.scopes.declare(self.text(left), Binding(node=right, each=True))

    def _decorated(self, node: Node) -> None:
        function = node.child_by_field_name("definition")
        if function is not None and function.type == "function_definition":
            decorators = tuple(child for child in node.named_children if child.type == "decorator")
            self.decorated.append(Decorated(function=function, decorators=decorators))

    def _function(self, node: Node, ancestors: list[Node]) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            text = self.text(name)
            self.scopes.declare(text, Binding(node=node))
            holder = next(
                (a for a in reversed(ancestors[-4:]) if a.type in ("class_definition", "function_definition")), None
            )
            if holder is not None and holder.type == "class_definition":
                self.methods[text] = None if text in self.methods else node
                self.owners[node.start_byte] = holder
        self.scopes.enter(node, function=True)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and left.type == "identifier" and right is not None:
            self.scopes.declare(self.text(left), Binding(node=right))

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("module_name")
        specifier = self.text(source) if source else None
        if any(child.type == "wildcard_import" for child in node.named_children) and specifier is not None:
            self.stars.append(specifier)
        for one in node.children_by_field_name("name"):
            alias, name = one.child_by_field_name("alias"), one.child_by_field_name("name") or one
            target = self.text(name)
            if specifier is not None:
                self.scopes.declare(self.text(alias or name), Binding(specifier=specifier, member=target))
            elif alias is not None:
                self.scopes.declare(self.text(alias), Binding(specifier=target))
            else:
                self.scopes.declare(target.partition(".")[0], Binding(specifier=target.partition(".")[0]))

    def _site(self, node: Node, ancestors: list[Node]) -> DictSite:
        parent = ancestors[-1] if ancestors else node
        key = parent.child_by_field_name("key") if parent.type == "pair" else None
        return DictSite(
            node=node,
            key=key,
            of_tools=self._of_tools(ancestors[-_CLIMB - 2 : -2] if key is not None else ancestors[-_CLIMB:]),
            siblings=parent if parent.type == "list" else None,
        )

    def _of_tools(self, ancestors: list[Node]) -> bool:
        """Say whether the nearest ancestor with a name is called tools."""
        for node in reversed(ancestors):
            name: Node | None = None
            if node.type == "call":
                function = node.child_by_field_name("function")
                name = function.child_by_field_name("object") if function is not None else None  # tools.append({…})
            elif node.type not in _WRAPPERS:
                fields = (node.child_by_field_name(field) for field in ("key", "name", "left"))
                name = next((field for field in fields if field is not None), None)
            if name is not None and _TOOLS.search(self.start(name, 80)) is not None:
                return True
            if node.type not in _WRAPPERS:
                return False
        return False

    _KINDS: ClassVar[Mapping[str, Callable[["PythonModule", Node], None]]] = {
        "class_definition": _class,
        "lambda": _block,
        "list_comprehension": _block,
        "set_comprehension": _block,
        "dictionary_comprehension": _block,
        "parameters": _parameters,
        "lambda_parameters": _parameters,
        "assignment": _assignment,
        "augmented_assignment": _augmented,
        "for_statement": _loop,
        "for_in_clause": _loop,
        "import_from_statement": _import,
        "import_statement": _import,
        "decorated_definition": _decorated,
    }
