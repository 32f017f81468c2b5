"""Pages of every kind, filled with whatever their fields can hold: for what must hold of any page."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st
from markupsafe import Markup, escape

import sitegen.pages
from catalog.attacks import AttackPattern, load_attacks

PLAIN = st.sampled_from(("apple", "a pear", "", "one of “these”"))

HOSTILE = st.one_of(
    st.sampled_from(("<script>alert(1)</script>", "&amp;'\"{{ x }}{% raw %}", "Ein Apfel — größer", "a\nb\tc", "✅")),
    st.sampled_from(("\u202edlo\u200b\u200b", "a\r\nb\rc", "\ud800", "\x1b[31m", "\U000e0041", "\u00ad", "\ufe0f")),
    st.characters().map("a{}b".format),
)

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


@st.composite
def filled(draw: st.DrawFn, kind: type, text: st.SearchStrategy[str]) -> Any:
    """Return a value of a dataclass, however deep, whose texts are drawn from ``text``."""
    return _value(draw, kind, text)


def _value(draw: st.DrawFn, kind: Any, text: st.SearchStrategy[str]) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    made: Any
    if kind is str:
        made = draw(text)
    elif kind is Markup:
        made = escape(draw(text))
    elif kind is AttackPattern:
        made = draw(st.sampled_from(_attacks()))
    elif isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        made = kind(**{each.name: _field(draw, each.name, hints[each.name], text) for each in fields(kind)})
    elif origin in (typing.Union, types.UnionType):
        made = _value(draw, arguments[draw(st.integers(0, len(arguments) - 1))], text)
    elif origin is tuple and arguments[-1] is not Ellipsis:
        made = tuple(_value(draw, each, text) for each in arguments)
    elif isinstance(origin, type) and issubclass(origin, Sequence):
        made = tuple(_value(draw, arguments[0], text) for _ in range(draw(st.integers(0, 3))))
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        made = {_value(draw, arguments[0], text): _value(draw, arguments[1], text)}
    else:
        made = draw(st.from_type(kind))
    return made


def _field(draw: st.DrawFn, name: str, kind: Any, text: st.SearchStrategy[str]) -> Any:
    if name == "when":  # a policy's rule selects by one argument at most
        return _value(draw, kind, text)[:1]
    return draw(_PLACE) if name in _PLACES and kind is str else _value(draw, kind, text)


@cache
def _attacks() -> Sequence[AttackPattern]:
    return load_attacks()[:5]
