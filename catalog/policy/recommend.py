"""From classifications to a recommended policy: pure, apart from reading the ladder once."""

from collections.abc import Sequence

from catalog.policy import ladder
from catalog.policy.model import Decision, Match, Policy, Rule
from catalog.policy.reason import sentence
from catalog.view import EntryRow
from classifier.verdict import Classification

BASELINE = "baseline"


def decide(classification: Classification) -> Decision:
    """Return what the baseline ladder decides for one tool or action."""
    return ladder.load(BASELINE).step(classification).decision


def recommend(server: str, entries: Sequence[EntryRow], profile: str = BASELINE) -> Policy:
    """Return the recommended policy for the entries of one server, one rule per entry in their order.

    A dispatcher tool whose actions are known gets no rule of its own: its actions' rules say what may be called.
    Raises: UsageError if ``profile`` is unknown.
    """
    steps = ladder.load(profile)
    dispatchers = {entry.dispatch.tool for entry in entries if entry.dispatch}
    rules = tuple(
        _rule(entry, steps.step(entry.classification))
        for entry in entries
        if entry.dispatch or entry.name not in dispatchers
    )
    return Policy(server=server, rules=rules, profile=profile)


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
