"""A policy as a target needs it: tool by tool, with what its rules come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.policy.evaluate import strictest
from catalog.policy.model import PASSING, Decision, Policy, Rule, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One tool on the wire and all the rules on it: its own, or those on its actions."""

    tool: str
    rules: tuple[Rule, ...]
    own: Decision | None
    """The strictest of the tool's own rules; None where all are on its actions."""
    selectors: Mapping[str, Mapping[str, Decision]]
    """What is decided for each value of each argument that selects actions.

    A value that several rules name (one action in two groups) has the strictest of their decisions.
    """

    @classmethod
    def of(cls, tool: str, rules: Sequence[Rule]) -> "Surface":
        """Take the rules on one tool together."""
        own = [rule.decision for rule in rules if not rule.when]
        selectors: dict[str, dict[str, Decision]] = {}
        for rule in rules:
            for match in rule.when:
                values = selectors.setdefault(match.argument, {})
                values[match.value] = strictest((rule.decision, values.get(match.value, rule.decision)))
        return cls(tool=tool, rules=tuple(rules), own=strictest(own) if own else None, selectors=selectors)

    @property
    def decision(self) -> Decision:
        """Return what is decided for the tool itself; for a dispatcher tool, for a call without a selector.

        APPROVE where no call passes but some could with a person's approval.
        """
        if self.own is not None:
            return self.own
        decisions = {decision for values in self.selectors.values() for decision in values.values()}
        if PASSING & decisions:
            return Decision.ALLOW
        return Decision.APPROVE if Decision.APPROVE in decisions else Decision.DENY

    def decides(self, rule: Rule) -> Decision:
        """Return what holds for the entry of ``rule`` once all rules are taken together."""
        named = [self.selectors[match.argument][match.value] for match in rule.when]
        return strictest(named if self.own is None else [*named, self.own])

    @property
    def limits(self) -> Mapping[Window, int]:
        """Return the strictest limit in each window among the rules that limit."""
        found: dict[Window, int] = {}
        for rule in self.rules:
            for limit in rule.limits if rule.decision is Decision.LIMIT else ():
                if limit.sum_of is None:
                    found[limit.window] = min(limit.max, found.get(limit.window, limit.max))
        return found


def surfaces(policy: Policy) -> tuple[Surface, ...]:
    """Return each tool that the policy names with its rules, in the order of their first rule."""
    rules: dict[str, list[Rule]] = {}
    for rule in policy.rules:
        rules.setdefault(rule.tool, []).append(rule)
    return tuple(Surface.of(tool, of_tool) for tool, of_tool in rules.items())
