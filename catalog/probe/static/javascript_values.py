"""Read constants of JavaScript and TypeScript as JSON values."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from catalog.probe.static.javascript_names import JavaScriptNames, Place
from catalog.probe.static.syntax import named, unescaped
from catalog.probe.static.values import TEXT_LENGTH, UNKNOWN, Value, concatenated, joined, negated, number

if TYPE_CHECKING:
    from classifier.definition import JsonValue

_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


class JavaScriptValues(JavaScriptNames):
    """Reads values across the files of one package."""

    def value(self, place: Place, depth: int = 0) -> Value:
        """Return the JSON value of a constant expression; in objects, what is unknown is left out.

        Raises: OverBudgetError.
        """
        found = self.follow(place, depth)
        if found is None or depth > self.budget.limits.nesting:
            return UNKNOWN
        kind = found.node.type
        value: Value
        if kind in _WORDS:
            value = _WORDS[kind]
        elif kind == "number":
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
        node = found.node
        if node.type == "template_string":
            parts = [child for child in node.named_children if child.type != "comment"]
        elif node.type == "binary_expression" and found.module.text(node.children[1]) == "+":
            parts = [node.children[0], node.children[2]]
        elif node.type == "ternary_expression":
            # Mostly an addition that a setting turns on: what holds without it.
            alternative = node.child_by_field_name("alternative")
            return self.prose(found.at(alternative), depth + 1) if alternative else None
        else:
            return None
        pieces = [self._piece(found.at(part), depth + 1) for part in parts]
        return None if all(piece is None for piece in pieces) else _joined_prose(pieces)

    def _piece(self, place: Place, depth: int) -> str | None:
        if place.node.type == "string_fragment":
            return place.module.text(place.node)
        if place.node.type == "escape_sequence":
            return unescaped(place.module.text(place.node))
        if place.node.type == "template_substitution" and (inner := named(place.node)):
            return self.prose(place.at(inner[0]), depth)
        return self.prose(place, depth)

    def _string(self, place: Place, depth: int) -> Value:
        del depth
        return place.module.string(place.node)

    def _template(self, place: Place, depth: int) -> Value:
        whole: Value = ""
        for child in place.node.named_children:
            part: Value = UNKNOWN
            if child.type == "string_fragment":
                part = place.module.text(child)
            elif child.type == "escape_sequence":
                part = unescaped(place.module.text(child))
            elif child.type == "template_substitution" and (inner := named(child)):
                part = self.value(place.at(inner[0]), depth + 1)
                part = str(part) if isinstance(part, int) and not isinstance(part, bool) else part
            whole = concatenated(whole, part)
            if whole is UNKNOWN:
                return UNKNOWN
        return whole

    def _unary(self, place: Place, depth: int) -> Value:
        inner = named(place.node)
        operator = place.node.child_by_field_name("operator")
        if not inner or operator is None:
            return UNKNOWN
        sign, value = place.module.text(operator), self.value(place.at(inner[0]), depth + 1)
        if sign == "-":
            return negated(value)
        # Minifiers write true and false as !0 and !1.
        return not value if sign == "!" and value in (0, 1) else UNKNOWN

    def _binary(self, place: Place, depth: int) -> Value:
        left, right = place.node.child_by_field_name("left"), place.node.child_by_field_name("right")
        operator = place.node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return UNKNOWN
        sign = place.module.text(operator)
        if sign == "+":
            first = self.value(place.at(left), depth + 1)
            return UNKNOWN if first is UNKNOWN else concatenated(first, self.value(place.at(right), depth + 1))
        if sign in ("||", "??"):
            # A setting or its default: the default holds where nothing is set.
            first = self.value(place.at(left), depth + 1)
            return self.value(place.at(right), depth + 1) if first is UNKNOWN else first
        return UNKNOWN

    def _array(self, place: Place, depth: int) -> Value:
        values: list[JsonValue] = []
        for element in self.elements(place, depth):
            value = self.value(element, depth + 1)
            if value is not UNKNOWN:
                values.append(value)
        return values

    def _object(self, place: Place, depth: int, *, keep: bool = False) -> Value:
        """Read an object; ``keep`` keeps the names of members that are unknown, as of the arguments of a schema."""
        found: dict[str, JsonValue] = {}
        for name, member in self.members(place, depth).items():
            inner = self.follow(member, depth) if name == "properties" else None
            if inner is not None and inner.node.type == "object" and depth < self.budget.limits.nesting:
                value = self._object(inner, depth + 1, keep=True)
            else:
                value = self.value(member, depth + 1)
            if value is not UNKNOWN:
                found[name] = value
            elif keep:
                found[name] = {}
        return found

    def _text_call(self, place: Place, depth: int) -> Value:
        r"""Read the usual ways to write a long text: ``[…].join("\n")``, ``"…".trim()``, a tagged template."""
        node = place.node
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return UNKNOWN
        if arguments.type == "template_string":
            return self.value(place.at(arguments), depth + 1)
        owner, method = function.child_by_field_name("object"), place.module.callee(node)
        value: Value = UNKNOWN
        if owner is not None and method in ("trim", "trimStart", "trimEnd", "toString"):
            text = self.text(place.at(owner), depth + 1)
            value = UNKNOWN if text is None else text.strip()
        elif owner is not None and method == "join":
            given = named(arguments)
            separator = self.value(place.at(given[0]), depth + 1) if given else ","
            whole = self.follow(place.at(owner), depth + 1)
            elements = self.elements(whole, depth) if whole is not None and whole.node.type == "array" else []
            value = joined(separator, [self.value(element, depth + 1) for element in elements])
        return value

    _KINDS: ClassVar[Mapping[str, Callable[["JavaScriptValues", Place, int], Value]]] = {
        "string": _string,
        "template_string": _template,
        "unary_expression": _unary,
        "binary_expression": _binary,
        "array": _array,
        "object": _object,
        "call_expression": _text_call,
    }


def _joined_prose(pieces: list[str | None]) -> str:
    return "".join("…" if piece is None else piece for piece in pieces)[:TEXT_LENGTH]
