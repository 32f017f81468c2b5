"""Make one flat template of a template, those that it extends and the macros that it calls.

What stands in a flat template compiles to one plain function (codegen.py): no block to look up, no macro to call, no
loop object to make. Only what surely means the same is flattened; `CannotFlatten` says what stood in the way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, meta, nodes
from jinja2.visitor import NodeTransformer

from sitegen.counted import COUNTED, PLACES

# Longer chains of templates or macros are a circle, or near enough.
_DEPTH = 8

_LOOP = "_loop"

# What a flat template is made of; other statements reach beyond where they stand.
_STATEMENTS = (nodes.Output, nodes.For, nodes.If, nodes.With)


class CannotFlatten(Exception):
    """A template uses what is better left to Jinja2 itself."""


@dataclass(frozen=True, slots=True)
class _Macro:
    node: nodes.Macro
    source: str
    """The template that it stands in."""
    siblings: Mapping[str, "_Macro"]
    """The macros of that template: those that it may call."""


def flattened(environment: Environment, name: str) -> nodes.Template:
    """Return the flat form of a template.

    Raises: CannotFlatten, and jinja2's TemplateError where a template is missing or broken.
    """
    body, macros = _inherited(environment, name)
    _refuse_captures(environment, body, macros)
    template = nodes.Template(_inlined(body, macros, 0), lineno=1)
    for statement in template.find_all(nodes.Stmt):
        if not isinstance(statement, _STATEMENTS):
            raise CannotFlatten(f"{type(statement).__name__} in line {statement.lineno}")
    for loop in [*template.find_all(nodes.For)][::-1]:
        _count(loop)
    template.set_lineno(1)
    template.set_environment(environment)
    return template


def _parsed(environment: Environment, name: str) -> nodes.Template:
    if environment.loader is None:
        raise CannotFlatten("templates come from nowhere")
    source, filename, _ = environment.loader.get_source(environment, name)
    return environment.parse(source, name, filename)


def _inherited(environment: Environment, name: str) -> tuple[list[nodes.Node], Mapping[str, _Macro]]:
    """Return the body of the outermost template with its blocks filled in, and the macros that are imported."""
    blocks: dict[str, nodes.Block] = {}
    macros: dict[str, _Macro] = {}
    for _ in range(_DEPTH):
        template = _parsed(environment, name)
        for node in template.find_all(nodes.FromImport):
            for own, macro in _imported(environment, node).items():
                if macros.setdefault(own, macro).source != macro.source:
                    raise CannotFlatten(f"two macros are called {own!r}")
        for block in template.find_all(nodes.Block):
            blocks.setdefault(block.name, block)
        body = [node for node in template.body if not isinstance(node, nodes.FromImport)]
        if not any(template.find_all(nodes.Extends)):
            return _filled(body, blocks, 0), macros
        if not isinstance(body[0], nodes.Extends) or template.body[0] is not body[0]:
            raise CannotFlatten("a template does not begin with what it extends")
        if not all(isinstance(each, nodes.Block) or _is_blank(each) for each in body[1:]):
            raise CannotFlatten("a template that extends another holds more than blocks and imports")
        name = _constant(body[0].template)
    raise CannotFlatten("too many templates extend one another")


def _imported(environment: Environment, node: nodes.FromImport) -> Mapping[str, _Macro]:
    source = _constant(node.template)
    template = _parsed(environment, source)
    if not node.with_context or not all(isinstance(each, nodes.Macro) or _is_blank(each) for each in template.body):
        raise CannotFlatten(f"{source!r} is imported without context, or holds more than macros")
    siblings: dict[str, _Macro] = {}
    siblings |= {each.name: _Macro(each, source, siblings) for each in template.find_all(nodes.Macro)}
    found = {own: siblings.get(own) for own in node.names if isinstance(own, str)}
    macros = {own: macro for own, macro in found.items() if macro}
    if len(macros) < len(node.names):
        raise CannotFlatten(f"something of {source!r} is imported under another name, or is no macro")
    return macros


def _constant(name: nodes.Expr) -> str:
    if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
        raise CannotFlatten("the name of a template is computed")
    return name.value


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(child, nodes.TemplateData) and not child.data.strip() for child in node.nodes
    )


def _filled(body: Sequence[nodes.Node], blocks: Mapping[str, nodes.Block], depth: int) -> list[nodes.Node]:
    """Return statements with each block replaced by what it holds. A block in a loop stays, and is refused later."""
    if depth > _DEPTH:
        raise CannotFlatten("blocks hold one another")
    found: list[nodes.Node] = []
    for node in body:
        if isinstance(node, nodes.Block):
            found += _filled(blocks[node.name].body, blocks, depth + 1)
        else:
            found.append(node)
            if isinstance(node, nodes.If):
                for branch in (node, *node.elif_):
                    branch.body = _filled(branch.body, blocks, depth)
                node.else_ = _filled(node.else_, blocks, depth)
    return found


def _refuse_captures(environment: Environment, body: list[nodes.Node], macros: Mapping[str, _Macro]) -> None:
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


def _inlined(body: Sequence[nodes.Node], macros: Mapping[str, _Macro], depth: int) -> list[nodes.Node]:
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
            node.body = _inlined(node.body, macros, depth)
        if isinstance(node, nodes.If):
            for branch in (node, *node.elif_):
                branch.body = _inlined(branch.body, macros, depth)
        if isinstance(node, (nodes.For, nodes.If)):
            node.else_ = _inlined(node.else_, macros, depth)
    called = {"self", "super", *macros}
    for name in nodes.Template(found).find_all(nodes.Name) if not depth else ():
        if name.name in called:
            raise CannotFlatten(f"{name.name!r} is used for more than writing")
    return found


def _written(output: nodes.Output, macros: Mapping[str, _Macro], depth: int) -> Iterator[nodes.Node]:
    waiting: list[nodes.Expr] = []
    for child in output.nodes:
        if not (isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in macros):
            waiting.append(child)
            continue
        macro = macros[child.node.name]
        arguments = _arguments(macro.node, child)
        body = _inlined(_copied(macro.node.body), macro.siblings, depth + 1)
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


def _count(loop: nodes.For) -> None:
    """Have a loop count without Jinja2's loop object, where its body only asks at which place it stands."""
    asked = [*_asked(loop.body)]
    if not asked or loop.test or loop.recursive or any(loop_ is None for loop_ in asked):
        return
    for each in asked:
        if each is not None:
            each.node = nodes.Name(_LOOP, "load")
    loop.target = nodes.Tuple([nodes.Name(_LOOP, "store"), loop.target], "store")
    loop.iter = nodes.Call(nodes.Name(COUNTED, "load"), [loop.iter], [], None, None)


def _asked(body: Sequence[nodes.Node]) -> Iterator[nodes.Getattr | None]:
    """Yield each place where ``loop`` is asked for something, and None where that is more than a place."""
    for node in body:
        if isinstance(node, nodes.Name) and node.name == "loop":
            yield None
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "loop":
            yield node if node.attr in PLACES else None
        else:
            # In the body of a loop inside, the word means that loop.
            inside = ("body",) if isinstance(node, nodes.For) else ()
            yield from _asked([*node.iter_child_nodes(exclude=inside)])
