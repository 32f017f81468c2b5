"""Why a tool needs a policy: sentences written from evidence, each with the rules that made it.

No sentence says what its evidence does not hold. Server words inside sentences are plain text; render.py escapes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from catalog.view import AppliedOverride
from classifier.verdict import Category, Classification, Contribution, Evidence, Recoverability
from sitegen.catalogue import CataloguedEntry
from sitegen.followed import followed
from sitegen.parameters import PARAMETER_FIELDS, SELF_CONFIRM, Parameter, description_of
from sitegen.visible import bounded
from sitegen.words import (
    capital,
    category_claim,
    finding_words,
    listed,
    recoverability_claim,
    recoverability_sentence,
    trait_words,
)

# The longest quotation of a definition, with its surroundings.
QUOTE = 160

# The longest quotation inside a sentence.
_WORDS = 60

# More places than this say the same again.
_PLACES = 3

_MOST_QUOTES = 8

# By whether an outdated decision is in force (catalog.view.AppliedOverride).
_OUTDATED: Mapping[bool, str] = MappingProxyType(
    {
        True: " The definition has changed since; being stricter, the decision holds until somebody looks again.",
        False: " The definition has changed since, so the rules decide again.",
    }
)

_ORDER: Sequence[Contribution] = ("category", "trait", "finding", "severity", "recoverability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence or two, and the rules that made them."""

    text: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of the definition that made a rule fire, with what stands around them: at most 160 characters."""

    field: str
    before: str
    words: str
    after: str
    rules: tuple[str, ...]


def claims(verdict: Classification, watched: Parameter | None = None) -> tuple[Claim, ...]:
    """Return the reasons, one for each thing that the evidence says: what a call does, what follows, how bad that is.

    A finding that the page already tells of the parameter to watch is not told again.
    """
    groups: dict[tuple[Contribution, str], list[Evidence]] = {}
    for evidence in verdict.evidence:
        groups.setdefault((evidence.contributes, evidence.value), []).append(evidence)
    told = {finding for finding in verdict.findings if watched and finding_words(finding) in watched.reasons}
    found = [
        (_sentence(verdict, group), group)
        for (contributes, value), group in sorted(groups.items(), key=lambda item: _ORDER.index(item[0][0]))
        if contributes != "finding" or value not in told
    ]
    return tuple(Claim(text=text, rules=_rules(group)) for text, group in found if text)


def axes(verdict: Classification) -> str:
    """Say how severity and recoverability, which are two axes, make the risk."""
    severity, risk = verdict.severity.label, verdict.risk.label
    cost = f"Severity, what one wrong call can cost, is {severity}."
    undone = recoverability_sentence(verdict)
    if verdict.risk < verdict.severity:
        return f"{cost} {undone} That is why the risk is lower: {risk}."
    if verdict.risk > verdict.severity:
        return f"{cost} {undone} That is why the risk is higher: {risk}."
    return f"{cost} {undone} The risk is {risk} as well."


def decided(overrides: Iterable[AppliedOverride]) -> tuple[str, ...]:
    """Say what a person decided instead of the rules, and whether that still holds; one sentence or two for each."""
    return tuple(
        f"{one.by} set the {one.field} to {one.value} on {one.date.isoformat()}: {bounded(one.reason, QUOTE)}"
        + ("" if one.reason.endswith(".") else ".")
        + (_OUTDATED[one.in_force] if one.outdated else "")
        for one in overrides
    )


def decisive(verdict: Classification, rows: Iterable[Parameter]) -> Parameter | None:
    """Return the parameter that decides how bad a call can be; None where the evidence names none."""
    by_name = {row.name: row for row in rows}
    for contributes in ("severity", "finding", "trait", "category"):
        for evidence in verdict.evidence:
            kind, _, name = evidence.field.partition(":")
            named = kind in PARAMETER_FIELDS and name in by_name and evidence.value != SELF_CONFIRM
            if named and evidence.contributes == contributes and followed(verdict, evidence):
                return by_name[name]
    return None


def quotes(entry: CataloguedEntry) -> tuple[Quote, ...]:
    """Return the spans that fired, each once; a bare name of a parameter, a hint or another tool says nothing."""
    spans: dict[tuple[str, int, int], list[Evidence]] = {}
    for evidence in entry.verdict.evidence:
        if evidence.text and not evidence.field.startswith(("sibling:", "annotation:", "param:", "output:")):
            # A name is short: it is shown once, with whatever was seen in it.
            span = (0, 0) if evidence.field in ("name", "title") else (evidence.start, evidence.end)
            spans.setdefault((evidence.field, *span), []).append(evidence)
    return tuple(_quote(entry, group) for group in list(spans.values())[:_MOST_QUOTES])


def _sentence(verdict: Classification, group: Sequence[Evidence]) -> str:
    """Write one group's sentence; empty where the verdict went another way."""
    if not followed(verdict, group[0]):
        return ""
    value = group[0].value
    places = _places(group)
    match group[0].contributes:
        case "category":
            too = "" if value == verdict.category else f" It counts as {value} too."
            return f"{capital(places)}: {category_claim(Category(value))}.{too}"
        case "trait":
            words = trait_words(value)
            return f"It {words.does}: {places}. {words.consequence}".rstrip()
        case "severity":
            return f"The severity is {value}: {places}."
        case "recoverability":
            return f"{recoverability_claim(Recoverability(value))}: {places}."
        case "finding":
            return f"Something is wrong with the definition: {finding_words(value)} ({places})."
    assert_never(group[0].contributes)


