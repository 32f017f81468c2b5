"""The templates, twice: as Jinja2 compiles them, and flat, which writes the same in a fraction of the time."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import markupsafe
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, Template, TemplateError
from markupsafe import Markup

from sitegen.codegen import FlatCodeGenerator
from sitegen.counted import COUNTED, LoopCounter
from sitegen.flatten import flattened
from sitegen.parsed import CannotFlatten
from sitegen.places import rule_path
from sitegen.slugs import anchor
from sitegen.visible import visible


class Templates:
    """Ours, and in front of them those of a folder of the publisher's."""

    def __init__(self, folder: Path | None) -> None:
        self._plain = _environment(Environment, folder)
        self._flat = _environment(FlatEnvironment, folder)
        self._flattened: dict[str, FlatTemplate | None] = {}

    def plain(self, name: str) -> Template:
        """Return a template as Jinja2 compiles it. Raises: jinja2.TemplateError where it is missing or broken."""
        return self._plain.get_template(name)

    def flat(self, name: str) -> "FlatTemplate | None":
        """Return its flat form, which makes nothing visible; None where it has none, or is broken."""
        if name not in self._flattened:
            self._flattened[name] = self._flatten(name)
        return self._flattened[name]

    def _flatten(self, name: str) -> "FlatTemplate | None":
        try:
            template = flattened(self._flat, name)
            code = self._flat.compile(template, name)
        except (CannotFlatten, RecursionError, TemplateError, UnicodeDecodeError):
            return None
        return FlatTemplate(Template.from_code(self._flat, code, self._flat.globals))


def templates(folder: Path | None) -> Templates:
    """Return the templates of a site; ours alone are compiled once a process, however often a site is built."""
    return Templates(folder) if folder else _ours()


@cache
def _ours() -> Templates:
    return Templates(None)


class FlatTemplate:
    """A flat template, ready to write pages one after another."""

    def __init__(self, template: Template) -> None:
        # A flat template sets nothing in its context, so that one serves all pages.
        self._values: dict[str, object] = dict(template.globals)
        self._context = template.new_context(self._values, shared=True)
        self._write = template.root_render_func

    def write(self, values: Mapping[str, object]) -> str:
        """Return a page. Raises: whatever its values do in the template."""
        self._values.update(values)
        return "".join(self._write(self._context))


class FlatEnvironment(Environment):
    """What a flat template is compiled and runs with."""

    code_generator_class = FlatCodeGenerator

    # MarkupSafe's own function, without the Markup around what it returns: that costs more than the escaping.
    escaped: Callable[[str], str] = staticmethod(markupsafe._escape_inner)  # type: ignore[attr-defined]

    @staticmethod
    def text(value: object) -> str:
        """Return what Jinja2 would write for a value."""
        return str(markupsafe.escape(_finalize(value)))


def _environment(kind: type[Environment], folder: Path | None) -> Environment:
    ours = PackageLoader("sitegen")
    environment = kind(
        loader=ChoiceLoader([FileSystemLoader(folder), ours]) if folder else ours,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # a build reads its templates once
    )
    environment.globals |= {"anchor": anchor, "rule_path": rule_path, COUNTED: LoopCounter()}
    return environment


def _finalize(value: object) -> object:
    """Make hidden characters of every value visible; escaping follows. Markup is made of templates only."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
