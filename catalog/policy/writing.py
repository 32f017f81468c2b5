"""Policies as the JSON of a policy file (catalog.policy.document reads it back)."""

from collections.abc import Mapping, Sequence

from catalog.policy.document import VERSION
from catalog.policy.model import Condition, Limit, Operator, Policy, Rule

Json = Mapping[str, object]


def policies_json(policies: Sequence[Policy]) -> dict[str, object]:
    """Return the policy file of these policies, as JSON; what has its usual value is left out."""
    return {"version": VERSION, "servers": {policy.server: _policy_json(policy) for policy in policies}}


def _policy_json(policy: Policy) -> Json:
    return {
        "profile": policy.profile,
        "rules": [_rule_json(rule) for rule in policy.rules],
        **_given(
            resources=list(policy.resources),
            prompts=list(policy.prompts),
            definitions=dict(policy.definitions),
            parameters={
                name: {"description": one.description, "values": list(one.values)}
                for name, one in policy.parameters.items()
            },
            virtual_tools=[
                {
                    "definition": one.definition,
                    "tool": one.tool,
                    "arguments": dict(one.arguments),
                    **_given(payload=one.payload),
                }
                for one in policy.virtual_tools
            ],
        ),
    }


def _rule_json(rule: Rule) -> Json:
    when = [{"argument": match.argument, "value": match.value} for match in rule.when]
    return {
        "key": rule.key,
        "tool": rule.tool,
        **({"when": when[0]} if when else {}),
        "decision": str(rule.decision),
        **_given(
            limits=[_limit_json(limit) for limit in rule.limits],
            conditions=[_condition_json(condition) for condition in rule.conditions],
            taints=rule.taints,
            after_taint=str(rule.after_taint) if rule.after_taint else None,
            reason=rule.reason or None,
            evidence=list(rule.evidence),
        ),
    }


def _limit_json(limit: Limit) -> Json:
    scope = limit.scope if limit.scope != "server" else None
    return {"max": limit.max, "window": limit.window, **_given(scope=scope, sum_of=limit.sum_of)}


def _condition_json(condition: Condition) -> Json:
    takes_none = condition.operator in {Operator.PRESENT, Operator.ABSENT}
    values = {} if takes_none or condition.parameter is not None else {"values": list(condition.values)}
    return {
        "argument": condition.argument,
        "operator": str(condition.operator),
        **values,
        **_given(parameter=condition.parameter, optional=condition.optional),
    }


def _given(**values: object) -> Json:
    """Return what has another value than none, false or nothing."""
    return {key: value for key, value in values.items() if value not in (None, False, [], {})}
