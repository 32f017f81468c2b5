"""A tool's parameters as a table: read tolerantly from a schema that a server wrote."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from classifier.definition import JsonObject, JsonValue
from classifier.verdict import Evidence
from sitegen.catalogue import CataloguedEntry
from sitegen.followed import followed
from sitegen.visible import bounded
from sitegen.words import article, finding_words, listed, trait_words

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")

# A schema may nest compositions without end; what stands deeper is in the raw definition.
_DEPTH = 4

# More parameters or values than anyone reads; the raw definition has them all.
_MOST_PARAMETERS = 200
_MOST_VALUES = 40

# No type that JSON Schema knows needs more; a server may write anything.
_LONGEST_TYPE = 60

PARAMETER_FIELDS = ("param", "value", "default", "param-description")
"""Kinds of evidence fields that name a parameter."""

_RESULT_FIELDS = ("output", "output-description")

SELF_CONFIRM = "self-confirm"
"""The trait of a parameter that only looks like a safeguard: it never decides how bad a call is."""


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
    return _rows(entry, entry.tool.input_schema, PARAMETER_FIELDS, "with it, the tool")


def results(entry: CataloguedEntry) -> tuple[Parameter, ...]:
    """Return what the output schema declares of a result, in the schema's order."""
    return _rows(entry, entry.tool.output_schema, _RESULT_FIELDS, "by it, the tool")


def description_of(schema: JsonObject, name: str) -> str:
    """Return the description of one property; empty where there is none."""
    return _text(_properties(schema).get(name, {}).get("description"))


def _rows(entry: CataloguedEntry, schema: JsonObject, kinds: Sequence[str], beginning: str) -> tuple[Parameter, ...]:
    required = {name for part in _parts(schema) for name in _texts(part.get("required"))}
    evidence: dict[str, list[Evidence]] = {}
    for each in entry.verdict.evidence:
        kind, _, name = each.field.partition(":")
        if kind in kinds and followed(entry.verdict, each):
            evidence.setdefault(name, []).append(each)
    return tuple(
        Parameter(
            name=name,
            type=_type(definition),
            required=name in required,
            default=_json(definition["default"]) if "default" in definition else None,
            values=_values(definition),
            description=_text(definition.get("description")),
            reasons=_reasons(evidence.get(name, ()), beginning),
            rules=tuple(dict.fromkeys(each.rule for each in evidence.get(name, ()))),
        )
        for name, definition in islice(_properties(schema).items(), _MOST_PARAMETERS)
    )


def _properties(schema: JsonObject) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for part in _parts(schema):
        properties = part.get("properties")
        if isinstance(properties, Mapping):
            for name, definition in properties.items():
                found.setdefault(name, definition if isinstance(definition, Mapping) else {})
    return found


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


def _values(definition: JsonObject) -> tuple[str, ...]:
    if "const" in definition:
        return (_json(definition["const"]),)
    values = definition.get("enum")
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    shown = tuple(value if isinstance(value, str) else _json(value) for value in values[:_MOST_VALUES])
    return (*shown, f"and {len(values) - _MOST_VALUES} more") if len(values) > _MOST_VALUES else shown


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
    return bounded(json.dumps(value, ensure_ascii=False), 200)