def _places(group: Sequence[Evidence]) -> str:
    """Say where the words of a group stand: ``its name says “create” and it takes the parameter force``."""
    by_field: dict[str, list[str]] = {}
    for evidence in group:
        words = bounded(" ".join(evidence.text.split()), _WORDS)
        by_field.setdefault(evidence.field, []).append(words)
    places = [_place(field, _longest(words)) for field, words in list(by_field.items())[:_PLACES]]
    return listed(list(dict.fromkeys(places)))


def _place(field: str, words: Sequence[str]) -> str:
    kind, _, name = field.partition(":")
    quoted = listed([f"“{each}”" for each in words if each])
    sentence = _PLACE.get(kind, "its {kind} says {quoted}")
    return sentence.format(
        kind=kind, name=bounded(name, _WORDS), quoted=quoted or "nothing more precise", words="".join(words[:1])
    )


# By the kind of the evidence's field (classifier.verdict.Evidence).
_PLACE: Mapping[str, str] = MappingProxyType(
    {
        "param": "it takes the parameter {name}",
        "value": "its parameter {name} can be {quoted}",
        "default": "the schema fills {name} with {quoted}",
        "param-description": "of its parameter {name} it says {quoted}",
        "output": "its result has {name}",
        "output-description": "of {name} in its result it says {quoted}",
        "annotation": "the server declares {name} as {words}",
        "sibling": "the server also offers {name}",
    }
)


def _longest(words: Sequence[str]) -> Sequence[str]:
    """Drop words that others contain, and repetitions."""
    return [each for each in dict.fromkeys(words) if not any(each != other and each in other for other in words)]


def _quote(entry: CataloguedEntry, group: Sequence[Evidence]) -> Quote:
    evidence = max(group, key=lambda each: each.end - each.start)
    text = _field(entry, evidence.field)
    words = bounded(evidence.text, QUOTE)
    if text[evidence.start : evidence.end] != evidence.text:
        return Quote(field=evidence.field, before="", words=words, after="", rules=_rules(group))
    # Two characters are kept for the ellipses.
    room = max(0, QUOTE - len(words) - 2)
    start = max(0, evidence.start - room // 2)
    end = min(len(text), evidence.end + room - (evidence.start - start))
    return Quote(
        field=evidence.field,
        before=("…" if start else "") + text[start : evidence.start],
        words=words,
        after=text[evidence.end : end] + ("…" if end < len(text) else ""),
        rules=_rules(group),
    )


def _field(entry: CataloguedEntry, field: str) -> str:
    tool = entry.tool
    kind, _, name = field.partition(":")
    match kind:
        case "name":
            return tool.name
        case "title":
            return tool.title
        case "description":
            return tool.description
        case "param-description":
            return description_of(tool.input_schema, name)
        case "output-description":
            return description_of(tool.output_schema, name)
        case _:
            return ""


def _rules(group: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(evidence.rule for evidence in group))
