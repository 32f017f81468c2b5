"""Some tools or actions out of a policy."""

from collections.abc import Collection
from dataclasses import replace

from catalog.policy.model import Policy, Rule


def only(policy: Policy, keys: Collection[str]) -> Policy:
    """Return the policy for these entries alone; everything else is denied.

    A key is an entry's, or the name of a dispatcher tool, which stands for all of its actions. Rules on the same tool
    and the same action stay together whatever their key, so that the strictest still decides.
    """
    targets = {_target(rule) for rule in policy.rules if rule.key in keys or rule.tool in keys}
    return replace(policy, rules=tuple(rule for rule in policy.rules if _target(rule) in targets))


def _target(rule: Rule) -> object:
    return rule.tool, rule.when
