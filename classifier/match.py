"""Conditions compiled to look-ups: every list of words becomes one number, and every word knows its numbers.

Reading a tool's words then yields the numbers that hold (``Hits``), and a rule is a few membership tests on them. Only
rules of which at least one number holds are looked at: the cost grows with the words of the tool, not with the rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from classifier.rule import TESTS, Condition

Place = tuple[str, int, int]
"""A field and a span; in the description the span counts words and is translated when it becomes evidence."""

Hits = dict[int, Place]
"""Which lists of words were found, each with the first place."""

# Roughly how many of a thousand tools have one given word of a rule as a fact of this kind.
_PER_WORD = {"parameters": 500, "category": 250, "verb": 10, "object": 3, "noun": 2, "says": 2, "hint": 50, "trait": 20}

_PROSE = frozenset({"verb", "noun", "object", "first", "says"})
_SPOKEN = frozenset({"first", "says"})
Begun = tuple[tuple[int, ...], tuple[tuple[tuple[str, ...], int, tuple[int, ...]], ...]]
"""The numbers of a word, and the phrases that begin with it, each with its length and its numbers."""


class Spoken(NamedTuple):
    """What a word of a description can be the beginning of."""

    says: Begun
    first: Begun


_SNAKE = frozenset({"param", "flag", "free", "output"})


class Index:
    """For every kind of fact: word (or phrase) to the numbers of the lists that hold it."""

    def __init__(self, forms: Mapping[str, str]) -> None:
        self.forms = forms
        self.words: dict[str, dict[str, tuple[int, ...]]] = {test: {} for test in TESTS}
        self.phrases: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {test: {} for test in TESTS}
        """For each kind, the first word of each phrase to the phrases that begin with it."""
        self.spoken: dict[str, Spoken] = {}
        """Words with which something begins that a rule looks for in prose; made by ``finish``."""
        self.named: set[str] = set()
        """Names of arguments that a rule looks for."""
        self.frequency: list[int] = []
        """For each number, roughly how many of a thousand tools have a fact in its list."""
        self._numbers: dict[tuple[str, frozenset[str]], int] = {}

    def number(self, test: str, words: frozenset[str]) -> int:
        """Return the number of a list of words, the same for equal lists."""
        known = self._numbers.get((test, words))
        if known is not None:
            return known
        number = self._numbers[test, words] = len(self._numbers)
        self.frequency.append(min(1000, _PER_WORD.get(test, 1) * len(words) + 1))
        table = self.words[test]
        if test in _SNAKE:
            self.named |= words
        for word in words:
            table[word] = (*table.get(word, ()), number)
            parts = tuple(word.split())
            if len(parts) > 1 and test in _PROSE:
                phrases = self.phrases[test]
                if parts not in phrases.get(parts[0], ()):
                    phrases[parts[0]] = (*phrases.get(parts[0], ()), parts)
        return number

    def finish(self) -> None:
        """Gather what a word of prose can mean, so that one look-up tells: most words mean nothing."""
        words, phrases = self.words, self.phrases
        begun = {word for test in _SPOKEN for word in (*phrases[test], *(one for one in words[test] if " " not in one))}
        for word in begun:
            self.spoken[word] = Spoken(
                *(
                    (
                        words[test].get(word, ()),
                        tuple((one, len(one), words[test][" ".join(one)]) for one in phrases[test].get(word, ())),
                    )
                    for test in ("says", "first")
                )
            )


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition over numbers."""

    tests: tuple[int, ...]
    all: tuple["Compiled", ...]
    any: tuple["Compiled", ...]
    none: tuple["Compiled", ...]

    def holds(self, hits: Hits) -> bool:
        """Say whether the condition holds."""
        for test in self.tests:
            if test not in hits:
                return False
        for inner in self.none:
            if inner.holds(hits):
                return False
        for inner in self.all:
            if not inner.holds(hits):
                return False
        for inner in self.any:  # a generator would double the cost of the hottest loop
            if inner.holds(hits):
                return True
        return not self.any

    def places(self, hits: Hits) -> list[Place]:
        """Return the places that make a condition hold that does."""
        found = [hits[test] for test in self.tests]
        for inner in self.all:
            found += inner.places(hits)
        for inner in self.any:
            if inner.holds(hits):
                return found + inner.places(hits)
        return found

    def numbers(self) -> Iterator[int]:
        """Yield each number that the condition asks for, exceptions left out."""
        yield from self.tests
        for inner in (*self.all, *self.any):
            yield from inner.numbers()

    def triggers(self, index: Index) -> tuple[int, ...]:
        """Return numbers of which at least one holds whenever the condition holds: the rarest such choice."""
        choices: list[tuple[int, ...]] = [(test,) for test in self.tests]
        choices += [inner.triggers(index) for inner in self.all]
        if self.any:
            choices.append(tuple(dict.fromkeys(one for inner in self.any for one in inner.triggers(index))))
        return min(choices, key=lambda choice: sum(index.frequency[number] for number in choice))


def compile_condition(condition: Condition, index: Index, groups: Mapping[str, tuple[str, ...]]) -> Compiled:
    """Number every list of words in a condition. Raises: KeyError for a ``$group`` that the lexicon lacks."""
    return Compiled(
        tests=tuple(index.number(test, _normal(test, words, index, groups)) for test, words in condition.words()),
        all=tuple(compile_condition(inner, index, groups) for inner in condition.all),
        any=tuple(compile_condition(inner, index, groups) for inner in condition.any),
        none=tuple(compile_condition(inner, index, groups) for inner in condition.none),
    )


def _normal(test: str, words: tuple[str, ...], index: Index, groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    stated = [one for word in words for one in (groups[word[1:]] if word.startswith("$") else (word,))]
    if test in _SNAKE:
        return frozenset(word.replace(" ", "_") for word in stated)
    if test in _PROSE:
        return frozenset(" ".join(index.forms.get(part, part) for part in word.split()) for word in stated)
    return frozenset(stated)
