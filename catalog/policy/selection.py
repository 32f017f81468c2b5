"""One tool or action out of a policy."""

from dataclasses import replace

from catalog.policy.model import Policy, Rule


def only(policy: Policy, key: str) -> Policy:
    """Return the policy for one entry alone; everything else is denied.

    ``key`` is the entry's, or the name of a dispatcher tool, which stands for all of its actions. Rules on the same
    tool and the same action stay together whatever their key, so that the strictest still decides.
    """
    chosen = [rule for rule in policy.rules if rule.key == key] or [rule for rule in policy.rules if rule.tool == key]
    targets = {_target(rule) for rule in chosen}
    return replace(policy, rules=tuple(rule for rule in policy.rules if _target(rule) in targets))


def _target(rule: Rule) -> object:
    return rule.tool, rule.when
