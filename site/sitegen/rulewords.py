"""What a rule asks for and what it shows, as lists that a page can print."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.rulepages import MEANING
from classifier.rule import TESTS, Condition, Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that a rule asks for."""

    text: str
    """``the verb is``."""
    words: tuple[str, ...]
    """Of which one is enough; ``$group`` names a group of words. Empty where only the clauses inside ask."""
    inner: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLine:
    """A made-up tool that a rule finds, or leaves alone."""

    name: str
    title: str
    description: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]
    hints: tuple[str, ...]
    """``readOnlyHint: true``."""
    siblings: tuple[str, ...]


def clauses(condition: Condition) -> tuple[Clause, ...]:
    """Return what a condition asks for: all of it must hold."""
    found = [Clause(text=MEANING[test], words=words) for test, words in condition.words()]
    for inner in condition.all:
        found += clauses(inner)
    if condition.any:
        found.append(Clause(text="one of", words=(), inner=tuple(map(_alternative, condition.any))))
    if condition.none:
        found.append(Clause(text="and none of", words=(), inner=tuple(map(_alternative, condition.none))))
    return tuple(found)


def groups(condition: Condition) -> tuple[str, ...]:
    """Return the groups of words that a condition names at any depth, without the dollar sign."""
    return tuple(sorted({word[1:] for word in _words(condition) if word.startswith("$")}))


def example_line(example: Example) -> ExampleLine:
    """Return an example for a page."""
    return ExampleLine(
        name=example.name,
        title=example.title,
        description=example.description,
        parameters=tuple(example.input),
        results=tuple(example.output),
        hints=tuple(f"{name}: {str(value).lower()}" for name, value in example.annotations.items()),
        siblings=example.siblings,
    )


def _alternative(condition: Condition) -> Clause:
    found = clauses(condition)
    return found[0] if len(found) == 1 else Clause(text="all of", words=(), inner=found)


def _words(condition: Condition) -> Iterator[str]:
    for test in TESTS:
        yield from getattr(condition, test)
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from _words(inner)
