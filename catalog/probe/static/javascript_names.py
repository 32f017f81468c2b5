"""Follow the names of JavaScript and TypeScript, across the files of one package, to the expressions they stand for."""

import posixpath
from dataclasses import dataclass, replace

from tree_sitter import Node

from catalog.probe.static.budget import Budget
from catalog.probe.static.javascript import JavaScriptModule
from catalog.probe.static.modules import Modules
from catalog.probe.static.scopes import Binding
from catalog.probe.static.syntax import named

_TRANSPARENT = frozenset(
    (
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
        "sequence_expression",
        "type_assertion",
    )
)
_VALUE_LAST = frozenset(("sequence_expression", "type_assertion"))
_STRINGS = frozenset(("string", "template_string"))
_FUNCTIONS = frozenset(("arrow_function", "function_expression"))
_SUFFIXES = (
    "",
    ".ts",
    ".tsx",
    ".mts",
    ".js",
    ".mjs",
    ".cjs",
    ".jsx",
    "/index.ts",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
)

# Names that stand for names, one after the other.
_HOPS = 24


@dataclass(frozen=True, slots=True)
class Place:
    """An expression and the file that it stands in; the root of a file stands for the module itself."""

    module: JavaScriptModule
    node: Node

    def at(self, node: Node) -> "Place":
        """Return another expression of the same file."""
        return replace(self, node=node)


