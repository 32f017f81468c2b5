"""Parse source with tree-sitter and walk the tree without recursion, both within a budget.

Trees are walked with cursors, not queries: a query's predicates take twenty times as long, and cannot be cancelled.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib import import_module

from tree_sitter import Language, Node, Parser

from catalog.probe.static.budget import Budget, OverBudgetError


class Grammar(StrEnum):
    """A language that can be parsed."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TSX = "tsx"


_GRAMMARS = {
    Grammar.PYTHON: ("tree_sitter_python", "language"),
    Grammar.JAVASCRIPT: ("tree_sitter_javascript", "language"),
    Grammar.TYPESCRIPT: ("tree_sitter_typescript", "language_typescript"),
    Grammar.TSX: ("tree_sitter_typescript", "language_tsx"),
}

# Bytes that the parser asks for at once, and nodes between two looks at the clock.
_CHUNK = 64 * 1024
_NODES = 4096

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r?\n)|(.))"
)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}


def parse(source: bytes, grammar: Grammar, budget: Budget) -> Node:
    """Return the root of the syntax tree; broken syntax is marked in it. Raises: OverBudgetError."""
    parser = Parser(_language(grammar))
    try:
        tree = parser.parse(
            lambda offset, _: source[offset : offset + _CHUNK], progress_callback=lambda *_: budget.late()
        )
    except ValueError as error:
        raise OverBudgetError("parsing it takes too long") from error
    return tree.root_node


def walk(root: Node, budget: Budget) -> Iterator[tuple[Node, list[Node]]]:
    """Yield every node, parents first, with its ancestors, outermost first (one list that changes as the walk goes on).

    Raises: OverBudgetError.
    """
    cursor = root.walk()
    ancestors: list[Node] = []
    count = 0
    while True:
        node = cursor.node
        if node is None:
            return
        count += 1
        if count % _NODES == 0:
            budget.check()
        if node.is_named:
            yield node, ancestors
        if cursor.goto_first_child():
            ancestors.append(node)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            ancestors.pop()


def named(node: Node) -> list[Node]:
    """Return the node's children without punctuation and comments."""
    return [child for child in node.named_children if child.type != "comment"]


def unescaped(text: str) -> str:
    r"""Return what a string literal's text means: ``\n``, ``\u0041`` and the like, of Python and JavaScript alike."""
    if "\\" not in text:
        return text
    joined = _ESCAPE.sub(_character, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 16), (5, 8)):
        if digits := match[group]:
            code = int(digits, base)
            return chr(code) if code < 0x110000 else "\N{REPLACEMENT CHARACTER}"
    if match[6]:
        return ""
    return _SHORT.get(match[7], match[7])


@cache
def _language(grammar: Grammar) -> Language:
    """Load a grammar when the first file needs it."""
    module, function = _GRAMMARS[grammar]
    return Language(getattr(import_module(module), function)())
