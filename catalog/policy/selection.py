"""One tool or action out of a policy, by the name a person types."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.policy.model import Policy, Rule


def named(policy: Policy, name: str) -> Sequence[str]:
    """Return the keys that ``name`` may mean: itself, every action of a dispatcher tool, or actions of that name.

    More than one key for one *action* name means that it is ambiguous; see ``is_dispatcher``.
    """
    readings = (
        [rule.key for rule in policy.rules if rule.key == name],
        [rule.key for rule in policy.rules if rule.tool == name],
        [rule.key for rule in policy.rules if any(match.value == name for match in rule.when)],
    )
    return next((keys for keys in readings if keys), [])


def is_dispatcher(policy: Policy, name: str) -> bool:
    """Say whether ``name`` is a tool that the policy reaches actions through."""
    return any(rule.tool == name and rule.when for rule in policy.rules)


def only(policy: Policy, keys: Sequence[str]) -> Policy:
    """Return the policy for these keys alone; everything else is denied.

    Rules on the same tool and the same action stay together whatever their key, so that the strictest still decides.
    """
    targets = {_target(rule) for rule in policy.rules if rule.key in keys}
    return replace(policy, rules=tuple(rule for rule in policy.rules if _target(rule) in targets))


def _target(rule: Rule) -> object:
    return rule.tool, rule.when
