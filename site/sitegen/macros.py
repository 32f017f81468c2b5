"""Write the bodies of macros where they are called: a part of making a template flat (flatten.py)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, meta, nodes
from jinja2.visitor import NodeTransformer

from sitegen.parsed import CannotFlatten, constant, is_blank, parsed

# Longer chains of macros are a circle, or near enough.
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro, and what it may call."""

    node: nodes.Macro
    source: str
    """The template that it stands in."""
    siblings: Mapping[str, "Macro"]
    """The macros of that template: those that it may call."""


def imported(environment: Environment, node: nodes.FromImport) -> Mapping[str, Macro]:
    """Return the macros that a statement imports, by name. Raises: CannotFlatten."""
    source = constant(node.template)
    template = parsed(environment, source)
    if not node.with_context or not all(isinstance(each, nodes.Macro) or is_blank(each) for each in template.body):
        raise CannotFlatten(f"{source!r} is imported without context, or holds more than macros")
    siblings: dict[str, Macro] = {}
    siblings |= {each.name: Macro(each, source, siblings) for each in template.find_all(nodes.Macro)}
    found = {own: siblings.get(own) for own in node.names if isinstance(own, str)}
    macros = {own: macro for own, macro in found.items() if macro}
    if len(macros) < len(node.names):
        raise CannotFlatten(f"something of {source!r} is imported under another name, or is no macro")
    return macros


def refuse_captures(environment: Environment, body: list[nodes.Node], macros: Mapping[str, Macro]) -> None:
    """Refuse macros that would see a loop's or another macro's variable once they stand in its place."""
    every = {id(each): each for macro in macros.values() for each in (macro, *macro.siblings.values())}.values()
    names = [*nodes.Template(body).find_all(nodes.Name)]
    names += [name for macro in every for name in macro.node.find_all(nodes.Name)]
    bound = {name.name for name in names if name.ctx != "load"}
    for macro in every:
        alone = nodes.Template([macro.node], lineno=1)
        alone.set_environment(environment)
        free = meta.find_undeclared_variables(alone) - set(macro.siblings)
        if captured := free & bound | free & {"caller", "kwargs", "loop", "varargs"}:
            raise CannotFlatten(f"macro {macro.node.name!r} reads {sorted(captured)} of its surroundings")
    called = {"self", "super"} | {name for macro in every for name in (macro.node.name, *macro.siblings)}
    if shadowed := bound & called:
        raise CannotFlatten(f"{sorted(shadowed)} name a variable and a macro")


def inlined(body: Sequence[nodes.Node], macros: Mapping[str, Macro], depth: int) -> list[nodes.Node]:
    """Return statements with each call of a macro that writes right there replaced by the macro's body."""
    if depth > _DEPTH:
        raise CannotFlatten("macros call one another")
    found: list[nodes.Node] = []
    for node in body:
        if isinstance(node, nodes.Output):
            found += _written(node, macros, depth)
            continue
        found.append(node)
        if isinstance(node, (nodes.For, nodes.With)):
            node.body = inlined(node.body, macros, depth)
        if isinstance(node, nodes.If):
            for branch in (node, *node.elif_):
                branch.body = inlined(branch.body, macros, depth)
        if isinstance(node, (nodes.For, nodes.If)):
            node.else_ = inlined(node.else_, macros, depth)
    called = {"self", "super", *macros}
    for name in nodes.Template(found).find_all(nodes.Name) if not depth else ():
        if name.name in called:
            raise CannotFlatten(f"{name.name!r} is used for more than writing")
    return found


def _written(output: nodes.Output, macros: Mapping[str, Macro], depth: int) -> Iterator[nodes.Node]:
    waiting: list[nodes.Expr] = []
    for child in output.nodes:
        if not (isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in macros):
            waiting.append(child)
            continue
        macro = macros[child.node.name]
        arguments = _arguments(macro.node, child)
        body = inlined(_copied(macro.node.body), macro.siblings, depth + 1)
        if all(isinstance(each, nodes.Output) for each in body) and all(map(_is_simple, arguments)):
            # Nothing is named in there, so that the arguments can stand where the parameters do.
            known = dict(zip((each.name for each in macro.node.args), arguments, strict=True))
            waiting += [part for each in body for part in _Put(known).visit(each).nodes]
            continue
        if waiting:
            yield nodes.Output(waiting)
            waiting = []
        yield nodes.With([nodes.Name(each.name, "param") for each in macro.node.args], arguments, body)
    if waiting:
        yield nodes.Output(waiting)


def _copied(body: Sequence[nodes.Node]) -> list[nodes.Node]:
    """Return statements that can be changed for themselves; their environment is one for all, and large."""
    return [_copy(node) for node in body]


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(each) for each in value]
    if isinstance(value, tuple):
        return tuple(_copy(each) for each in value)
    if not isinstance(value, nodes.Node):
        return value
    made = object.__new__(type(value))
    for name, attribute in vars(value).items():
        setattr(made, name, attribute if name in value.attributes else _copy(attribute))
    return made


def _is_simple(node: nodes.Expr) -> bool:
    """Say whether a value costs next to nothing to compute again."""
    while isinstance(node, nodes.Getattr):
        node = node.node
    return isinstance(node, (nodes.Const, nodes.Name))


class _Put(NodeTransformer):
    """Puts arguments in the place of parameters."""

    def __init__(self, known: Mapping[str, nodes.Expr]) -> None:
        self._known = known

    def visit_Name(self, node: nodes.Name) -> nodes.Expr:
        return _copy(self._known[node.name]) if node.name in self._known else node


def _arguments(macro: nodes.Macro, call: nodes.Call) -> list[nodes.Expr]:
    """Return what each parameter of a macro is in one call."""
    parameters = [each.name for each in macro.args]
    defaults = dict(zip(parameters[::-1], macro.defaults[::-1], strict=False))
    given = dict(zip(parameters, call.args, strict=False)) | {each.key: each.value for each in call.kwargs}
    if call.dyn_args or call.dyn_kwargs or len(call.args) > len(parameters) or not given.keys() <= set(parameters):
        raise CannotFlatten(f"macro {macro.name!r} is called with other arguments than it has")
    if set(call_names := [each.key for each in call.kwargs]) & set(parameters[: len(call.args)]):
        raise CannotFlatten(f"macro {macro.name!r} is given {call_names!r} twice")
    if not all(isinstance(default, nodes.Const) for default in macro.defaults):
        raise CannotFlatten(f"macro {macro.name!r} computes a default")
    try:
        return [given[each] if each in given else defaults[each] for each in parameters]
    except KeyError as error:
        raise CannotFlatten(f"macro {macro.name!r} is called without an argument") from error