class JavaScriptNames:
    """Follows expressions; constants are read by the class derived from it."""

    def __init__(self, modules: Modules[JavaScriptModule], names: frozenset[str], budget: Budget) -> None:
        self._modules = modules
        self._names = names
        self.budget = budget

    def follow(self, place: Place, depth: int = 0) -> Place | None:
        """Return the expression that ``place`` stands for, names and members followed; None where it is unknown.

        Raises: OverBudgetError.
        """
        if depth > self.budget.limits.nesting:
            return None
        for _ in range(_HOPS):
            self.budget.step()
            following = self._next(place, depth)
            if following is None or following is place:
                return following
            place = following
        return None

    def _next(self, place: Place, depth: int) -> Place | None:
        """Return what ``place`` names or passes through; itself where it is an expression of its own."""
        node, kind = place.node, place.node.type
        if kind in _TRANSPARENT:
            inner = named(node)
            # ``x as T`` names the type last, ``(0, x)`` and ``<T>x`` the value.
            return place.at(inner[-1 if kind in _VALUE_LAST else 0]) if inner else None
        if kind == "assignment_expression":
            right = node.child_by_field_name("right")
            return place.at(right) if right is not None else None
        if kind in ("identifier", "shorthand_property_identifier"):
            return self._binding(place, place.module.scopes.lookup(place.module.text(node), node.start_byte), depth)
        if kind in ("member_expression", "subscript_expression"):
            return self._member_expression(place, depth) or (place if self._is_shape(place) else None)
        return (self._call(place) or place) if kind == "call_expression" else place

    def members(self, place: Place, depth: int = 0) -> dict[str, Place]:
        """Return the properties of an object literal, those of objects spread into it included.

        Raises: OverBudgetError.
        """
        found: dict[str, Place] = {}
        if depth > self.budget.limits.nesting:
            return found
        for child in named(place.node):
            self.budget.step()
            if child.type == "spread_element":
                other = self.follow(place.at(named(child)[0]), depth + 1) if named(child) else None
                if other is not None and other.node.type == "object":
                    found.update(self.members(other, depth + 1))
                continue
            key = child.child_by_field_name("key") or child.child_by_field_name("name") or child
            name = self._key(place, key, depth)
            if name is not None:
                found[name] = place.at(child.child_by_field_name("value") or child)
        return found

    def elements(self, place: Place, depth: int = 0) -> list[Place]:
        """Return the elements of an array literal, those of arrays spread into it included. Raises: OverBudgetError."""
        found: list[Place] = []
        for child in named(place.node):
            self.budget.step()
            if child.type != "spread_element":
                found.append(place.at(child))
            elif (inner := named(child)) and depth < self.budget.limits.nesting:
                other = self.follow(place.at(inner[0]), depth + 1)
                if other is not None and other.node.type == "array":
                    found += self.elements(other, depth + 1)
        return found

    def exports(self, module: JavaScriptModule, names: frozenset[str]) -> dict[str, Place]:
        """Return those of ``names`` that a file exports. Raises: OverBudgetError."""
        return {
            name: found
            for name in sorted(names)
            if (name in module.exports or name in module.exported)
            and (found := self._exported(module, name, 0)) is not None
        }

    def class_fields(self, place: Place) -> dict[str, Place]:
        """Return the fields of a class body that are given a value: fields, getters that return, ``this.x =``."""
        fields: dict[str, Place] = {}
        for child in named(place.node):
            name = child.child_by_field_name("property") or child.child_by_field_name("name")
            value = child.child_by_field_name("value")
            if name is None:
                continue
            if value is not None:
                fields[place.module.text(name)] = place.at(value)
            elif child.type == "method_definition" and (body := child.child_by_field_name("body")):
                statements = named(body)
                key = place.module.text(name)
                if (
                    len(statements) == 1
                    and statements[0].type == "return_statement"
                    and (inner := named(statements[0]))
                ):
                    fields.setdefault(key, place.at(inner[0]))
                elif key == "constructor":
                    fields.update(_assigned_to_this(place, statements))
        return fields

    def _key(self, place: Place, key: Node, depth: int) -> str | None:
        name = place.module.key(key)
        if name is None and key.type == "computed_property_name" and (inner := named(key)):
            return self._constant(place.at(inner[0]), depth + 1)
        return name

    def _constant(self, place: Place, depth: int) -> str | None:
        """Return a name that is written as a string somewhere."""
        found = self.follow(place, depth)
        return found.module.string(found.node) if found is not None and found.node.type in _STRINGS else None

    def _binding(self, place: Place, binding: Binding | None, depth: int) -> Place | None:
        if binding is None:
            return None
        if binding.specifier is not None:
            module = self._resolve(place.module, binding.specifier)
            if module is None:
                return None
            if binding.member is None:
                return Place(module, module.root)
            return self._exported(module, binding.member, depth + 1)
        if binding.node is None:
            return None
        whole = place.at(binding.node)
        return self._member(whole, binding.member, depth + 1) if binding.member else whole

    def _exported(self, module: JavaScriptModule, name: str, depth: int) -> Place | None:
        self.budget.step()
        if depth > self.budget.limits.nesting:
            return None
        at = Place(module, module.root)
        binding = module.exports.get(name) or module.scopes.top.get(name)
        if binding is not None:
            return self._binding(at, binding, depth)
        whole = module.member(module.root, "module", "exports")
        if whole is not None:
            return at.at(whole) if name == "default" else self._member(at.at(whole), name, depth + 1)
        for specifier in module.stars[:50]:
            other = self._resolve(module, specifier)
            if other is not None and (found := self._exported(other, name, depth + 1)) is not None:
                return found
        return None

    def _resolve(self, module: JavaScriptModule, specifier: str) -> JavaScriptModule | None:
        """Return the file of the same package that a relative specifier names."""
        if not specifier.startswith("."):
            return None
        base = posixpath.normpath(posixpath.join(posixpath.dirname(module.name), specifier))
        bare, dot, suffix = base.rpartition(".")
        stems = (base, bare) if dot and suffix in ("js", "mjs", "cjs", "jsx", "ts") else (base,)
        for stem in stems:
            for end in _SUFFIXES:
                if stem + end in self._names:
                    return self._modules.get(stem + end)
        return None

    def _member_expression(self, place: Place, depth: int) -> Place | None:
        owner = place.node.child_by_field_name("object")
        prop = place.node.child_by_field_name("property") or place.node.child_by_field_name("index")
        if owner is None or prop is None:
            return None
        name = place.module.text(prop)
        if place.node.type == "subscript_expression":
            name_value = self._constant(place.at(prop), depth + 1)
            if name_value is None:
                return None
            name = name_value
        return self._member(place.at(owner), name, depth + 1)

    def _member(self, owner: Place, name: str, depth: int) -> Place | None:
        """Return the member ``name`` of what ``owner`` stands for."""
        if owner.node.type in ("identifier", "this"):
            assigned = owner.module.member(owner.node, owner.module.text(owner.node), name)
            if assigned is not None:
                return owner.at(assigned)
        whole = self.follow(owner, depth)
        if whole is None:
            return None
        node, kind = whole.node, whole.node.type
        found: Place | None = None
        if kind == "program":
            found = self._exported(whole.module, name, depth)
        elif kind == "object":
            found = self.members(whole, depth).get(name)
        elif kind == "enum_declaration":
            found = self._enumerated(whole, name)
        elif kind in ("class_declaration", "class") and (body := node.child_by_field_name("body")):
            found = self.class_fields(whole.at(body)).get(name)
        elif kind == "call_expression" and (function := _called(node)):
            value = whole.module.parameter_member(function, name)
            found = whole.at(value) if value is not None else None
        return found

    def _enumerated(self, place: Place, name: str) -> Place | None:
        body = place.node.child_by_field_name("body")
        for child in named(body) if body else []:
            key, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if key is not None and value is not None and place.module.key(key) == name:
                return place.at(value)
        return None

    def _is_shape(self, place: Place) -> bool:
        prop = place.node.child_by_field_name("property")
        return prop is not None and place.module.text(prop) == "shape"

    def _call(self, place: Place) -> Place | None:
        """Return what a call passes through: ``require``, ``Object.freeze``, an immediately called function's value."""
        node = place.node
        callee, arguments = place.module.callee(node), node.child_by_field_name("arguments")
        given = named(arguments) if arguments else []
        if not given or given[0].type == "comment":
            return None
        if callee == "require" and given[0].type == "string":
            module = self._resolve(place.module, place.module.string(given[0]))
            return Place(module, module.root) if module else None
        is_require = given[0].type == "call_expression" and place.module.callee(given[0]) == "require"
        if callee == "freeze" or is_require:
            return place.at(given[0])
        return None


def _called(call: Node) -> Node | None:
    """Return the function expression that is called where it stands."""
    function = call.child_by_field_name("function")
    for _ in range(3):
        if function is None or function.type in _FUNCTIONS:
            return function
        inner = named(function)
        function = inner[0] if inner and function.type == "parenthesized_expression" else None
    return None


def _assigned_to_this(place: Place, statements: list[Node]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for statement in statements:
        expression = next(iter(named(statement)), None)
        if statement.type != "expression_statement" or expression is None or expression.type != "assignment_expression":
            continue
        left, right = expression.child_by_field_name("left"), expression.child_by_field_name("right")
        if left is None or right is None or left.type != "member_expression":
            continue
        owner, name = left.child_by_field_name("object"), left.child_by_field_name("property")
        if owner is not None and name is not None and owner.type == "this":
            found[place.module.text(name)] = place.at(right)
    return found
