"""The words: which are verbs and what they mean, groups of nouns, and how sentences are read. All of it is data."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from classifier.verdict import Category


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VerbClass(_Model):
    """The verbs of one category."""

    strong: tuple[str, ...]
    weak: tuple[str, ...] = ()


class Inverse(_Model):
    """Verbs, and the verbs that undo them on the same noun."""

    verbs: tuple[str, ...]
    undone_by: tuple[str, ...]


class Grammar(_Model):
    """How names and sentences are read; the file's comments say what each list is for."""

    also_nouns: frozenset[str]
    rather_verbs: frozenset[str]
    asking: frozenset[str]
    lead_in: frozenset[str]
    negations: frozenset[str]
    diversions: frozenset[str]
    asides: frozenset[str]
    prepositions: frozenset[str]
    containers: frozenset[str]
    compound_heads: tuple[str, ...]
    boilerplate: frozenset[str]
    amounts: frozenset[str]
    selectors: frozenset[str]
    doubtful_selectors: frozenset[str]
    payloads: frozenset[str]
    looking: frozenset[str]
    recording: frozenset[str]
    nominal_reads: frozenset[str]
    omissions: tuple[str, ...]
    unlimited: tuple[str, ...]
    irregular: Mapping[str, str]
    inverses: tuple[Inverse, ...]

    @cached_property
    def turning(self) -> frozenset[str]:
        """Words that take all or the rest of their clause out: negations and diversions."""
        return self.negations | self.diversions


class Language(_Model):
    """Verbs of one language, each by the English verb it stands for."""

    match: Literal["substring", "prefix"]
    """``substring`` for scripts without spaces; ``prefix`` where verbs inflect at the end."""
    verbs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb's meaning when nothing else is known."""

    word: str
    category: Category
    _: KW_ONLY
    strong: bool
    also_noun: bool


class Lexicon:
    """All words, in the forms that look-ups need."""

    def __init__(
        self,
        verbs: Mapping[Category, VerbClass],
        nouns: Mapping[str, tuple[str, ...]],
        grammar: Grammar,
        languages: Mapping[str, Language],
    ) -> None:
        self.grammar = grammar
        self.nouns = nouns
        self.languages = languages
        self.verbs: dict[str, Verb] = {}
        for category, group in verbs.items():
            for word in group.strong:
                self.verbs.setdefault(word, Verb(word, category, strong=True, also_noun=word in grammar.also_nouns))
            for word in group.weak:
                self.verbs.setdefault(word, Verb(word, category, strong=False, also_noun=word in grammar.also_nouns))
        self.longest: dict[str, int] = {}
        """For the first word of each verb of several words, how many the longest has."""
        for word in self.verbs:
            first, length = word.split(" ", 1)[0], word.count(" ") + 1
            if length > self.longest.get(first, 1):
                self.longest[first] = length
        left_out, unlimited = ("|".join(map(re.escape, words)) for words in (grammar.omissions, grammar.unlimited))
        self.unlimited_if_omitted = re.compile(
            rf"\b(?:{left_out})\b[^.;]{{0,40}}?\b(?:{unlimited})\b|\b(?:{unlimited})\b[^.;]{{0,15}}?\b(?:{left_out})\b"
        )
        """Matches a parameter's description that says that leaving it out lifts a limit."""
        shortest = sorted(grammar.unlimited, key=len)
        self._unlimited = tuple(
            one for at, one in enumerate(shortest) if not any(shorter in one for shorter in shortest[:at])
        )
        self.undone_by: dict[str, frozenset[str]] = {}
        for inverse in grammar.inverses:
            for word in inverse.verbs:
                self.undone_by[word] = self.undone_by.get(word, frozenset()) | frozenset(inverse.undone_by)

    def says_unlimited(self, text: str) -> bool:
        """Say whether a text could hold what ``unlimited_if_omitted`` looks for: quick, and nearly always no."""
        lower = text.lower()
        return any(one in lower for one in self._unlimited)

    def words(self) -> frozenset[str]:
        """Return every single word that is known: of verbs and of groups of nouns."""
        known = (*self.verbs, *(word for group in self.nouns.values() for word in group))
        return frozenset(part for phrase in known for part in phrase.split())

    def of_category(self, category: Category) -> Iterator[str]:
        """Yield the verbs whose default meaning is ``category``."""
        return (verb.word for verb in self.verbs.values() if verb.category is category)


_DOUBLED = frozenset("bdgklmnprt")
_VOWELS = frozenset("aeiou")


def inflections(word: str) -> Iterator[str]:
    """Yield the regular English forms of a verb or noun: third person or plural, past, gerund."""
    if not word.isascii() or len(word) < 3:
        if word.isascii() and word:
            yield word + "s"
        return
    stem = word[:-1]
    if word.endswith("y") and word[-2] not in _VOWELS:
        yield from (stem + "ies", stem + "ied", word + "ing")
    elif word.endswith("e"):
        yield from (word + "s", word + "d", stem + "ing")
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        yield from (word + "es", word + "ed", word + "ing")
    else:
        yield from (word + "s", word + "ed", word + "ing")
    if word[-1] in _DOUBLED and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        yield from (word + word[-1] + "ed", word + word[-1] + "ing")


def forms(verbs: Iterable[str], others: Iterable[str], irregular: Mapping[str, str]) -> dict[str, str]:
    """Map each known word in each of its forms to its base form.

    A verb maps to itself; of other words, a plural maps to its singular and a past form to its verb where both
    are known.
    """
    known_verbs = dict.fromkeys(verbs)
    known = known_verbs | dict.fromkeys(others)
    found = dict(irregular)
    for base in known:
        for form in inflections(base):
            found.setdefault(form, base)
    for base in known:
        other = found.get(base)
        is_plural = base.endswith("s") and other in known
        is_past = base.endswith("ed") and other in known_verbs
        if base in known_verbs or not (base in irregular or is_plural or is_past):
            found[base] = base
    return found
