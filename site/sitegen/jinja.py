"""The templates, twice: as Jinja2 compiles them, and flat, which writes the same in a fraction of the time."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import markupsafe
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, Template, TemplateError
from markupsafe import Markup

from sitegen.codegen import FlatCodeGenerator
from sitegen.counted import COUNTED, LoopCounter
from sitegen.flatten import CannotFlatten, flattened
from sitegen.places import rule_path
from sitegen.slugs import anchor
from sitegen.visible import visible

# Pages that Jinja2 writes in the time that it takes to flatten and compile their template.
_FEW = 30


class Templates:
    """Ours, and in front of them those of a folder of the publisher's."""

    def __init__(self, folder: Path | None) -> None:
        self._plain = _environment(Environment, folder)
        self._flat = _environment(FlatEnvironment, folder)
        self._flattened: dict[str, Template | None] = {}
        self._wanted: Counter[str] = Counter()

    def plain(self, name: str) -> Template:
        """Return a template as Jinja2 compiles it. Raises: jinja2.TemplateError where it is missing or broken."""
        return self._plain.get_template(name)

    def flat(self, name: str) -> Template | None:
        """Return its flat form, which makes nothing visible; None where it has none, or is broken."""
        if name not in self._flattened:
            self._flattened[name] = self._flatten(name)
        return self._flattened[name]

    def pays(self, name: str) -> bool:
        """Say whether a page of this template is better written by its flat form: making it takes as long as some."""
        self._wanted[name] += 1
        return self._wanted[name] > _FEW

    def _flatten(self, name: str) -> Template | None:
        try:
            template = flattened(self._flat, name)
            code = self._flat.compile(template, name)
        except (CannotFlatten, TemplateError):
            return None
        # A plain dict: each page copies it.
        return Template.from_code(self._flat, code, dict(self._flat.globals))


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
