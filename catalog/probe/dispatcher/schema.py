"""Actions that a tool's schema offers: a selector argument whose constants are operations. Nothing is called.

Where the schema has a branch for each action (oneOf, anyOf, or allOf of if and then), the branch says which parameters
the action has and which group it is in; else every action has the tool's other arguments.
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from catalog.probe.dispatcher.action import Item, is_name
from classifier.definition import JsonObject, JsonValue, Tool
from classifier.operations import are_operations, is_selector
from classifier.ruleset import Ruleset
from classifier.words import snake

# Local references that lead to one another.
MAX_REFERENCES = 8
# Branches that are looked at.
MAX_BRANCHES = 2_000
# Characters of parameters that the actions of one tool may have together; the largest real schema has 112,000.
PARAMETERS_LENGTH = 8_000_000

_DEFINITIONS = ("$defs", "definitions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One action that a schema offers: what selects it, and its parameters."""

    selector: Mapping[str, str]
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """All actions that a schema offers."""

    actions: tuple[Offered, ...] = ()
    payload: str | None = None
    """The argument that carries the actions' own parameters."""
    problems: tuple[str, ...] = ()


def selectors(tool: Tool, ruleset: Ruleset) -> Sequence[str]:
    """Return the arguments that may choose among operations, best first: by name, then whether required."""
    schema = tool.input_schema
    doubtful, required = ruleset.lexicon.grammar.doubtful_selectors, _strings(schema.get("required"))
    names = list(dict.fromkeys(name for part in (schema, *_branches(schema)) for name in _properties(part)))
    found = [name for name in names if is_selector(name, ruleset.lexicon)]
    return sorted(found, key=lambda name: (snake(name) in doubtful, name not in required, names.index(name)))


def free_text(tool: Tool, argument: str) -> bool:
    """Say whether an argument takes any text: no constants, no other type."""
    member = _resolved(_properties(tool.input_schema).get(argument), tool.input_schema)
    kinds = member.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return not _constants(member, tool.input_schema) and all(kind in ("string", "null", None) for kind in kinds)


def offered(tool: Tool, ruleset: Ruleset, most: int) -> Offer:
    """Return the actions that the tool's schema offers by its decisive selector argument; none where it has none.

    More than ``most`` values are not looked at, but for one that shows that there are more.
    """
    schema = tool.input_schema
    branches = list(_branches(schema))
    for argument in selectors(tool, ruleset):
        values: dict[str, str] = {}
        for part in (schema, *branches):
            for value, said in _constants(_properties(part).get(argument), schema).items():
                values[value] = values.get(value) or said
        if len(values) > 1 and are_operations(tool, argument, list(values), ruleset):
            values = dict(islice(values.items(), most + 1))
            fit = {value: said for value, said in values.items() if is_name(value)}
            problems = []
            if len(branches) >= MAX_BRANCHES:
                problems.append(f"more than {MAX_BRANCHES - 1} branches in its schema; the list may be partial")
            if len(fit) < len(values):
                problems.append(
                    f"{len(values) - len(fit)} values of {argument[:80]!r} are no names; they were left out"
                )
            roomy = _length(schema, branches, len(fit)) <= PARAMETERS_LENGTH
            if not roomy:
                problems.append(
                    "its schema is too large to be repeated for each action; their parameters were left out"
                )
            actions = tuple(_actions(schema, branches, argument, fit, roomy=roomy))
            payload = None
            if not branches:
                parameters, payload = beside(tool, argument, ruleset)
                shared = parameters if roomy else None
                actions = tuple(replace(one, item=replace(one.item, schema=shared)) for one in actions)
            return Offer(actions=actions, payload=payload, problems=tuple(problems))
    return Offer()


def beside(tool: Tool, argument: str, ruleset: Ruleset) -> tuple[JsonObject, str | None]:
    """Return the parameters that every action has, and the argument that carries them where there is no other."""
    schema = tool.input_schema
    payload = payload_of(tool, {argument}, ruleset)
    if payload is not None and _properties(schema).keys() <= {argument, payload}:
        carried = _resolved(_properties(schema)[payload], schema)
        return _with_definitions({**carried, "type": "object"}, schema), payload
    return _parameters(schema, (), {argument}), None


def argument_text(tool: Tool, argument: str) -> str:
    """Return the description of an argument."""
    text = _resolved(_properties(tool.input_schema).get(argument), tool.input_schema).get("description")
    return text if isinstance(text, str) else ""


def payload_of(tool: Tool, chosen: Container[str | None], ruleset: Ruleset) -> str | None:
    """Return the object argument that carries an action's own parameters, beside those that are ``chosen`` to select.

    By its name, or because there is no other argument; None where there is none.
    """
    schema = tool.input_schema
    others = [name for name in _properties(schema) if name not in chosen]
    objects = [name for name in others if _is_object(_resolved(_properties(schema)[name], schema), schema)]
    named = [name for name in objects if snake(name) in ruleset.lexicon.grammar.payloads]
    return next(iter(named), objects[0] if objects == others and len(others) == 1 else None)


