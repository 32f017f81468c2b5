"""Follow the names of Python, across the files of one package, to the expressions they stand for."""

from dataclasses import dataclass, replace

from tree_sitter import Node

from catalog.probe.static.budget import Budget
from catalog.probe.static.modules import Modules
from catalog.probe.static.python_module import PythonModule
from catalog.probe.static.scopes import Binding
from catalog.probe.static.syntax import named

# Names that stand for names, one after the other.
_HOPS = 24

SEQUENCES = frozenset(("list", "tuple", "set"))


@dataclass(frozen=True, slots=True)
class Place:
    """An expression and the file that it stands in; the root of a file stands for the module itself."""

    module: PythonModule
    node: Node

    def at(self, node: Node) -> "Place":
        """Return another expression of the same file."""
        return replace(self, node=node)


class PythonNames:
    """Follows expressions; constants are read by the class derived from it."""

    def __init__(self, modules: Modules[PythonModule], names: frozenset[str], budget: Budget) -> None:
        self._modules = modules
        self._names = names
        self._by_tail: dict[str, list[str]] = {}
        """Files by the last part of their module's name."""
        for name in sorted(names, key=len):
            self._by_tail.setdefault(_dotted(name).rpartition(".")[2], []).append(name)
        self.budget = budget

    def follow(self, place: Place, depth: int = 0) -> Place | None:
        """Return the expression, function or class that ``place`` stands for; None where it is unknown.

        Raises: OverBudgetError.
        """
        if depth > self.budget.limits.nesting:
            return None
        for _ in range(_HOPS):
            self.budget.step()
            node = place.node
            following: Place | None
            if node.type in ("parenthesized_expression", "type"):
                inner = named(node)
                following = place.at(inner[0]) if len(inner) == 1 else None
            elif node.type == "identifier":
                following = self._name(place, depth)
            elif node.type == "attribute":
                following = self._attribute(place, depth)
            else:
                return place
            if following is None:
                return None
            place = following
        return None

    def each(self, place: Place, depth: int = 0) -> list[Place]:
        """Return what ``place`` stands for, one after the other where it is the name of a loop over a list.

        Raises: OverBudgetError.
        """
        if place.node.type == "identifier":
            binding = place.module.scopes.lookup(place.module.text(place.node), place.node.start_byte)
            if binding is not None and binding.each and binding.node is not None:
                whole = self.follow(place.at(binding.node), depth)
                if whole is not None and whole.node.type in SEQUENCES:
                    return self.elements(whole, depth)
        return [place]

    def elements(self, place: Place, depth: int = 0) -> list[Place]:
        """Return the elements of a list, those of lists spread into it included. Raises: OverBudgetError."""
        found: list[Place] = []
        for child in named(place.node):
            self.budget.step()
            if child.type != "list_splat":
                found.append(place.at(child))
            elif (inner := named(child)) and depth < self.budget.limits.nesting:
                other = self.follow(place.at(inner[0]), depth + 1)
                if other is not None and other.node.type in SEQUENCES:
                    found += self.elements(other, depth + 1)
        return found

    def members(self, place: Place, depth: int = 0) -> dict[str, Place]:
        """Return the pairs of a dictionary with constant keys, keys followed. Raises: OverBudgetError."""
        found: dict[str, Place] = {}
        for child in named(place.node):
            self.budget.step()
            if child.type == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                name = self._constant(place.at(key), depth + 1) if key is not None else None
                if name is not None and value is not None:
                    found[name] = place.at(value)
            elif child.type == "dictionary_splat" and (inner := named(child)) and depth < self.budget.limits.nesting:
                other = self.follow(place.at(inner[0]), depth + 1)
                if other is not None and other.node.type == "dictionary":
                    found.update(self.members(other, depth + 1))
        return found

    def keywords(self, call: Place) -> dict[str, Place]:
        """Return the keyword arguments of a call. Raises: OverBudgetError."""
        arguments = call.node.child_by_field_name("arguments")
        found: dict[str, Place] = {}
        for child in named(arguments) if arguments is not None else []:
            self.budget.step()
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if child.type == "keyword_argument" and name is not None and value is not None:
                found[call.module.text(name)] = call.at(value)
        return found

    def positional(self, call: Place) -> list[Place]:
        """Return the positional arguments of a call."""
        arguments = call.node.child_by_field_name("arguments")
        if arguments is None:
            return []
        return [
            call.at(child)
            for child in named(arguments)
            if child.type not in ("keyword_argument", "list_splat", "dictionary_splat")
        ]

    def class_values(self, place: Place) -> dict[str, Place]:
        """Return what the body of a class assigns, and what its properties of one ``return`` give."""
        found: dict[str, Place] = {}
        body = place.node.child_by_field_name("body")
        for statement in named(body) if body is not None else []:
            child = statement
            if statement.type == "expression_statement" and (inner := named(statement)):
                child = inner[0]
            if statement.type == "decorated_definition":
                child = statement.child_by_field_name("definition") or statement
            left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
            if child.type == "assignment" and left is not None and right is not None and left.type == "identifier":
                found[place.module.text(left)] = place.at(right)
            elif child.type == "function_definition" and (name := child.child_by_field_name("name")):
                returned = returned_by(child)
                if returned is not None:
                    found[place.module.text(name)] = place.at(returned)
        return found

    def bases(self, place: Place) -> list[Place]:
        """Return the base classes of a class as written."""
        bases = place.node.child_by_field_name("superclasses")
        return [place.at(c) for c in named(bases)[:20] if c.type != "keyword_argument"] if bases is not None else []

    def _constant(self, place: Place, depth: int) -> str | None:
        """Return a key that is written as a string somewhere."""
        found = self.follow(place, depth)
        return found.module.string(found.node) if found is not None and found.node.type == "string" else None

    def _name(self, place: Place, depth: int) -> Place | None:
        name = place.module.text(place.node)
        binding = place.module.scopes.lookup(name, place.node.start_byte)
        if binding is None:
            return self._from_stars(place.module, name, depth)
        return self._binding(place, binding, depth)

    def _binding(self, place: Place, binding: Binding, depth: int) -> Place | None:
        if binding.specifier is not None:
            if binding.member is None:
                module = self._resolve(place.module, binding.specifier)
                return Place(module, module.root) if module else None
            return self._imported(place.module, binding.specifier, binding.member, depth + 1)
        if binding.node is None or binding.each or binding.node == place.node:
            return None
        return place.at(binding.node)

    def _imported(self, module: PythonModule, specifier: str, member: str, depth: int) -> Place | None:
        self.budget.step()
        if depth > self.budget.limits.nesting:
            return None
        other = self._resolve(module, specifier)
        found = self._exported(other, member, depth) if other is not None else None
        if found is None:
            joint = "" if specifier.endswith(".") else "."
            below = self._resolve(module, f"{specifier}{joint}{member}")
            found = Place(below, below.root) if below is not None else None
        return found

    def _exported(self, module: PythonModule, name: str, depth: int) -> Place | None:
        binding = module.scopes.top.get(name)
        if binding is None:
            return self._from_stars(module, name, depth)
        return self._binding(Place(module, module.root), binding, depth + 1)

    def _from_stars(self, module: PythonModule, name: str, depth: int) -> Place | None:
        if depth > self.budget.limits.nesting:
            return None
        for specifier in module.stars[:20]:
            self.budget.step()
            other = self._resolve(module, specifier)
            if other is not None and other is not module and (found := self._exported(other, name, depth + 1)):
                return found
        return None

    def _attribute(self, place: Place, depth: int) -> Place | None:
        owner, attribute = place.node.child_by_field_name("object"), place.node.child_by_field_name("attribute")
        if owner is None or attribute is None:
            return None
        name = place.module.text(attribute)
        if owner.type == "identifier" and place.module.text(owner) in ("self", "cls"):
            method = place.module.methods.get(name)
            return place.at(method) if method is not None else None
        whole = self.follow(place.at(owner), depth + 1)
        if whole is None:
            return None
        if whole.node.type == "module":
            return self._exported(whole.module, name, depth + 1)
        if whole.node.type == "class_definition":
            return self.class_values(whole).get(name)
        # An enumeration's member: X.NAME.value
        return whole if name == "value" and whole.node.type in ("string", "concatenated_string") else None

    def _resolve(self, module: PythonModule, specifier: str) -> PythonModule | None:
        """Return the file of the same package that ``from specifier import`` names."""
        dots = len(specifier) - len(specifier.lstrip("."))
        if dots:
            folder = module.name.split("/")[:-dots]
            path = "/".join([*folder, *filter(None, specifier[dots:].split("."))])
            name = next((n for n in (f"{path}.py", f"{path}/__init__.py") if n in self._names), None)
            return self._modules.get(name) if name else None
        suffix = f".{specifier}"
        for name in self._by_tail.get(specifier.rpartition(".")[2], ()):
            if f".{_dotted(name)}".endswith(suffix):
                return self._modules.get(name)
        return None


def returned_by(function: Node) -> Node | None:
    """Return what a function of one statement (and a docstring) returns."""
    body = function.child_by_field_name("body")
    statements = named(body) if body is not None else []
    if (
        statements
        and statements[-1].type == "return_statement"
        and len(statements) <= 2
        and (inner := named(statements[-1]))
    ):
        return inner[0]
    return None


def _dotted(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
