"""The reference evaluator: what a policy says about one call. Every exported policy is measured against it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from catalog.policy.model import PASSING, Decision, Policy


def evaluate(policy: Policy, tool: str, arguments: Mapping[str, object]) -> Decision:
    """Return the decision on a call of ``tool`` as it is on the wire.

    A tool that no rule names is denied. Otherwise the strictest applies of the tool's own rules and, for each selector
    that the call carries, the rules on its value. A value must be the rule's exactly: text, same case, at the top
    level; any other value is denied. Without a selector (absent, or null) a dispatcher tool only tells what it offers:
    that is allowed where at least one of its actions is allowed or limited. Counting calls against limits is not done
    here.
    """
    rules = [rule for rule in policy.rules if rule.tool == tool]
    decisions = [rule.decision for rule in rules if not rule.when]
    selectors: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
    for rule in rules:
        for match in rule.when:
            selectors[match.argument].append((match.value, rule.decision))
    for argument, known in selectors.items():
        sent = arguments.get(argument)
        if sent is not None:
            named = [decision for value, decision in known if isinstance(sent, str) and value == sent]
            decisions.append(strictest(named))
    if decisions:
        return strictest(decisions)
    return Decision.ALLOW if any(rule.decision in PASSING for rule in rules) else Decision.DENY


def strictest(decisions: Iterable[Decision]) -> Decision:
    """Return the strictest decision; DENY for none at all, since what no rule names is denied."""
    return max(decisions, key=lambda decision: decision.strictness, default=Decision.DENY)
