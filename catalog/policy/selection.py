"""Some tools or actions out of a policy."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from catalog.policy.model import Policy, Rule

Named = TypeVar("Named")

Target = object
"""What a rule is on: the tool, and for an action what selects it."""


def only(policy: Policy, keys: Collection[str]) -> Policy:
    """Return the policy for these entries alone; everything else is denied.

    A key is an entry's, or the name of a dispatcher tool, which stands for all of its actions. Rules on the same tool
    and the same action stay together whatever their key, and with an action those on its tool itself, so that the
    strictest still decides.
    """
    targets = {target_of(rule) for rule in policy.rules if rule.key in keys or rule.tool in keys}
    return _of_targets(policy, targets)


def keeping(policy: Policy, rules: Collection[Rule]) -> Policy:
    """Return the policy for what these of its rules are on; everything else is denied."""
    return _of_targets(policy, {target_of(rule) for rule in rules})


def target_of(rule: Rule) -> Target:
    """Return what a rule is on."""
    return rule.tool, rule.when


def _of_targets(policy: Policy, targets: Collection[Target]) -> Policy:
    tools = {rule.tool for rule in policy.rules if target_of(rule) in targets}
    kept = (rule for rule in policy.rules if target_of(rule) in targets or (rule.tool in tools and not rule.when))
    return trimmed(replace(policy, rules=tuple(kept), resources=(), prompts=()))


def trimmed(policy: Policy) -> Policy:
    """Return the policy without parameters, definitions and virtual tools that none of its rules is for."""
    tools = {rule.tool for rule in policy.rules}
    targets = {(match.argument, match.value, rule.tool) for rule in policy.rules for match in rule.when}
    used = {condition.parameter for rule in policy.rules for condition in rule.conditions}
    return replace(
        policy,
        definitions=_named(policy.definitions, tools),
        parameters=_named(policy.parameters, used),
        virtual_tools=tuple(
            one
            for one in policy.virtual_tools
            if any((argument, value, one.tool) in targets for argument, value in one.arguments.items())
        ),
    )


def _named(found: Mapping[str, Named], names: Collection[str | None]) -> Mapping[str, Named]:
    return {name: one for name, one in found.items() if name in names}
