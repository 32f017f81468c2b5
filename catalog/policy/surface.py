"""A policy as a target needs it: tool by tool, with what its rules come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.policy.evaluate import strictest
from catalog.policy.model import PASSING, Decision, Limit, Policy, Rule, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One tool on the wire and all the rules on it: its own, or those on its actions."""

    tool: str
    rules: tuple[Rule, ...]

    @property
    def selectors(self) -> Mapping[str, Mapping[str, Decision]]:
        """Return what is decided for each value of each argument that selects actions.

        A value that several rules name (one action in two groups) has the strictest of their decisions.
        """
        found: dict[str, dict[str, Decision]] = {}
        for rule in self.rules:
            for match in rule.when:
                values = found.setdefault(match.argument, {})
                values[match.value] = strictest((rule.decision, values.get(match.value, rule.decision)))
        return found

    @property
    def decision(self) -> Decision:
        """Return what is decided for the tool itself; for a dispatcher tool, for a call without a selector.

        APPROVE where no call passes but some could with a person's approval.
        """
        own = [rule.decision for rule in self.rules if not rule.when]
        if own:
            return strictest(own)
        decisions = [decision for values in self.selectors.values() for decision in values.values()]
        if any(decision in PASSING for decision in decisions):
            return Decision.ALLOW
        return Decision.APPROVE if Decision.APPROVE in decisions else Decision.DENY

    def decides(self, rule: Rule) -> Decision:
        """Return what holds for the entry of ``rule`` once all rules are taken together."""
        named = [self.selectors[match.argument][match.value] for match in rule.when]
        own = [other.decision for other in self.rules if not other.when]
        return strictest((*named, *own))

    @property
    def limits(self) -> Mapping[Window, int]:
        """Return the strictest limit in each window among the rules that limit."""
        found: dict[Window, int] = {}
        for limit in self._limits():
            found[limit.window] = min(limit.max, found.get(limit.window, limit.max))
        return found

    def _limits(self) -> Sequence[Limit]:
        return [rule.limit for rule in self.rules if rule.decision is Decision.LIMIT and rule.limit]


def surfaces(policy: Policy) -> tuple[Surface, ...]:
    """Return each tool that the policy names with its rules, in the order of their first rule."""
    rules: dict[str, list[Rule]] = {}
    for rule in policy.rules:
        rules.setdefault(rule.tool, []).append(rule)
    return tuple(Surface(tool=tool, rules=tuple(of_tool)) for tool, of_tool in rules.items())
