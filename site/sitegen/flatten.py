"""Make one flat template of a template, those that it extends and the macros that it calls.

What stands in a flat template compiles to one plain function (codegen.py): no block to look up, no macro to call, no
loop object to make. Only what surely means the same is flattened; `CannotFlatten` says what stood in the way.
"""

from collections.abc import Iterator, Mapping, Sequence

from jinja2 import Environment, nodes

from sitegen.counted import COUNTED, POSITION_FIELDS
from sitegen.macros import Macro, imported, inlined, refuse_captures
from sitegen.parsed import CannotFlatten, constant, is_blank, parsed

# Longer chains of templates are a circle, or near enough.
_DEPTH = 8

_LOOP = "_loop"

# What a flat template is made of; other statements reach beyond where they stand.
_STATEMENTS = (nodes.Output, nodes.For, nodes.If, nodes.With)


def flattened(environment: Environment, name: str) -> nodes.Template:
    """Return the flat form of a template.

    Raises: CannotFlatten, and jinja2's TemplateError where a template is missing or broken.
    """
    body, macros = _inherited(environment, name)
    refuse_captures(environment, body, macros)
    template = nodes.Template(inlined(body, macros, 0), lineno=1)
    for statement in template.find_all(nodes.Stmt):
        if not isinstance(statement, _STATEMENTS):
            raise CannotFlatten(f"{type(statement).__name__} in line {statement.lineno}")
    for loop in [*template.find_all(nodes.For)][::-1]:
        _count(loop)
    template.set_lineno(1)
    template.set_environment(environment)
    return template


def _inherited(environment: Environment, name: str) -> tuple[list[nodes.Node], Mapping[str, Macro]]:
    """Return the body of the outermost template with its blocks filled in, and the macros that are imported."""
    blocks: dict[str, nodes.Block] = {}
    macros: dict[str, Macro] = {}
    for _ in range(_DEPTH):
        template = parsed(environment, name)
        for node in template.find_all(nodes.FromImport):
            for own, macro in imported(environment, node).items():
                if macros.setdefault(own, macro).source != macro.source:
                    raise CannotFlatten(f"two macros are called {own!r}")
        for block in template.find_all(nodes.Block):
            blocks.setdefault(block.name, block)
        body = [node for node in template.body if not isinstance(node, nodes.FromImport)]
        if not any(template.find_all(nodes.Extends)):
            return _filled(body, blocks, 0), macros
        if not isinstance(body[0], nodes.Extends) or template.body[0] is not body[0]:
            raise CannotFlatten("a template does not begin with what it extends")
        if not all(isinstance(each, nodes.Block) or is_blank(each) for each in body[1:]):
            raise CannotFlatten("a template that extends another holds more than blocks and imports")
        name = constant(body[0].template)
    raise CannotFlatten("too many templates extend one another")


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
            yield node if node.attr in POSITION_FIELDS else None
        else:
            # In the body of a loop inside, the word means that loop.
            inside = ("body",) if isinstance(node, nodes.For) else ()
            yield from _asked([*node.iter_child_nodes(exclude=inside)])
