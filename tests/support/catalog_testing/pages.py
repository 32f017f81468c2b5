"""Pages of every kind, filled with whatever their fields can hold: for what must hold of any page."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st
from markupsafe import Markup, escape

import sitegen.pages
from catalog.attacks import AttackPattern, Reference, load_attacks
from catalog.policy.model import Decision, Rule

PLAIN = st.sampled_from(("apple", "a pear", "", "one of “these”"))

HOSTILE = st.one_of(
    st.sampled_from(("<script>alert(1)</script>", "&amp;'\"{{ x }}{% raw %}", "Ein Apfel — größer", "a\nb\tc", "✅")),
    st.sampled_from(("\u202edlo\u200b\u200b", "a\r\nb\rc", "\ud800", "\x1b[31m", "\U000e0041", "\u00ad", "\ufe0f")),
    st.characters().map("a{}b".format),
)

# Lists this deep stay empty: a rule's conditions hold conditions.
_DEEPEST = 3

# Fields that hold places on the site, or words that places are made of: Catalog makes those, of harmless characters.
_PLACES = frozenset({"category", "file", "path", "risk", "to", "twin"})
_PLACE = st.sampled_from(("", "#servers", "rules/", "servers/barn/", "servers/barn/hay-count/", "404.html", "a/b.json"))


def page_kinds() -> list[Any]:
    """Return every kind of page that the site has."""
    names = [f"sitegen.pages.{each.name}" for each in pkgutil.iter_modules(sitegen.pages.__path__)]
    found = [(name, kind) for name in names for kind in vars(importlib.import_module(name)).values()]
    return [
        kind for name, kind in found if is_dataclass(kind) and hasattr(kind, "template") and kind.__module__ == name
    ]


def _consistent(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a policy's rule that has limits where its decision says so, and only there."""
    if rule["decision"] is Decision.LIMIT and not rule["limits"]:
        return {**rule, "decision": Decision.DENY}
    return {**rule, "limits": ()} if rule["decision"] is Decision.ALLOW else rule


@st.composite
def filled(draw: st.DrawFn, kind: type, text: st.SearchStrategy[str]) -> Any:
    """Return a value of a dataclass, however deep, whose texts are drawn from ``text``."""
    return _Filling(draw, text).value(kind, 0)


@dataclass(frozen=True)
class _Filling:
    draw: st.DrawFn
    text: st.SearchStrategy[str]

    def value(self, kind: Any, depth: int) -> Any:
        draw, inner = self.draw, depth + 1
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        made: Any
        if kind is str:
            made = draw(self.text)
        elif kind is Markup:
            made = escape(draw(PLAIN))
        elif kind is AttackPattern:
            made = draw(st.sampled_from(_attacks()))
        elif kind is Reference:
            made = draw(st.sampled_from(_attacks())).references[0]
        elif isinstance(kind, type) and is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            given = {each.name: self._field(each.name, hints[each.name], depth) for each in fields(kind) if each.init}
            made = kind(**(_consistent(given) if kind is Rule else given))
        elif origin in (typing.Union, types.UnionType):
            made = self.value(arguments[draw(st.integers(0, len(arguments) - 1))], depth)
        elif origin is tuple and arguments[-1] is not Ellipsis:
            made = tuple(self.value(each, inner) for each in arguments)
        elif isinstance(origin, type) and issubclass(origin, Sequence):
            most = 3 if depth < _DEEPEST else 0
            made = tuple(self.value(arguments[0], inner) for _ in range(draw(st.integers(0, most))))
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            made = {self.value(arguments[0], inner): self.value(arguments[1], inner)}
        else:
            made = draw(st.from_type(kind))
        return made

    def _field(self, name: str, kind: Any, depth: int) -> Any:
        if name == "when":  # a policy's rule selects by one argument at most
            return self.value(kind, depth)[:1]
        return self.draw(_PLACE) if name in _PLACES and kind is str else self.value(kind, depth)


@cache
def _attacks() -> Sequence[AttackPattern]:
    return load_attacks()[:5]
