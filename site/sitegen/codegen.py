"""Compile a flat template (flatten.py) to a function that does little but join strings.

Pages are frozen dataclasses and almost every value is a ``str``, so members are read as plain attributes, and text is
escaped at once. What is not so raises an error; then render.py renders the page by Jinja2's own means.
"""

from collections.abc import Iterable
from keyword import iskeyword

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from sitegen.counted import COUNTED

# The values that are markup: the block for search engines, and a text of the publisher's own.
_MARKUP = frozenset({"structured", "own_text"})

GIVEN = frozenset({"page", "frame", "link", "canonical", *_MARKUP})
"""What every template is given (render.py)."""

_TEXTUAL = frozenset({"link", "anchor", "rule_path"})

# Functions that need nothing of Jinja2's context.
_DIRECT = _TEXTUAL | {COUNTED}

# Filters that make no markup of what is none.
_WITHOUT_MARKUP = frozenset(
    {"capitalize", "d", "default", "first", "int", "join", "last", "length", "list", "lower", "round", "sort", "upper"}
)

# What may be asked of something that is not there.
_ASKING = frozenset({"default", "d", "defined", "undefined"})


class FlatCodeGenerator(CodeGenerator):
    """Writes the function; its environment is a `sitegen.jinja.FlatEnvironment`. Names of methods are Jinja2's."""

    _asked: nodes.Node | None = None
    """What may be absent: Jinja2's own way of reading it says so without an error."""

    _markup = True
    """Whether there may be values that are markup, which some operators treat otherwise than text."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Write the whole."""
        self._markup = _makes_markup(node)
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        """Begin a function."""
        super().write_commons()
        for name in ("escaped", "text"):
            self.writeline(f"{name} = environment.{name}")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """Write all that stands between two statements as one formatted string."""
        if frame.buffer is not None:  # in a loop that calls itself
            super().visit_Output(node, frame)
            return
        written = ""
        for index, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                written += _literal(child.data)
                continue
            value = f"value{index}"
            self.writeline(f"{value} = ", child)
            self.visit(child, frame)
            otherwise = "" if self._is_text(child) else f" if {value}.__class__ is str else text({value})"
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
        self._followed(node.node, f".{node.attr}", frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """Write texts one after another."""
        if self._markup:
            super().visit_Concat(node, frame)
            return
        self.write(f"{'%s' * len(node.nodes)!r} % (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write(")")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:
        """Write a filter; the commonest are methods of text."""
        match node:
            case nodes.Filter(name="lower", node=nodes.Expr() as text):
                self._followed(text, ".lower()", frame)
            case nodes.Filter(name="join", node=nodes.Expr() as texts, args=[nodes.Const(value=str() as between)]) if (
                not self._markup and not node.kwargs
            ):
                self.write(f"{between!r}.join")
                self._followed(texts, "", frame)
            case _:
                self._ask(node)
                super().visit_Filter(node, frame)

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:
        """Write a test; the commonest is an operator."""
        if node.name == "none" and not isinstance(node.node, nodes.Name):
            self.write("(")
            self._followed(node.node, " is None)", frame)
        elif node.name == "defined" and isinstance(node.node, nodes.Getattr):
            # Jinja2 looks for members, too; those who have none need not be asked.
            self.write("(hasattr")
            self._begun(node.node.node, f", {node.node.attr!r}) or hasattr", frame)
            self._begun(node.node.node, ", '__getitem__') and ", frame)
            self._ask(node)
            super().visit_Test(node, frame)
            self.write(")")
        else:
            self._ask(node)
            super().visit_Test(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002
        """Write a call."""
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not self._is_direct(node.node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        if isinstance(node.node, nodes.Name):
            self.write(frame.symbols.ref(node.node.name))
        else:
            self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    @staticmethod
    def _is_direct(function: nodes.Expr) -> bool:
        """Say whether a function needs nothing of Jinja2's: one of ours, or a method of text that stands there."""
        if isinstance(function, nodes.Getattr):
            return isinstance(function.node, nodes.Const) and isinstance(function.node.value, str)
        return isinstance(function, nodes.Name) and function.name in _DIRECT

    def _is_text(self, node: nodes.Expr) -> bool:
        """Say whether a value is a ``str``, and no markup, whatever the page holds."""
        if isinstance(node, nodes.Call):
            return isinstance(node.node, nodes.Name) and node.node.name in _TEXTUAL
        return isinstance(node, nodes.Concat) and not self._markup

    def _followed(self, node: nodes.Expr, rest: str, frame: Frame) -> None:
        self._begun(node, f"){rest}", frame)

    def _begun(self, node: nodes.Expr, rest: str, frame: Frame) -> None:
        self.write("(")
        self.visit(node, frame)
        self.write(rest)

    def _ask(self, node: nodes.Filter | nodes.Test) -> None:
        if node.name in _ASKING:
            self._asked = node.node


def _makes_markup(template: nodes.Template) -> bool:
    """Say whether a template could make markup: values that are pages' own never are."""
    if any(each.name not in _WITHOUT_MARKUP for each in template.find_all(nodes.Filter)):
        return True
    functions = [call.node for call in template.find_all(nodes.Call)]
    if any(isinstance(each, nodes.Name) and each.name not in _DIRECT for each in functions):
        return True
    # Values that are markup may be written, and nothing else.
    written = [each for output in template.find_all(nodes.Output) for each in output.nodes]
    return _markups(written) != _markups(template.find_all(nodes.Name))


def _markups(values: Iterable[nodes.Node]) -> int:
    return sum(isinstance(each, nodes.Name) and each.name in _MARKUP for each in values)


def _literal(text: str) -> str:
    """Return text as it is written inside a formatted string in single quotes."""
    escaped = text.encode("unicode_escape").decode("ascii")
    return escaped.replace("'", "\\'").replace("{", "{{").replace("}", "}}")
