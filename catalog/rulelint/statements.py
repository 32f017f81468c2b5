"""Checks of what a rule says of itself, and of its examples."""

import re
from collections.abc import Iterator

from catalog.rulelint.finding import Check, RuleFile, Vocabulary
from catalog.rulelint.words import conditions
from classifier.classify import known_facts
from classifier.rule import Example
from classifier.ruleset import Ruleset, prose_words, uses

_LONGEST_SUMMARY = 100
_WORD = re.compile(r"[a-z0-9]+")
# Facts that are no words: a counterexample differs from the rule in something else.
_NO_WORDS = frozenset(
    {"hint", "hidden", "action", "parameters", "nominal", "omitted", "flag", "text", "default", "also", "joined"}
)


def _summary(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    summary = file.rule.summary
    if not summary[:1].isupper() or summary.endswith("."):
        yield "summary", f"the summary {summary!r} does not begin with a capital or ends with a full stop"
    if len(summary) > _LONGEST_SUMMARY:
        yield "summary", f"the summary has {len(summary)} characters, more than {_LONGEST_SUMMARY}"


def _why(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    if file.rule.why.strip(" .").lower() == file.rule.summary.lower():
        yield "why", "the reason repeats the summary"


def _same_example(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for example in (*file.rule.examples, *file.rule.counterexamples):
        key = example.model_dump_json()
        if key in seen:
            yield example.name, f"the example {example.name!r} stands twice"
        seen.add(key)


def _empty_counterexample(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    asked = ruleset.numbers_of(file.rule.id)
    if not asked or uses(file.rule.match, _NO_WORDS):
        return
    stated = {one for condition in conditions(file.rule.match) for _, words in condition.words() for one in words}
    stated |= set(prose_words(file.rule.match, ruleset.groups))
    words = {ruleset.forms.get(part, part) for word in stated for part in _WORD.findall(word)}
    for example in file.rule.counterexamples:
        shared = words & {ruleset.forms.get(word, word) for word in _WORD.findall(_text(example))}
        if not shared and asked.isdisjoint(known_facts(ruleset, example.server(), 0).hits):
            yield example.name, f"the counterexample {example.name!r} holds no word that the rule looks for"


def _text(example: Example) -> str:
    """Return the words of an example, also those that a negation or an aside keeps from being facts."""
    return " ".join((example.name, example.description, *example.input)).lower()


def _references(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for reference in file.rule.references:
        if not reference.startswith("https://"):
            yield reference, f"the reference {reference!r} is no https address"


def _same_match(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for other in ruleset.rules:
        same_kind = other.id.partition("/")[0] == file.rule.id.partition("/")[0]
        if other.id < file.rule.id and same_kind and other.match == file.rule.match:
            yield "match", f"it asks for exactly what {other.id} asks for"


STATEMENT_CHECKS = (
    Check(id="summary", level="error", recommendation="State the fact found, as one short line.", find=_summary),
    Check(id="why", level="error", recommendation="Say why the fact matters.", find=_why),
    Check(id="same-example", level="error", recommendation="Leave one out.", find=_same_example),
    Check(
        id="empty-counterexample",
        level="error",
        recommendation="Choose a tool that comes close: it shares a word with the rule and is something else.",
        find=_empty_counterexample,
    ),
    Check(id="reference", level="error", recommendation="Give the address of a page.", find=_references),
    Check(id="same-match", level="error", recommendation="Make one rule of the two.", find=_same_match),
)
