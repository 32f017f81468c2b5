"""Read constants of Python as JSON values."""

import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from tree_sitter import Node

from catalog.probe.static.python_names import SEQUENCES, Place, PythonNames, returned_by
from catalog.probe.static.syntax import named
from catalog.probe.static.values import TEXT_LENGTH, UNKNOWN, Value, concatenated, joined, negated, number

if TYPE_CHECKING:
    from classifier.definition import JsonValue

_WORDS: Mapping[str, Value] = {"true": True, "false": False, "none": None}


class PythonValues(PythonNames):
    """Reads values across the files of one package."""

    def value(self, place: Place, depth: int = 0) -> Value:
        """Return the JSON value of a constant expression; in dictionaries, what is unknown is left out.

        Raises: OverBudgetError.
        """
        found = self.follow(place, depth)
        if found is None or depth > self.budget.limits.nesting:
            return UNKNOWN
        kind = found.node.type
        value: Value
        if kind in SEQUENCES:
            values = (self.value(element, depth + 1) for element in self.elements(found, depth))
            value = [one for one in values if one is not UNKNOWN]
        elif kind in _WORDS:
            value = _WORDS[kind]
        elif kind in ("integer", "float"):
            value = number(found.module.start(found.node, 80))
        else:
            read = self._KINDS.get(kind)
            value = read(self, found, depth) if read is not None else UNKNOWN
        self.budget.step(len(value) if isinstance(value, str) else 0)
        return value

    def text(self, place: Place, depth: int = 0) -> str | None:
        """Return the value of a constant string, or None for anything else. Raises: OverBudgetError."""
        value = self.value(place, depth)
        return value if isinstance(value, str) else None

    def prose(self, place: Place, depth: int = 0) -> str | None:
        """Return a text that people read, with an ellipsis for each part that only a running program knows.

        Raises: OverBudgetError.
        """
        found = self.follow(place, depth)
        if found is None or depth > self.budget.limits.nesting:
            return None
        text = self.text(found, depth)
        if text is not None:
            return text
        node, kind = found.node, found.node.type
        if kind == "string":
            parts = [part for part in node.named_children if part.type not in ("string_start", "string_end")]
        elif kind == "concatenated_string":
            parts = named(node)
        elif kind == "binary_operator" and (left := node.child_by_field_name("left")):
            right = node.child_by_field_name("right")
            parts = [left, *([right] if right is not None else [])]
        else:
            return None
        pieces = [self._piece(found, part, depth + 1) for part in parts]
        if all(piece is None for piece in pieces):
            return None
        return "".join("…" if piece is None else piece for piece in pieces)[:TEXT_LENGTH]

    def _piece(self, string: Place, part: Node, depth: int) -> str | None:
        if part.type == "string_content":
            return string.module.fragment(string.node, part)
        if part.type == "interpolation":
            inner = part.child_by_field_name("expression")
            return self.prose(string.at(inner), depth) if inner is not None else None
        return self.prose(string.at(part), depth)

    def _string(self, place: Place, depth: int) -> Value:
        whole: Value = ""
        if "b" in place.module.prefix(place.node):
            return UNKNOWN
        for part in place.node.named_children:
            piece: Value = UNKNOWN
            if part.type == "string_content":
                piece = place.module.fragment(place.node, part)
            elif part.type == "interpolation" and (inner := part.child_by_field_name("expression")):
                piece = self.value(place.at(inner), depth + 1)
                piece = str(piece) if isinstance(piece, int) and not isinstance(piece, bool) else piece
            elif part.type in ("string_start", "string_end"):
                continue
            whole = concatenated(whole, piece)
        return whole

    def _concatenated(self, place: Place, depth: int) -> Value:
        whole: Value = ""
        for part in named(place.node):
            whole = concatenated(whole, self._string(place.at(part), depth))
        return whole

    def _unary(self, place: Place, depth: int) -> Value:
        inner = named(place.node)
        is_minus = place.module.start(place.node, 1) == "-"
        return negated(self.value(place.at(inner[0]), depth + 1)) if is_minus and inner else UNKNOWN

    def _binary(self, place: Place, depth: int) -> Value:
        left, right = place.node.child_by_field_name("left"), place.node.child_by_field_name("right")
        operator = place.node.child_by_field_name("operator")
        if left is None or right is None or operator is None or place.module.text(operator) != "+":
            return UNKNOWN
        first = self.value(place.at(left), depth + 1)
        return UNKNOWN if first is UNKNOWN else concatenated(first, self.value(place.at(right), depth + 1))

    def _dictionary(self, place: Place, depth: int, *, keep: bool = False) -> Value:
        """Read a dictionary; ``keep`` keeps the names of members that are unknown, as of the arguments of a schema."""
        found: dict[str, JsonValue] = {}
        for name, member in self.members(place, depth).items():
            inner = self.follow(member, depth) if name == "properties" else None
            if inner is not None and inner.node.type == "dictionary" and depth < self.budget.limits.nesting:
                value = self._dictionary(inner, depth + 1, keep=True)
            else:
                value = self.value(member, depth + 1)
            if value is not UNKNOWN:
                found[name] = value
            elif keep:
                found[name] = {}
        return found

    def _call(self, place: Place, depth: int) -> Value:
        r"""Read the usual ways to write a constant: ``" ".join([…])``, ``"…".strip()``, ``dedent("…")``."""
        function = place.node.child_by_field_name("function")
        name, given = place.module.last_name(function), self.positional(place)
        owner = (
            function.child_by_field_name("object") if function is not None and function.type == "attribute" else None
        )
        if name == "dict" and not given:
            values = {key: self.value(member, depth + 1) for key, member in self.keywords(place).items()}
            return {key: value for key, value in values.items() if value is not UNKNOWN}
        if name in ("dedent", "cleandoc", "str") and len(given) == 1:
            text = self.text(given[0], depth + 1)
            return UNKNOWN if text is None else textwrap.dedent(text).strip() if name != "str" else text
        if owner is not None and name in ("strip", "lstrip", "rstrip") and not given:
            text = self.text(place.at(owner), depth + 1)
            return UNKNOWN if text is None else text.strip()
        if not given and (called := self.follow(place.at(function), depth + 1) if function is not None else None):
            returned = returned_by(called.node) if called.node.type == "function_definition" else None
            return self.value(called.at(returned), depth + 1) if returned is not None else UNKNOWN
        if owner is not None and name == "join" and len(given) == 1:
            whole = self.follow(given[0], depth + 1)
            elements = self.elements(whole, depth) if whole is not None and whole.node.type in SEQUENCES else []
            return joined(self.value(place.at(owner), depth + 1), [self.value(one, depth + 1) for one in elements])
        return UNKNOWN

    _KINDS: ClassVar[Mapping[str, Callable[["PythonValues", Place, int], Value]]] = {
        "string": _string,
        "concatenated_string": _concatenated,
        "unary_operator": _unary,
        "binary_operator": _binary,
        "dictionary": _dictionary,
        "call": _call,
    }
