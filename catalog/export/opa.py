"""Open Policy Agent: a fixed program in Rego, and the policy as its data.

No gateway's convention says what OPA is asked; the input is the JSON-RPC request, so that any host that passes it on
can ask. No text of a server stands in the program, so that none can change it.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from catalog.export.comments import comments
from catalog.export.files import a_file_each
from catalog.export.narrowed import BOUNDS, may_be_absent, narrowed
from catalog.export.obstacles import refuse
from catalog.export.patterns import host_pattern, path_pattern
from catalog.export.texts import is_text
from catalog.policy.conditions import number, tokens
from catalog.policy.degrade import degrade
from catalog.policy.evaluate import evaluate, is_listed
from catalog.policy.model import REFUSING, Condition, Decision, Operator, Policy, Rule
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, ExportFile, Expresses, Unsupported

OPEN = (
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "server/discover",
    "tools/list",
)
"""Methods of requests that reach no tool, resource or prompt."""

_PATTERNS = {Operator.WITHIN: path_pattern, Operator.HOST_IN: host_pattern}

Json = Mapping[str, object]


class OPAExporter:
    """Writes policy.rego, the same for every policy, and data.json, the policy."""

    format = "opa"
    title = "Open Policy Agent"
    expresses = Expresses(
        arguments=True, limits=False, approval=True, hiding=True, operators=frozenset(Operator), nested=True
    )

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        data = a_file_each(policies, "data.json", self._data)
        program = files("catalog.export").joinpath("opa_policy.rego").read_text(encoding="utf-8")
        text = comments((), data.unsupported) + program
        return Export(files=(ExportFile(filename="policy.rego", text=text), *data.files), unsupported=data.unsupported)

    def _data(self, policy: Policy) -> tuple[str, Sequence[Unsupported]]:
        policy, degraded = degrade(policy, self.expresses)
        policy, refused = refuse(policy, _Names(policy).obstacle)
        found = {
            "server": policy.server,
            "open": list(OPEN),
            "resources": [one for one in policy.resources if is_text(one)],
            "prompts": [one for one in policy.prompts if is_text(one)],
            "numbers": {"largest": sys.float_info.max, "smallest": -sys.float_info.max},
            "tools": {one.tool: _tool(policy, one) for one in surfaces(policy) if is_text(one.tool)},
        }
        notes = (*degraded, *refused, *narrowed(policy, _denied))
        return json.dumps({"catalog_policy": found}, indent=2) + "\n", notes


class _Names:
    """What names stand in the way of rules."""

    def __init__(self, policy: Policy) -> None:
        selectors = [(rule.tool, match.argument) for rule in policy.rules for match in rule.when]
        self.unsayable = {tool for tool, selector in selectors if not is_text(selector)}

    def obstacle(self, rule: Rule) -> str:
        """Return why the rule can only be a denial, or nothing."""
        names = [name for condition in rule.conditions for name in tokens(condition.argument)]
        if rule.tool in self.unsayable or not is_text(rule.tool, *(match.value for match in rule.when), *names):
            return "half of a surrogate pair is no text there"
        return ""


def _tool(policy: Policy, surface: Surface) -> Json:
    selectors: dict[str, dict[str, list[Json]]] = {}
    for rule in surface.rules:
        for match in rule.when:
            if is_text(match.argument, match.value):
                selectors.setdefault(match.argument, {}).setdefault(match.value, []).append(_rule(rule))
    asking = evaluate(policy, surface.tool, {})
    return {
        "listed": is_listed(policy, surface.tool),
        "unselected": str(Decision.DENY if surface.own is not None else asking),
        "rules": [_rule(rule) for rule in surface.rules if not rule.when],
        "selectors": selectors,
    }


def _rule(rule: Rule) -> Json:
    decision = Decision.DENY if rule.decision in REFUSING else rule.decision
    return {"decision": str(decision), "conditions": [_condition(one) for one in rule.conditions]}


def _condition(condition: Condition) -> Json:
    found: dict[str, object] = {
        "path": tokens(condition.argument),
        "operator": str(condition.operator),
        "optional": may_be_absent(condition),
    }
    if condition.operator in BOUNDS:
        numbers = [value for one in condition.values if (value := number(one)) is not None]
        if numbers:
            found["bound"] = max(numbers) if condition.operator is Operator.AT_MOST else min(numbers)
    elif pattern := _PATTERNS.get(condition.operator):
        if text := pattern([one for one in condition.values if not _unsayable(one)]):
            found["pattern"] = text
    else:
        found["values"] = [one for one in condition.values if not _unsayable(one)]
    return found


def _denied(rule: Rule) -> Iterable[str]:
    for condition in rule.conditions:
        if any(map(_unsayable, condition.values)):
            yield f"{condition.argument} has half of a surrogate pair"


def _unsayable(value: object) -> bool:
    return isinstance(value, str) and not is_text(value)
