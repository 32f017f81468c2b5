"""Explain a verdict: what was read, which rules decided, which were outdone or beaten, and what would make it milder.

What would lower the risk is found by judging the changed definition again, never by arguing about rules.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from classifier.classify import classify_server, known_facts
from classifier.definition import JsonObject, Tool
from classifier.evidence import Witness
from classifier.facts import Facts
from classifier.match import Compiled, Hits, Place
from classifier.ruleset import Ruleset
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability

# Changes that are tried together; more than three at once explain nothing.
MOST_TOGETHER = 3
# Changes that are looked at; what decided comes first.
MOST_CHANGES = 8
# Ways out that are told.
MOST_WAYS = 3
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]*\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the words were taken for."""

    verb: str | None
    """The verb of the name."""
    verb_sure: bool
    said: tuple[str, ...]
    """The verbs the description begins with."""
    nouns: tuple[str, ...]
    actions: tuple[tuple[str, Category], ...]
    """Values of selector arguments, and what each does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One piece of evidence, and whether the verdict would be the same without it."""

    evidence: Evidence
    decided: bool
    outdone_by: str = ""
    """What held instead, where it did not decide: a category, a level, R0 to R3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beaten:
    """A rule that asks for what is there and was held back by its exception."""

    rule: str
    seen: tuple[Evidence, ...]
    """What it looks for, where that was found."""
    exception: tuple[Evidence, ...]
    """What held it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A smallest set of changes that lowers the risk, and to what."""

    changes: tuple[str, ...]
    risk: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind one verdict."""

    verdict: Classification
    reading: Reading
    reasons: tuple[Reason, ...]
    beaten: tuple[Beaten, ...]
    ways: tuple[Way, ...]
    """Empty where the risk is Low, and where nothing in the definition would lower it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    told: str
    tool: Tool
    sibling: Tool | None = None


def explain(ruleset: Ruleset, tools: Sequence[Tool], position: int) -> Explanation:
    """Explain the verdict on one tool in the light of its server's tools."""
    verdict = classify_server(ruleset, tools)[position]
    facts = known_facts(ruleset, tools, position)
    return Explanation(
        verdict=verdict,
        reading=_reading(facts),
        reasons=tuple(_reason(one, verdict) for one in verdict.evidence),
        beaten=tuple(_beaten(facts, ruleset, verdict)),
        ways=tuple(_ways(ruleset, tools, position, verdict)),
    )


def _reading(facts: Facts) -> Reading:
    return Reading(
        verb=facts.verb.verb.word if facts.verb is not None else None,
        verb_sure=facts.verb is not None and facts.verb.sure,
        said=tuple(dict.fromkeys(verb.word for verb, _, _ in facts.reading.verbs)),
        nouns=tuple(sorted(facts.nouns)),
        actions=tuple((place[0].partition("\0")[2], category) for category, place in facts.actions),
    )


def _reason(evidence: Evidence, verdict: Classification) -> Reason:
    held = {
        "category": verdict.category.value,
        "severity": verdict.severity.label,
        "recoverability": verdict.recoverability.value,
    }.get(evidence.contributes)
    decided = held is None or evidence.value == held
    return Reason(evidence=evidence, decided=decided, outdone_by="" if decided else held or "")


def _beaten(facts: Facts, ruleset: Ruleset, verdict: Classification) -> Iterator[Beaten]:
    witness = Witness(facts)
    fired = {one.rule for one in verdict.evidence}
    for rule, compiled in ruleset.compiled.items():
        condition = compiled.condition
        if rule in fired or compiled.derived or condition.holds(facts.hits) or not _asks(condition, facts.hits):
            continue
        exception = _exception(condition, facts.hits)
        if exception is not None:
            yield Beaten(
                rule=rule,
                seen=_quoted(witness, rule, _places(condition, facts.hits)),
                exception=_quoted(witness, rule, exception),
            )


def _quoted(witness: Witness, rule: str, places: list[Place]) -> tuple[Evidence, ...]:
    return tuple(witness.evidence(rule, places, "finding", "")) if places else ()


def _asks(condition: Compiled, hits: Hits) -> bool:
    """Say whether a condition holds when every exception in it is left out."""
    return (
        all(test in hits for test in condition.tests)
        and all(_asks(inner, hits) for inner in condition.all)
        and (not condition.any or any(_asks(inner, hits) for inner in condition.any))
    )


