"""What is doubtful about a policy file: names that no server has, rules that contradict, values not filled in."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.policy.evaluate import strictest
from catalog.policy.model import Policy
from catalog.view import EntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that whoever wrote a policy may not have meant."""

    server: str
    about: str
    """A rule's key, a parameter's name, or nothing for the policy as a whole."""
    message: str


def review(policy: Policy, entries: Sequence[EntryRow] | None) -> tuple[Doubt, ...]:
    """Return what is doubtful; ``entries`` are the catalogue's of the server, None where it has none."""
    found = [*_empty(policy), *_contradictions(policy), *_unfilled(policy)]
    if entries is not None:
        found += _names(policy, entries)
    return tuple(Doubt(server=policy.server, about=about, message=message) for about, message in found)


def _empty(policy: Policy) -> Iterator[tuple[str, str]]:
    if not policy.rules:
        yield "", "there are no rules, so every call is denied"


def _contradictions(policy: Policy) -> Iterator[tuple[str, str]]:
    targets: dict[object, list[int]] = {}
    for place, rule in enumerate(policy.rules):
        targets.setdefault((rule.tool, rule.when), []).append(place)
    for places in targets.values():
        rules = [policy.rules[place] for place in places]
        decisions = list(dict.fromkeys(rule.decision for rule in rules))
        if len(decisions) > 1:
            said = " and ".join(decisions)
            where = ", ".join(map(str, places))
            yield (
                rules[0].key,
                f"rules {where} say {said} of the same calls; the strictest, {strictest(decisions)}, wins",
            )


def _unfilled(policy: Policy) -> Iterator[tuple[str, str]]:
    for name, parameter in policy.parameters.items():
        if not parameter.values:
            users = sum(any(one.parameter == name for one in rule.conditions) for rule in policy.rules)
            yield (
                name,
                f"the parameter has no values yet, so {users} rules deny what it bounds: {parameter.description}",
            )


def _names(policy: Policy, entries: Sequence[EntryRow]) -> Iterator[tuple[str, str]]:
    tools = {entry.dispatch.tool if entry.dispatch else entry.name for entry in entries}
    actions: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        if entry.dispatch:
            actions.setdefault((entry.dispatch.tool, entry.dispatch.argument), set()).add(entry.dispatch.value)
    for rule in policy.rules:
        if rule.tool not in tools:
            behind = next((of for of, values in actions.items() if rule.tool in values), None)
            if behind:
                tool, argument = behind
                hint = f"it is an action: write the tool {tool!r} and when {argument!r} is {rule.tool!r}"
            else:
                hint = _nearest(rule.tool, tools)
            yield rule.key, f"the server has no tool {rule.tool!r}, so the rule is for no call; {hint}"
            continue
        for match in rule.when:
            known = actions.get((rule.tool, match.argument))
            if known is None:
                yield rule.key, f"no argument {match.argument!r} of {rule.tool!r} is known to select actions"
            elif match.value not in known:
                hint = _nearest(match.value, known)
                yield rule.key, f"{match.argument!r} of {rule.tool!r} selects no {match.value!r} that is known; {hint}"


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"the nearest is {close[0]!r}" if close else "none is like it"
