"""A tool's parameters as a table: read tolerantly from a schema that a server wrote."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from classifier.definition import JsonObject, JsonValue
from classifier.verdict import Evidence
from sitegen.catalogue import CataloguedEntry
from sitegen.followed import followed
from sitegen.visible import LONGEST_NAME, bounded
from sitegen.words import article, finding_words, listed, trait_words

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")

# A schema may nest compositions without end; what stands deeper is in the raw definition.
_DEPTH = 4

# More parameters or values than anyone reads; the raw definition has them all.
_MOST_PARAMETERS = 200
_MOST_VALUES = 40
_LONGEST_VALUE = 200

# Characters of all descriptions and values of a table, since a page has to stay small: the longest are cut, and none
# to less than a sentence.
_PARAMETER_TEXT, _RESULT_TEXT = 9_000, 3_000
_LEAST_TEXT = 150

# No type that JSON Schema knows needs more; a server may write anything.
_LONGEST_TYPE = 60

PARAMETER_FIELDS = ("param", "value", "default", "param-description")
"""Kinds of evidence fields that name a parameter."""

SELF_CONFIRM = "self-confirm"
"""The trait of a parameter that only looks like a safeguard: it never decides how bad a call is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What differs between the two tables."""

    fields: Sequence[str]
    """Kinds of evidence fields that name one of its rows."""
    beginning: str
    """Of a sentence that says what a row does."""
    text: int


_PARAMETERS = _Table(fields=PARAMETER_FIELDS, beginning="with it, the tool", text=_PARAMETER_TEXT)
_RESULTS = _Table(fields=("output", "output-description"), beginning="by it, the tool", text=_RESULT_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One row of the table: a parameter, or a member of the result."""

    name: str
    type: str
    required: bool
    default: str | None
    """As JSON; None where the schema gives no default."""
    values: tuple[str, ...]
    """The allowed values, if the schema lists them."""
    description: str
    reasons: tuple[str, ...]
    """Why the parameter is marked: what the evidence that names it says."""
    rules: tuple[str, ...]
    """Ids of the rules that say so."""


def parameters(entry: CataloguedEntry) -> tuple[Parameter, ...]:
    """Return the parameters in the schema's order; a member of the wrong type counts as absent."""
    return _rows(entry, entry.tool.input_schema, _PARAMETERS)


def parameter_counts(schema: JsonObject) -> tuple[int, int]:
    """Return how many parameters there are, and how many are required; a table shows no more than 200."""
    names = _properties(schema).keys()
    return len(names), len(names & _required(schema))


def results(entry: CataloguedEntry) -> tuple[Parameter, ...]:
    """Return what the output schema declares of a result, in the schema's order."""
    return _rows(entry, entry.tool.output_schema, _RESULTS)


def description_of(schema: JsonObject, name: str) -> str:
    """Return the description of one property; empty where there is none."""
    return _text(_properties(schema).get(name, {}).get("description"))


def _rows(entry: CataloguedEntry, schema: JsonObject, table: _Table) -> tuple[Parameter, ...]:
    required = _required(schema)
    evidence: dict[str, list[Evidence]] = {}
    for each in entry.verdict.evidence:
        kind, _, name = each.field.partition(":")
        if kind in table.fields and followed(entry.verdict, each):
            evidence.setdefault(name, []).append(each)
    shown = dict(islice(_properties(schema).items(), _MOST_PARAMETERS))
    longest = _longest([_text_size(definition) for definition in shown.values()], table.text)
    return tuple(
        Parameter(
            name=bounded(name, LONGEST_NAME),
            type=_type(definition),
            required=name in required,
            default=_json(definition["default"]) if "default" in definition else None,
            values=_values(definition, longest),
            description=bounded(_text(definition.get("description")), longest),
            reasons=_reasons(evidence.get(name, ()), table.beginning),
            rules=tuple(dict.fromkeys(each.rule for each in evidence.get(name, ()))),
        )
        for name, definition in shown.items()
    )