def _places(condition: Compiled, hits: Hits) -> list[Place]:
    found = [hits[test] for test in condition.tests]
    for inner in condition.all:
        found += _places(inner, hits)
    for inner in condition.any:
        if _asks(inner, hits):
            return found + _places(inner, hits)
    return found


def _exception(condition: Compiled, hits: Hits) -> list[Place] | None:
    """Return the places that make an exception hold, the outermost first."""
    for inner in condition.none:
        if inner.holds(hits):
            return inner.places(hits)
    for inner in (*condition.all, *(one for one in condition.any if _asks(one, hits))):
        found = _exception(inner, hits)
        if found is not None:
            return found
    return None


def _ways(ruleset: Ruleset, tools: Sequence[Tool], position: int, verdict: Classification) -> Iterator[Way]:
    if verdict.risk is Level.LOW:
        return
    others = [tool for at, tool in enumerate(tools) if at != position]
    # Siblings matter by their names; their texts are only read again where that makes a difference.
    named = [Tool(name=tool.name) for tool in others]
    if classify_server(ruleset, [tools[position], *named])[0] != verdict:
        named = others
    changes = list(_changes(ruleset, tools, position, verdict))[:MOST_CHANGES]
    for size in range(1, MOST_TOGETHER + 1):
        found = 0
        for chosen in combinations(changes, size):
            changed = _apply(tools[position], chosen)
            siblings = [one.sibling for one in chosen if one.sibling is not None]
            risk = classify_server(ruleset, [changed, *named, *siblings])[0].risk
            if risk < verdict.risk:
                yield Way(changes=tuple(one.told for one in chosen), risk=risk)
                found += 1
                if found == MOST_WAYS:
                    return
        if found:
            return


def _changes(ruleset: Ruleset, tools: Sequence[Tool], position: int, verdict: Classification) -> Iterator[_Change]:
    """Yield what could be different: an argument pinned away, an inverse sibling, a sentence left out."""
    tool = tools[position]
    arguments: dict[str, None] = {}
    sentences: dict[str, None] = {}
    for one in verdict.evidence:
        kind, _, name = one.field.partition(":")
        if kind in {"param", "value", "default", "param-description"}:
            arguments[name] = None
        elif kind == "description":
            sentences[_sentence_at(tool.description, one.start)] = None
    properties = tool.input_schema.get("properties")
    if isinstance(properties, dict):
        for name in arguments:
            if name in properties:
                left = {key: value for key, value in properties.items() if key != name}
                schema: JsonObject = {**tool.input_schema, "properties": left}
                yield _Change(told=f"the argument {name!r} is never given", tool=replace(tool, input_schema=schema))
    if verdict.recoverability is not Recoverability.R1:
        facts = known_facts(ruleset, tools, position)
        if facts.verb is not None:
            for verb in sorted(ruleset.lexicon.undone_by.get(facts.verb.verb.word, ()))[:2]:
                start, end = facts.name.span(facts.verb.start, facts.verb.end)
                name = f"{tool.name[:start]}{verb.replace(' ', '_')}{tool.name[end:]}"
                yield _Change(told=f"a sibling {name!r} undoes it", tool=tool, sibling=Tool(name=name))
    for sentence in sentences:
        without = replace(tool, description=tool.description.replace(sentence, "", 1))
        told = " ".join(sentence.split())
        yield _Change(told=f"the description does not say {told!r}", tool=without)


def _sentence_at(description: str, start: int) -> str:
    for found in _SENTENCE.finditer(description):
        if found.start() <= start < found.end():
            return found.group()
    return description


def _apply(tool: Tool, changes: Sequence[_Change]) -> Tool:
    """Make several changes at once: each takes something out of the schema or the description."""
    changed = tool
    for one in changes:
        if one.tool.input_schema is not tool.input_schema:
            gone = set(_names(tool)) - set(_names(one.tool))
            left = {name: value for name, value in _names(changed).items() if name not in gone}
            changed = replace(changed, input_schema={**changed.input_schema, "properties": left})
        elif one.tool.description != tool.description:
            sentence = _removed(tool.description, one.tool.description)
            changed = replace(changed, description=changed.description.replace(sentence, "", 1))
    return changed


def _names(tool: Tool) -> JsonObject:
    properties = tool.input_schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _removed(before: str, after: str) -> str:
    """Return the one stretch of ``before`` that ``after`` lacks."""
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(after))
    return before[start : start + len(before) - len(after)]
