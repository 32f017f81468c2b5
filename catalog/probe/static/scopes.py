"""Which name means what where: the bindings of one file by the scope that holds them."""

from bisect import bisect_right
from dataclasses import dataclass

from tree_sitter import Node

# Scopes that are climbed to find a name, innermost first.
_CLIMB = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a name stands for. Without node and specifier it is known to be unknown: a parameter, or assigned twice."""

    node: Node | None = None
    """The expression, function or class that it was given."""
    specifier: str | None = None
    """The module that it is imported from, as written."""
    member: str | None = None
    """The member of the module or expression that it names; None for the whole."""
    each: bool = False
    """It stands for each element of the expression in turn (a loop)."""


UNKNOWN_BINDING = Binding()

DECLARED = Binding(member="")
"""A name without a value yet."""


class Scopes:
    """Filled while a tree is walked in order, then asked by position."""

    def __init__(self, end: int) -> None:
        self._starts = [0]
        self._ends = [end + 1]
        self._parents = [-1]
        self._functions = [True]
        self._tables: list[dict[str, Binding]] = [{}]
        self._open = [0]

    def advance(self, position: int) -> None:
        """Leave the scopes that end before ``position``."""
        while len(self._open) > 1 and self._ends[self._open[-1]] <= position:
            self._open.pop()

    def enter(self, node: Node, *, function: bool = False) -> None:
        """Open the scope of ``node``; call it in the order of the source."""
        self._starts.append(node.start_byte)
        self._ends.append(node.end_byte)
        self._parents.append(self._open[-1])
        self._functions.append(function)
        self._tables.append({})
        self._open.append(len(self._starts) - 1)

    def declare(self, name: str, binding: Binding, *, hoisted: bool = False, outside: bool = False) -> None:
        """Bind ``name`` in the open scope; in its function's where ``hoisted``, around it where ``outside``.

        A second binding that differs makes the name unknown.
        """
        index = self._open[-1]
        if outside:
            index = max(self._parents[index], 0)
        while hoisted and not self._functions[index]:
            index = self._parents[index]
        self._bind(index, name, binding)

    def assign(self, name: str, position: int, node: Node) -> None:
        """Bind what was declared before without a value, wherever it was."""
        owner = self.owner(name, position)
        if owner is not None:
            self._bind(owner, name, Binding(node=node))

    def owner(self, name: str, position: int, *, above: int | None = None) -> int | None:
        """Return the scope that binds ``name`` as seen from ``position`` (or from around the scope ``above``)."""
        index = self._innermost(position) if above is None else self._parents[above]
        for _ in range(_CLIMB):
            if index < 0:
                return None
            if name in self._tables[index]:
                return index
            index = self._parents[index]
        return None

    def lookup(self, name: str, position: int) -> Binding | None:
        """Return what ``name`` stands for at ``position``; None where this file does not bind it."""
        owner = self.owner(name, position)
        return None if owner is None else self._tables[owner][name]

    def scope_of(self, node: Node) -> int:
        """Return the scope that begins with ``node``."""
        return self._innermost(node.start_byte)

    @property
    def top(self) -> dict[str, Binding]:
        """The bindings of the file itself."""
        return self._tables[0]

    def _bind(self, index: int, name: str, binding: Binding) -> None:
        table = self._tables[index]
        before = table.get(name)
        if before is None or (before == DECLARED and binding != DECLARED):
            table[name] = binding
        elif binding not in (DECLARED, before):
            table[name] = UNKNOWN_BINDING

    def _innermost(self, position: int) -> int:
        index = bisect_right(self._starts, position) - 1
        for _ in range(_CLIMB):
            if index <= 0 or self._ends[index] > position:
                break
            index = self._parents[index]
        return max(index, 0)
