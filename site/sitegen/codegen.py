"""Compile a flat template (flatten.py) to a function that does little but join strings.

Pages are frozen dataclasses and almost every value is a ``str``, so members are read as plain attributes, and text is
escaped at once. What is not so raises an error; then render.py renders the page by Jinja2's own means.
"""

from keyword import iskeyword

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from sitegen.counted import COUNTED

GIVEN = frozenset({"page", "frame", "link", "canonical", "structured"})
"""What every template is given (render.py)."""

_TEXTUAL = frozenset({"link", "anchor", "rule_path"})

# Functions that need nothing of Jinja2's context.
_DIRECT = _TEXTUAL | {COUNTED}

# What may be asked of something that is not there.
_ASKING = frozenset({"default", "d", "defined", "undefined"})


class FlatCodeGenerator(CodeGenerator):
    """Writes the function; its environment is a `sitegen.flat.FlatEnvironment`. Names of methods are Jinja2's."""

    _asked: nodes.Node | None = None
    """What may be absent: Jinja2's own way of reading it says so without an error."""

    def write_commons(self) -> None:
        """Begin a function."""
        super().write_commons()
        for name in ("escaped", "text", "joined"):
            self.writeline(f"{name} = environment.{name}")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """Write all that stands between two statements as one formatted string."""
        written = ""
        for index, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                written += _literal(child.data)
                continue
            value = f"value{index}"
            self.writeline(f"{value} = ", child)
            self.visit(child, frame)
            otherwise = "" if _is_text(child) else f" if {value}.__class__ is str else text({value})"
            written += f"{{escaped({value}){otherwise}}}"
        self.writeline(f"yield f'{written}'")

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        """Write a variable; what is always there needs no test."""
        if node.ctx == "load" and node.name in GIVEN:
            self.write(frame.symbols.ref(node.name))
        else:
            super().visit_Name(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Write a plain attribute."""
        if node is self._asked or iskeyword(node.attr):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """Write texts one after another."""
        self.write("joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:
        """Write a filter; the commonest is a method of text."""
        if node.name == "lower" and node.node is not None:
            self.write("(")
            self.visit(node.node, frame)
            self.write(").lower()")
        else:
            self._ask(node)
            super().visit_Filter(node, frame)

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:
        """Write a test."""
        self._ask(node)
        super().visit_Test(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002
        """Write a call."""
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not (plain and isinstance(node.node, nodes.Name) and node.node.name in _DIRECT):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"{frame.symbols.ref(node.node.name)}(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _ask(self, node: nodes.Filter | nodes.Test) -> None:
        if node.name in _ASKING:
            self._asked = node.node


def _is_text(node: nodes.Expr) -> bool:
    """Say whether a value is a plain ``str`` whatever the page holds."""
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Name) and node.node.name in _TEXTUAL
    return isinstance(node, nodes.Concat)


def _literal(text: str) -> str:
    """Return text as it is written inside a formatted string in single quotes."""
    escaped = text.encode("unicode_escape").decode("ascii")
    return escaped.replace("'", "\\'").replace("{", "{{").replace("}", "}}")
