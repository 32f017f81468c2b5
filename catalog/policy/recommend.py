"""From classifications to a recommended policy: pure, apart from reading the ladder once."""

from collections.abc import Sequence

from catalog.policy import ladder
from catalog.policy.model import PASSING, Decision, Match, Policy, Rule
from catalog.policy.reason import sentence
from catalog.policy.unselected import run_unselected
from catalog.view import EntryRow
from classifier.verdict import Classification

BASELINE = "baseline"


def decide(classification: Classification) -> Decision:
    """Return what the baseline ladder decides for one tool or action."""
    return ladder.load(BASELINE).step(classification).decision


def recommend(server: str, entries: Sequence[EntryRow], profile: str = BASELINE) -> Policy:
    """Return the recommended policy for the entries of one server, one rule per entry in their order.

    A dispatcher tool whose actions are known gets no rule of its own: its actions' rules say what may be called. Unless
    a call that selects none of them runs one that must not pass: then that decides about every call.
    Raises: UsageError if ``profile`` is unknown.
    """
    steps = ladder.load(profile)
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
        rules.append(_rule(entry, step))
    return Policy(server=server, rules=tuple(rules), profile=profile)


def _rule(entry: EntryRow, step: ladder.Step) -> Rule:
    noun = "action" if entry.dispatch else "tool"
    return Rule(
        tool=entry.dispatch.tool if entry.dispatch else entry.name,
        # The decisive argument alone: a server may ignore the group, so a policy must not lean on it.
        when=(Match(argument=entry.dispatch.argument, value=entry.dispatch.value),) if entry.dispatch else (),
        decision=step.decision,
        limit=step.bound,
        reason=sentence(entry.name, noun, entry.classification, step.decision, step.bound),
        key=entry.key,
    )
