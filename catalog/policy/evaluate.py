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
    own: list[Decision] = []
    selectors: dict[str, dict[str, list[Decision]]] = defaultdict(lambda: defaultdict(list))
    for rule in policy.rules:
        if rule.tool == tool:
            for match in rule.when:
                selectors[match.argument][match.value].append(rule.decision)
            if not rule.when:
                own.append(rule.decision)
    sent = [(arguments[name], values) for name, values in selectors.items() if arguments.get(name) is not None]
    chosen = [strictest(values.get(value, ())) if isinstance(value, str) else Decision.DENY for value, values in sent]
    if own or chosen:
        return strictest((*own, *chosen))
    offered = [strictest(decisions) for values in selectors.values() for decisions in values.values()]
    return Decision.ALLOW if PASSING.intersection(offered) else Decision.DENY


def strictest(decisions: Iterable[Decision]) -> Decision:
    """Return the strictest decision; DENY for none at all, since what no rule names is denied."""
    return max(decisions, key=lambda decision: decision.strictness, default=Decision.DENY)
