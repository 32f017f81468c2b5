"""Adds terms for the beginnings of words, so that a search for one reads one list and not a thousand."""

from array import array
from collections.abc import Iterable, Iterator

from sitegen.search.postings import Term

# Sorts after every character that a word can have: the list of all words with a beginning follows them.
PREFIX = "\uffff"

SHORTEST_PREFIX = 3

# A beginning that no more words have needs no list of its own: those words stand side by side.
FEW = 8


def with_prefixes(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield ``terms``, which are sorted, and after its last word each beginning that more than FEW words have.

    Words are made of letters and digits; a term that starts with another character has no beginnings.
    """
    opened: list[tuple[str, int]] = []
    """Beginnings that may go on, the shortest first, and where their words start in ``held``."""
    held: list[tuple[Term, int]] = []
    """Words of the beginnings, and of how many words each is made."""
    for term in terms:
        while opened and not term.text.startswith(opened[-1][0]):
            yield from _close(opened, held)
        yield term
        if term.text[0].isalnum():
            known = len(opened[-1][0]) if opened else SHORTEST_PREFIX - 1
            opened += [(term.text[:end], len(held)) for end in range(known + 1, len(term.text) + 1)]
            if opened:
                held.append((term, 1))
    while opened:
        yield from _close(opened, held)


def _close(opened: list[tuple[str, int]], held: list[tuple[Term, int]]) -> Iterator[Term]:
    prefix, start = opened.pop()
    count = sum(words for _, words in held[start:])
    if count > FEW:
        union = Term(
            prefix + PREFIX,
            _union(term.names for term, _ in held[start:]),
            _union(term.texts for term, _ in held[start:]),
        )
        # What a shorter beginning needs of these words is now in one place.
        held[start:] = [(union, count)]
        yield union
    if not opened:
        held.clear()


def _union(parts: Iterable["array[int]"]) -> "array[int]":
    found = [part for part in parts if part]
    return found[0] if len(found) == 1 else array("I", sorted(set().union(*found)))
