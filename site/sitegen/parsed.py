"""Templates as Jinja2 reads them, before they are made flat (flatten.py)."""

from jinja2 import Environment, nodes


class CannotFlatten(Exception):
    """A template uses what is better left to Jinja2 itself."""


def parsed(environment: Environment, name: str) -> nodes.Template:
    """Return a template as a tree. Raises: CannotFlatten, and jinja2's TemplateError where it is missing or broken."""
    if environment.loader is None:
        raise CannotFlatten("templates come from nowhere")
    source, filename, _ = environment.loader.get_source(environment, name)
    return environment.parse(source, name, filename)


def constant(name: nodes.Expr) -> str:
    """Return the name of a template that stands there. Raises: CannotFlatten where it is computed."""
    if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
        raise CannotFlatten("the name of a template is computed")
    return name.value


def is_blank(node: nodes.Node) -> bool:
    """Say whether a statement writes only spaces and line ends."""
    return isinstance(node, nodes.Output) and all(
        isinstance(child, nodes.TemplateData) and not child.data.strip() for child in node.nodes
    )
