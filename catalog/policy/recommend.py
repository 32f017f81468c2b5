"""From classifications to a recommended policy: pure, apart from reading the ladder once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from catalog.errors import UsageError
from catalog.policy import ladder
from catalog.policy.harden import hardened, parameters, watched
from catalog.policy.model import PASSING, Decision, Match, Policy, Rule
from catalog.policy.reason import sentence
from catalog.policy.unselected import run_unselected
from catalog.view import EntryRow
from classifier.verdict import Classification

BASELINE = "baseline"

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


def decide(classification: Classification) -> Decision:
    """Return what the baseline ladder decides for one tool or action."""
    return ladder.load(BASELINE).step(classification).decision


def recommend(
    server: str,
    entries: Sequence[EntryRow],
    profile: str = BASELINE,
    *,
    values: Mapping[str, Sequence[str]] = _NONE,
    after_taint: Decision | None = None,
) -> Policy:
    """Return the recommended policy for the entries of one server, one rule per entry in their order.

    A dispatcher tool whose actions are known gets no rule of its own: its actions' rules say what may be called. Unless
    a call that selects none of them runs one that must not pass: then that decides about every call.

    Args:
        server: The name by which whoever enforces the policy knows the server.
        entries: Everything present on it.
        profile: The decision ladder (data/knowledge/policies).
        values: Those of the profile's parameters that are filled in, by name.
        after_taint: What is decided at least, in a session that has read text of outsiders, on what could carry out a
            toxic flow; the profile's own if None.

    Raises: UsageError if ``profile`` or a parameter is unknown.
    """
    steps = ladder.load(profile)
    if unknown := sorted(values.keys() - steps.parameters.keys()):
        known = ", ".join(steps.parameters) or "none"
        raise UsageError(f"the profile {profile!r} has no parameter {unknown[0]!r}; its parameters: {known}")
    actions: dict[str, list[EntryRow]] = {}
    for entry in entries:
        if entry.dispatch:
            actions.setdefault(entry.dispatch.tool, []).append(entry)
    rules = []
    for entry in entries:
        step = steps.step(entry.classification)
        if entry.dispatch is None and entry.name in actions:
            could_run = [steps.step(one.classification) for one in run_unselected(entry, actions[entry.name])]
            step = max(could_run, key=lambda one: one.decision.strictness, default=step)
            if not could_run or step.decision in PASSING:
                continue
        rule = hardened(_rule(entry, step), entry, steps, values)
        rules.append(_explained(watched(rule, entry, after_taint or steps.after_taint), entry))
    return Policy(
        server=server,
        rules=tuple(rules),
        profile=profile,
        resources=steps.resources,
        prompts=steps.prompts,
        definitions={entry.name: entry.definition.hash for entry in entries if entry.dispatch is None},
        parameters=parameters(steps, rules, values),
    )


def _rule(entry: EntryRow, step: ladder.Step) -> Rule:
    return Rule(
        tool=entry.dispatch.tool if entry.dispatch else entry.name,
        # The decisive argument alone: a server may ignore the group, so a policy must not lean on it.
        when=(Match(argument=entry.dispatch.argument, value=entry.dispatch.value),) if entry.dispatch else (),
        decision=step.decision,
        limits=step.bounds,
        reason="",
        evidence=_evidence(entry.classification),
        key=entry.key,
    )


def _explained(rule: Rule, entry: EntryRow) -> Rule:
    noun = "action" if entry.dispatch else "tool"
    reason = sentence(
        entry.name,
        noun,
        entry.classification,
        decision=rule.decision,
        limits=rule.limits,
        conditions=rule.conditions,
    )
    return replace(rule, reason=reason)


def _evidence(classification: Classification) -> tuple[str, ...]:
    """Return the rules that made the risk: of its category, its severity and what is wrong with the definition."""
    severity = classification.severity.label
    decisive = (
        item.rule
        for item in classification.evidence
        if item.contributes in {"category", "finding"} or (item.contributes == "severity" and item.value == severity)
    )
    return tuple(dict.fromkeys(decisive))
