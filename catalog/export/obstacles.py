"""What a target's syntax cannot carry, apart from what its rules can express: names, lengths. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from catalog.policy.evaluate import evaluate
from catalog.policy.model import REFUSING, Decision, Policy, Rule
from catalog.policy.reason import wish
from catalog.policy.target import Unsupported


def refuse(policy: Policy, obstacle: Callable[[Rule], str]) -> tuple[Policy, tuple[Unsupported, ...]]:
    """Return the policy with every rule denied that ``obstacle`` says a reason of, and a note on each that passed.

    An exporter calls this before `catalog.policy.degrade.degrade`, so that a rule is noted once.
    """
    rules: list[Rule] = []
    notes: list[Unsupported] = []
    for rule in policy.rules:
        why = obstacle(rule) if rule.decision not in REFUSING else ""
        rules.append(denied(rule) if why else rule)
        if why:
            notes.append(Unsupported(key=rule.key, wanted=wish(rule), written=f"deny: {why}"))
    refused = replace(policy, rules=tuple(rules))
    told = {note.key for note in notes}
    return refused, (*notes, *(note for note in _shut(policy, refused) if note.key not in told))


def denied(rule: Rule) -> Rule:
    """Return the rule as one that denies."""
    return replace(rule, decision=Decision.DENY, limits=(), conditions=(), after_taint=None)


def _shut(policy: Policy, refused: Policy) -> Iterator[Unsupported]:
    """Yield a note on each dispatcher tool that could be asked what it offers and no longer can."""
    for tool in dict.fromkeys(rule.tool for rule in policy.rules if rule.when):
        before, after = evaluate(policy, tool, {}), evaluate(refused, tool, {})
        if after.strictness > before.strictness:
            yield Unsupported(key=tool, wanted=str(before), written=f"{after}: none of its actions passes there")
