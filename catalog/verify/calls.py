"""Derive the calls that prove a policy: each tool and action exactly, and what an engine could take for one. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

from catalog.policy.model import Policy, Rule
from catalog.verify.base import Call
from catalog.verify.fitting import Arguments, fitting, missing
from catalog.view import EntryRow

EXACT = "exact"

UNKNOWN = "no_such_name"

Tried = Iterator[tuple[str, str, Mapping[str, object]]]
"""Kind, tool and arguments of calls."""


def derive(policy: Policy, entries: Sequence[EntryRow] = (), *, near: int | None = None) -> tuple[Call, ...]:
    """Return calls of every tool and action that the policy or the catalogue knows, and near misses; each call once.

    Args:
        policy: Its rules say what is called, and their conditions what with.
        entries: What the catalogue has of the server: adds what no rule names, and the group that an action stands in.
        near: Near misses only for the first so many rules of each decision; None: for all. For engines that need
            long for each call.
    """
    base = {entry.key: _arguments(entry) for entry in entries}
    chosen = _chosen(policy.rules, near)
    calls: dict[str, Call] = {}
    for kind, tool, arguments in (*_exact(policy, entries, base), *_missed(chosen, base), *_of_server(policy, chosen)):
        shape = json.dumps([tool, arguments])
        calls.setdefault(shape, Call(server=policy.server, tool=tool, arguments=arguments, kind=kind))
    return tuple(calls.values())


def _arguments(entry: EntryRow) -> Arguments:
    return dict(entry.dispatch.selector) if entry.dispatch else {}


def _selecting(rule: Rule, base: Mapping[str, Arguments]) -> Arguments:
    """Return the arguments that select the rule's action as its server wants them: with the group around it."""
    return {**base.get(rule.key, {}), **{match.argument: match.value for match in rule.when}}


def _chosen(rules: Sequence[Rule], near: int | None) -> Sequence[Rule]:
    if near is None:
        return rules
    chosen: dict[object, list[Rule]] = {}
    for rule in rules:
        kind = (rule.decision, bool(rule.when), bool(rule.conditions))
        chosen.setdefault(kind, []).append(rule)
    return [rule for alike in chosen.values() for rule in alike[:near]]


def _exact(policy: Policy, entries: Sequence[EntryRow], base: Mapping[str, Arguments]) -> Tried:
    for rule in policy.rules:
        yield EXACT, rule.tool, fitting(rule, _selecting(rule, base))
    for entry in entries:
        tool = entry.dispatch.tool if entry.dispatch else entry.name
        yield EXACT, tool, base[entry.key]


def _missed(rules: Sequence[Rule], base: Mapping[str, Arguments]) -> Tried:
    for rule in rules:
        selecting = _selecting(rule, base)
        arguments = fitting(rule, selecting)
        yield "extra arguments", rule.tool, {**arguments, "unexpected": "x", "more": {"of": ["them", 1, None]}}
        for kind, missed in missing(rule, selecting):
            yield kind, rule.tool, missed
        for match in rule.when:
            yield "action without its group", rule.tool, {match.argument: match.value}
            yield "action called as a tool", match.value, {}
            for kind, name in _alike(match.value):
                yield f"action {kind}", rule.tool, {**arguments, match.argument: name}
            for kind, value in _wrapped(match.value):
                yield f"selector {kind}", rule.tool, {**arguments, match.argument: value}
            bare = {name: value for name, value in arguments.items() if name != match.argument}
            yield "selector nested", rule.tool, {**bare, "params": {match.argument: match.value}}
            yield "selector with its name in other case", rule.tool, {**bare, match.argument.swapcase(): match.value}
        if not rule.when:
            for kind, name in _alike(rule.tool):
                yield f"tool {kind}", name, arguments


def _of_server(policy: Policy, chosen: Sequence[Rule]) -> Tried:
    """Yield what is tried once for each dispatcher tool, and once for the server."""
    yield "unknown tool", UNKNOWN, {}
    yield "tool named like a pattern", "*", {}
    yield "tool without a name", "", {}
    selectors = dict.fromkeys((rule.tool, match.argument) for rule in policy.rules for match in rule.when)
    for tool, selector in selectors:
        yield "selector missing", tool, {}
        for kind, value in _NO_ACTION:
            yield kind, tool, {selector: value}
        for kind, name in _alike(tool):
            yield f"tool {kind}", name, {}
        values = [m.value for rule in chosen if rule.tool == tool for m in rule.when if m.argument == selector]
        for one in values[:_PAIRED]:
            for other in values[:_PAIRED]:
                yield "another action nested", tool, {selector: one, "params": {selector: other}}
                yield "two actions in a list", tool, {selector: [one, other]}


_PAIRED = 6

_NO_ACTION: Sequence[tuple[str, object]] = (
    ("unknown action", UNKNOWN),
    ("selector null", None),
    ("selector empty", ""),
    ("selector is a number", 5),
    ("selector is a fraction", 5.5),
    ("selector is a huge number", 10**18),
    ("selector is true", True),
    ("selector is an empty list", []),
    ("selector is an object", {}),
    ("selector is a pattern", "*"),
    ("selector is a pattern", ".*"),
)


def _alike(name: str) -> Iterator[tuple[str, str]]:
    """Yield names that an engine could take for ``name``, by what makes them another."""
    yield "in other case", name.swapcase()
    if look_alike := _look_alike(name):
        yield "that looks alike", look_alike
    yield "with something before it", f"x{name}"
    yield "with something after it", f"{name}x"
    yield "with a space before it", f" {name}"
    yield "with a line end after it", f"{name}\n"
    yield "cut short", name[:-1]
    if "_" in name:
        yield "with another separator", name.replace("_", "-")


def _wrapped(value: str) -> Iterator[tuple[str, object]]:
    yield "in a list", [value]
    yield "in an object", {"value": value}
    yield "printed as a list", f"[{value}]"
    yield "quoted", f'"{value}"'


def _look_alike(name: str) -> str:
    """Return the name with one letter of another alphabet that looks the same; nothing where it has none."""
    for latin, other in _LOOK_ALIKES.items():
        if latin in name:
            return name.replace(latin, other, 1)
    return ""


_LOOK_ALIKES = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440", "c": "\u0441", "x": "\u0445", "i": "\u0456"}
