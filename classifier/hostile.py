"""Texts of a definition as a model reads them: all, asides and arguments' descriptions too.

What a server wants a model to do it writes anywhere, so these texts are searched whole.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.definition import Tool
from classifier.schema import Property
from classifier.text import MAX_CHARACTERS, Text, read

# What all texts of one tool together may hold before the rest is left unread; ordinary tools stay below 20,000.
MAX_TOGETHER = 200_000


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a definition."""

    field: str
    """As evidence names it: ``title``, ``description``, ``param:NAME``, ``param-description:NAME``, ``value:NAME``,
    ``output-description:NAME`` or ``default:NAME``."""
    original: str


def everything(tool: Tool, inputs: Sequence[Property], outputs: Sequence[Property]) -> str:
    """Return every text that a model reads, each on a line of its own, bounded together.

    Nearly all tools need no more than this one text; ``passages`` says which part is which.
    """
    texts = [tool.title, tool.description[:MAX_CHARACTERS]]
    for one in (*inputs, *outputs):
        texts.append(one.name)
        if one.description:
            texts.append(one.description[:MAX_CHARACTERS])
        if one.values:
            texts += one.values
        if one.given:
            texts += one.given
    return "\n".join(texts)[:MAX_TOGETHER]


def passages(tool: Tool, inputs: Sequence[Property], outputs: Sequence[Property]) -> Iterator[Passage]:
    """Yield every text that a model reads, in the order of ``everything`` and bounded as there."""
    left = MAX_TOGETHER
    for passage in _all(tool, inputs, outputs):
        left -= min(len(passage.original), MAX_CHARACTERS) + 1
        if left < 0:
            return
        if passage.original:
            yield passage


def defaults(inputs: Sequence[Property]) -> Iterator[Passage]:
    """Yield what arguments are by default, always, or for example, where that is a text."""
    for one in inputs:
        for given in one.given:
            yield Passage(f"default:{one.name}", given)


def plain(texts: str, *, visible: bool) -> str:
    """Return texts normalised, as patterns compare them; ``visible`` says that no character is hidden."""
    if texts.isascii():
        return texts
    shown = texts if visible else "".join(c for c in texts if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", shown)


def normalised(passage: Passage) -> Text:
    """Return one text as patterns compare it, with the way back to the original."""
    return read(passage.original)


def quoted(passage: Passage) -> str:
    """Return a passage as the field of a place: evidence needs its text again, and any character may stand in it."""
    return f"text:{len(passage.field)}:{passage.field}{passage.original}"


def unquoted(where: str) -> tuple[str, str]:
    """Return the field and the text that ``quoted`` put together."""
    length, _, rest = where.removeprefix("text:").partition(":")
    return rest[: int(length)], rest[int(length) :]


def _all(tool: Tool, inputs: Sequence[Property], outputs: Sequence[Property]) -> Iterator[Passage]:
    yield Passage("title", tool.title)
    yield Passage("description", tool.description)
    for one in inputs:
        yield Passage(f"param:{one.name}", one.name)
        yield Passage(f"param-description:{one.name}", one.description)
        for value in one.values:
            yield Passage(f"value:{one.name}", value)
        for given in one.given:
            yield Passage(f"default:{one.name}", given)
    for one in outputs:
        yield Passage(f"output:{one.name}", one.name)
        yield Passage(f"output-description:{one.name}", one.description)
