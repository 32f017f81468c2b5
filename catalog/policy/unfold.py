"""The actions of dispatcher tools as tools of their own, for clients that know tools by their names alone. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from catalog.model import Dispatch
from catalog.policy.conditions import pointer
from catalog.policy.evaluate import strictest
from catalog.policy.model import REFUSING, Decision, Match, Policy, Rule, VirtualTool
from catalog.view import EntryRow

_VALID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names that every client takes."""

_LONGEST = 64


def unfolded(policy: Policy, entries: Sequence[EntryRow]) -> Policy:
    """Return the policy with the actions that it does not refuse as virtual tools.

    ``entries`` are those that the policy was made of. An action keeps its name where that is one of a kind and valid
    for every client; else its tool's name stands in front.
    """
    taken = {entry.name for entry in entries if entry.dispatch is None} | {rule.tool for rule in policy.rules}
    behind = [(entry, entry.dispatch) for entry in entries if entry.dispatch is not None]
    alike = Counter(entry.name for entry, _ in behind)
    decisions = _decisions(policy)
    made: list[VirtualTool] = []
    for entry, dispatch in behind:
        if not _is_open(dispatch, decisions):
            continue
        names = _names(entry.name, dispatch, alone=alike[entry.name] == 1)
        name = next(one for one in names if one not in taken and _VALID.fullmatch(one))
        taken.add(name)
        made.append(_virtual(entry, dispatch, name))
    return replace(policy, virtual_tools=tuple(made))


def as_tools(policy: Policy) -> Policy:
    """Return the policy for a client or gateway in front of one that unfolds: rules on virtual tools by their names.

    What it sees are the virtual tools, so the dispatchers behind them are not named, and so denied.
    """
    behind = {tool.tool for tool in policy.virtual_tools}
    others = [rule for rule in policy.rules if rule.tool not in behind]
    rules = (
        _on(tool, rule) for tool in policy.virtual_tools for rule in policy.on[tool.tool].all if _is_for(tool, rule)
    )
    return replace(policy, rules=(*others, *rules), virtual_tools=(), definitions={})


def _is_for(tool: VirtualTool, rule: Rule) -> bool:
    return all(tool.arguments.get(one.argument) == one.value for one in rule.when)


def _on(tool: VirtualTool, rule: Rule) -> Rule:
    """Return a rule on an action, or on its dispatcher, as one on the virtual tool."""
    prefix = "" if tool.payload is None else pointer(tool.payload)
    arguments = [condition.argument for condition in rule.conditions]
    arguments += [limit.sum_of for limit in rule.limits if limit.sum_of is not None]
    own = replace(rule, tool=str(tool.definition["name"]), when=())
    if not all(argument.startswith(f"{prefix}/") for argument in arguments):
        # It is on an argument that the gateway fills in.
        return replace(own, decision=Decision.DENY, limits=(), conditions=(), after_taint=None)
    return replace(
        own,
        limits=tuple(
            limit if limit.sum_of is None else replace(limit, sum_of=limit.sum_of.removeprefix(prefix))
            for limit in rule.limits
        ),
        conditions=tuple(replace(one, argument=one.argument.removeprefix(prefix)) for one in rule.conditions),
    )


Decisions = Mapping[tuple[str, tuple[Match, ...]], Decision]
"""What is decided on each tool and each action by the rules on it."""


def _decisions(policy: Policy) -> Decisions:
    found: dict[tuple[str, tuple[Match, ...]], Decision] = {}
    for rule in policy.rules:
        target = (rule.tool, rule.when)
        found[target] = strictest((rule.decision, found.get(target, rule.decision)))
    return found


def _is_open(dispatch: Dispatch, decisions: Decisions) -> bool:
    """Say whether some call of an action may pass, the rules on it and on its tool taken together."""
    own = decisions.get((dispatch.tool, (Match(argument=dispatch.argument, value=dispatch.value),)))
    of_tool = decisions.get((dispatch.tool, ()))
    return own is not None and own not in REFUSING and of_tool not in REFUSING


def _names(action: str, dispatch: Dispatch, *, alone: bool) -> Iterator[str]:
    """Yield names for an action, the best first, without end; ``alone`` says whether no other has its name."""
    if alone:
        yield action
    yield f"{dispatch.tool}_{action}"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", "_".join((dispatch.tool, *dispatch.selector.values())))
    yield plain[:_LONGEST]
    for number in count(2):
        end = f"_{number}"
        yield plain[: _LONGEST - len(end)] + end


def _virtual(entry: EntryRow, dispatch: Dispatch, name: str) -> VirtualTool:
    raw = entry.definition.raw
    schema = raw.get("inputSchema")
    definition: dict[str, object] = {"name": name}
    if isinstance(raw.get("description"), str):
        definition["description"] = raw["description"]
    definition["inputSchema"] = schema if isinstance(schema, Mapping) else {"type": "object"}
    if isinstance(schema, Mapping) and dispatch.payload is None:
        definition["inputSchema"] = _without(schema, dispatch.selector)
    return VirtualTool(
        definition=definition, tool=dispatch.tool, arguments=dict(dispatch.selector), payload=dispatch.payload
    )


def _without(schema: Mapping[str, object], selector: Mapping[str, str]) -> Mapping[str, object]:
    """Return an action's schema without the arguments that the gateway fills in."""
    properties, required = schema.get("properties"), schema.get("required")
    found = dict(schema)
    if isinstance(properties, Mapping):
        found["properties"] = {name: one for name, one in properties.items() if name not in selector}
    if isinstance(required, list):
        found["required"] = [name for name in required if name not in selector]
    return found