def _longest(sizes: Sequence[int], total: int) -> int:
    """Return how many characters the longest texts may have, so that all of them have ``total``."""
    for number, size in enumerate(sorted(sizes)):
        share = total // (len(sizes) - number)
        if size > share:
            return max(_LEAST_TEXT, share)
        total -= size
    return max(sizes, default=0)


def _text_size(definition: JsonObject) -> int:
    return max(len(_text(definition.get("description"))), sum(map(len, _values(definition, sys.maxsize))))


def _properties(schema: JsonObject) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for part in _parts(schema):
        properties = part.get("properties")
        if isinstance(properties, Mapping):
            for name, definition in properties.items():
                found.setdefault(name, definition if isinstance(definition, Mapping) else {})
    return found


def _required(schema: JsonObject) -> set[str]:
    return {name for part in _parts(schema) for name in _texts(part.get("required"))}


def _parts(schema: JsonObject, depth: int = 0) -> Iterator[JsonObject]:
    yield schema
    if depth == _DEPTH:
        return
    for composition in _COMPOSITIONS:
        branches = schema.get(composition)
        if isinstance(branches, Sequence) and not isinstance(branches, str):
            for branch in branches:
                if isinstance(branch, Mapping):
                    yield from _parts(branch, depth + 1)


def _type(definition: JsonObject) -> str:
    """Return the type in words: ``string``, ``array of integer``, ``string or null``; ``any`` where none is given."""
    return bounded(_type_words(definition), _LONGEST_TYPE)


def _type_words(definition: JsonObject) -> str:
    kind = definition.get("type")
    names = list(dict.fromkeys(_texts([kind] if isinstance(kind, str) else kind)))
    if not names:
        branches = [definition.get(composition) for composition in _COMPOSITIONS]
        names = list(
            dict.fromkeys(
                _type(branch)
                for group in branches
                if isinstance(group, Sequence) and not isinstance(group, str)
                for branch in group[:_DEPTH]
                if isinstance(branch, Mapping) and "type" in branch
            )
        )
    items = definition.get("items")
    if names == ["array"] and isinstance(items, Mapping) and isinstance(items.get("type"), str):
        return f"array of {items['type']}"
    return " or ".join(names) or "any"


def _values(definition: JsonObject, share: int) -> tuple[str, ...]:
    """Return the first allowed values, as many as ``share`` characters hold, and how many more there are."""
    if "const" in definition:
        return (_json(definition["const"]),)
    values = definition.get("enum")
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    shown: list[str] = []
    for value in values[:_MOST_VALUES]:
        text = bounded(value, _LONGEST_VALUE) if isinstance(value, str) else _json(value)
        share -= len(text)
        if shown and share < 0:
            break
        shown.append(text)
    return (*shown, f"and {len(values) - len(shown)} more") if len(values) > len(shown) else tuple(shown)


def _reasons(evidence: Sequence[Evidence], beginning: str) -> tuple[str, ...]:
    """Say what the evidence that names a parameter says, each reason once; the traits are one reason."""
    does = dict.fromkeys(
        trait_words(each.value).does for each in evidence if each.contributes == "trait" and each.value != SELF_CONFIRM
    )
    reasons = [f"{beginning} {listed(list(does))}"] if does else []
    for each in evidence:
        match each.contributes:
            case "trait" if each.value == SELF_CONFIRM:
                reasons.append("an agent fills it in itself, so it protects nothing")
            case "trait":
                continue
            case "finding":
                reasons.append(finding_words(each.value))
            case "severity":
                reasons.append(f"it makes the severity {each.value}")
            case "category":
                reasons.append(f"it makes this {article(each.value)} tool")
            case "recoverability":
                reasons.append("it decides whether a call can be undone")
            case _:
                assert_never(each.contributes)
    return tuple(dict.fromkeys(reasons))


def _texts(value: JsonValue) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, str)]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _json(value: JsonValue) -> str:
    return bounded(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)