def _actions(
    schema: JsonObject, branches: Sequence[JsonObject], argument: str, values: Mapping[str, str], *, roomy: bool
) -> Iterator[Offered]:
    groups = _group_arguments(schema, branches, argument)
    of_value: dict[str, list[JsonObject]] = {}
    for branch in branches:
        for value in _constants(_properties(branch).get(argument), schema):
            of_value.setdefault(value, []).append(branch)
    for value, said in values.items():
        by_group: dict[tuple[tuple[str, str], ...], list[JsonObject]] = {}
        for branch in of_value.get(value, ()):
            chosen = ((name, _constants(_properties(branch).get(name), schema)) for name in groups)
            group = tuple((name, next(iter(constants))) for name, constants in chosen if len(constants) == 1)
            by_group.setdefault(group, []).append(branch)
        for group, of_action in (by_group or {(): []}).items():
            told = next((text for one in of_action if isinstance(text := one.get("description"), str)), "")
            parameters = _parameters(schema, of_action, {argument, *groups}) if roomy else None
            item = Item(name=value, description=said or told, schema=parameters)
            yield Offered(selector={**dict(group), argument: value}, item=item)


def _group_arguments(schema: JsonObject, branches: Sequence[JsonObject], argument: str) -> Sequence[str]:
    """Return the one argument beside the selector that branches fix to different constants, if there is one."""
    fixed: dict[str, set[str]] = {}
    for branch in branches:
        members = _properties(branch)
        if argument in members:
            for name, member in members.items():
                constants = _constants(member, schema)
                if name != argument and len(constants) == 1:
                    fixed.setdefault(name, set()).update(constants)
    return [name for name, constants in fixed.items() if len(constants) > 1][:1]


def _parameters(schema: JsonObject, branches: Sequence[JsonObject], chosen: set[str]) -> JsonObject:
    """Return the schema of an action's own parameters: the tool's and its branches' without what selects it."""
    members: dict[str, JsonValue] = {}
    required: list[str] = []
    for part in (schema, *branches):
        members.update({name: one for name, one in _properties(part).items() if name not in chosen})
        required += [name for name in _strings(part.get("required")) if name not in chosen]
    found: dict[str, JsonValue] = {"type": "object", "properties": members}
    if required:
        found["required"] = list(dict.fromkeys(required))
    return _with_definitions(found, schema)


def _with_definitions(found: JsonObject, schema: JsonObject) -> JsonObject:
    """Return ``found`` with the definitions that references in it point to."""
    if '"$ref"' not in json.dumps(found):
        return found
    return {**found, **{key: schema[key] for key in _DEFINITIONS if key in schema}}


def _length(schema: JsonObject, branches: Sequence[JsonObject], actions: int) -> int:
    """Return how many characters the parameters of all actions take at most."""
    shared = [_properties(schema), *(schema[key] for key in _DEFINITIONS if key in schema)]
    return len(json.dumps(shared)) * actions + len(json.dumps(list(branches)))


def _branches(schema: JsonObject) -> Iterator[JsonObject]:
    """Yield the alternatives of a schema, and for each ``if`` its own members together with those of ``then``."""
    left = MAX_BRANCHES
    for key in ("oneOf", "anyOf", "allOf"):
        found = schema.get(key)
        for one in found if isinstance(found, list) else ():
            left -= 1
            if left < 0:
                return
            branch = _resolved(one, schema)
            if isinstance(branch.get("if"), Mapping):
                condition, then = _resolved(branch["if"], schema), _resolved(branch.get("then"), schema)
                yield {
                    "properties": {**_properties(then), **_properties(condition)},
                    "required": [*_strings(then.get("required"))],
                }
            else:
                yield branch


def _constants(member: JsonValue, root: JsonObject) -> dict[str, str]:
    """Return the texts that an argument is limited to, each with what is said of it."""
    resolved = _resolved(member, root)
    said = resolved.get("description")
    description = said if isinstance(said, str) else ""
    constant = resolved.get("const")
    if isinstance(constant, str):
        return {constant: description}
    found = dict.fromkeys(_strings(resolved.get("enum")), "")
    for key in ("oneOf", "anyOf"):
        alternatives = resolved.get(key)
        for one in alternatives if isinstance(alternatives, list) else ():
            inner = _resolved(one, root)
            told = inner.get("description", inner.get("title"))
            if isinstance(value := inner.get("const"), str):
                found[value] = told if isinstance(told, str) else ""
            else:
                found.update(dict.fromkeys(_strings(inner.get("enum")), ""))
    return {value: text for value, text in found.items() if value}


def _is_object(member: JsonObject, root: JsonObject) -> bool:
    """Say whether an argument takes an object, perhaps beside null."""
    kinds = member.get("type")
    alternatives = member.get("anyOf")
    return (
        kinds == "object"
        or (isinstance(kinds, list) and "object" in kinds)
        or (
            isinstance(alternatives, list) and any(_resolved(one, root).get("type") == "object" for one in alternatives)
        )
    )


def _properties(schema: JsonObject) -> JsonObject:
    members = schema.get("properties")
    return members if isinstance(members, Mapping) else {}


def _strings(value: JsonValue) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _resolved(member: JsonValue, root: JsonObject) -> JsonObject:
    """Return a schema, through local references; an empty one where there is none or it is somewhere else."""
    for _ in range(MAX_REFERENCES):
        if not isinstance(member, Mapping):
            return {}
        reference = member.get("$ref")
        if not isinstance(reference, str):
            return member
        parts = reference.split("/")
        member = root if parts[0] == "#" else None
        for part in parts[1:]:
            member = member.get(part) if isinstance(member, Mapping) else None
    return {}
