"""Text as rules compare it, and the way back to the text as published.

Matching is done on ``plain``: compatibility-normalised (NFKC) and without format characters, so that full-width
letters, ligatures and invisible characters cannot hide a word. Evidence always points into ``original``.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# What a description may say at most before the rest is left unread: bounds the work on a hostile text.
MAX_CHARACTERS = 8_000

_LINE = frozenset("\t\n\r")
_CONTROLS = frozenset(map(chr, (*range(32), 127)))
_JOINERS = frozenset("\u200c\u200d")
_BLACK_FLAG = "\U0001f3f4"
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Text:
    """One string of a definition, ready for matching."""

    original: str
    plain: str
    lower: str
    """``plain`` in lower case, character for character."""
    offsets: Sequence[int] | None
    """Where each character of ``plain`` stands in ``original``; None where the positions are the same."""
    hidden: tuple[int, int] | None
    """The first run of characters in ``original`` that a reader cannot see."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a span of ``plain`` into a span of ``original``."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def read(original: str) -> Text:
    """Normalise one string; only the first ``MAX_CHARACTERS`` are read."""
    bounded = original[:MAX_CHARACTERS]
    if bounded.isascii():
        hidden = None if bounded.isprintable() else _first_run(bounded)
        return Text(original, bounded, bounded.lower(), None, hidden)
    if all_visible(bounded) and unicodedata.is_normalized("NFKC", bounded):
        lower = bounded.lower()
        if len(lower) == len(bounded):
            return Text(original, bounded, lower, None, None)
    return _read_unicode(original, bounded)


def _read_unicode(original: str, bounded: str) -> Text:
    plain: list[str] = []
    lower: list[str] = []
    offsets: list[int] = []
    for run in _RUN.finditer(bounded):
        text, start = run.group(), run.start()
        if text.isascii():
            plain.append(text)
            lower.append(text.lower())
            offsets += range(start, run.end())
        elif unicodedata.category(text) != "Cf":
            for part in unicodedata.normalize("NFKC", text):
                plain.append(part)
                small = part.lower()
                lower.append(small if len(small) == 1 else part)
                offsets.append(start)
    return Text(original, "".join(plain), "".join(lower), offsets, _first_run(bounded))


def _first_run(text: str) -> tuple[int, int] | None:
    """Return the first run of invisible characters that no ordinary text needs."""
    if all_visible(text):
        return None
    for start, character in enumerate(text):
        if not character.isprintable() and _is_hidden(text, start):
            end = start + 1
            while end < len(text) and _is_hidden(text, end):
                end += 1
            return start, end
    return None


def all_visible(text: str) -> bool:
    """Say whether a reader sees every character: format characters are not printable."""
    if text.isascii():
        return text.replace("\n", "").isprintable() or not (set(text) - _LINE) & _CONTROLS
    # Few different characters make up a text, so this is quicker than a walk through it.
    return all(character.isprintable() or character in _LINE for character in set(text))


def _is_hidden(text: str, index: int) -> bool:
    character = text[index]
    if character in _LINE:
        return False
    category = unicodedata.category(character)
    if category not in {"Cf", "Cc"} or character == "\u00ad" or (character == "\ufeff" and index == 0):
        return False
    if character in _JOINERS:
        # Emoji sequences, Persian and Indic scripts join with these; between ASCII letters they only hide something.
        return index == 0 or text[index - 1].isascii()
    # Flags of regions are written as a black flag followed by tag characters.
    return not (0xE0020 <= ord(character) <= 0xE007F and _BLACK_FLAG in text[max(0, index - 8) : index])
