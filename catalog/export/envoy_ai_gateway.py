"""Envoy AI Gateway's MCPRoute (api/v1beta1/mcp_route.go, internal/mcpproxy/authorization.go).

The first rule that matches decides, and an expression that fails matches nothing: so there are rules that allow and a
default that denies, and no rule that denies. Tools are listed by the same rules.
"""

from collections.abc import Iterable, Iterator, Sequence

from catalog.export.cel_conditions import denied
from catalog.export.cel_text import LONGEST
from catalog.export.envoy_rules import Rules, expressions, names
from catalog.export.narrowed import narrowed
from catalog.export.obstacles import refuse
from catalog.export.patterns import names_pattern
from catalog.export.terms import terms
from catalog.export.texts import is_text
from catalog.export.yamltext import yaml_text
from catalog.policy.conditions import tokens
from catalog.policy.degrade import degrade
from catalog.policy.model import Operator, Policy, Rule
from catalog.policy.surface import surfaces
from catalog.policy.target import Export, Expresses, Unsupported

MOST_LISTED = 32
"""Entries of a tool selector's list."""

ABOUT = (
    "Envoy AI Gateway: name your own Gateway under parentRefs, and the servers' backends as here.",
    "Rules allow or do not match; what none allows is denied.",
)
_NO_ROOM = "it takes 32 rules of 4096 characters for all servers of a route, and this does not fit"


class EnvoyAIGatewayExporter:
    """Writes mcproute.yaml: one route for all servers, with rules in CEL on tools and arguments."""

    format = "envoy-ai-gateway"
    title = "Envoy AI Gateway"
    expresses = Expresses(
        arguments=True, limits=False, approval=False, hiding=True, operators=frozenset(Operator), nested=True
    )

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        rules = Rules()
        backends: list[object] = []
        unsupported: list[Unsupported] = []
        for policy in policies:
            allowed, notes = self._allow(policy, rules)
            unsupported += notes
            if is_text(policy.server):
                backends.append({"name": policy.server, "kind": "Service", "toolSelector": _selector(allowed)})
        authorization = {"defaultAction": "Deny", "rules": [{"action": "Allow", "cel": one} for one in rules.cel()]}
        document = {
            "apiVersion": "aigateway.envoyproxy.io/v1beta1",
            "kind": "MCPRoute",
            "metadata": {"name": "catalog-policy"},
            "spec": {
                "parentRefs": [{"name": "mcp-gateway", "kind": "Gateway", "group": "gateway.networking.k8s.io"}],
                "backendRefs": backends,
                "securityPolicy": {"authorization": authorization},
            },
        }
        return Export.of("mcproute.yaml", yaml_text(document, unsupported, about=ABOUT), unsupported)

    def _allow(self, policy: Policy, rules: Rules) -> tuple[Sequence[str], Sequence[Unsupported]]:
        """Fill the rules; return the tools of which calls pass, and notes."""
        policy, degraded = degrade(policy, self.expresses)
        policy, refused = refuse(policy, _Names(policy).obstacle)
        found = [one for surface in surfaces(policy) if (one := terms(surface))]
        fitted = [
            tools
            for tools, text in names([one.tool for one in found if one.simple])
            if rules.fit(policy.server, [text])
        ]
        fitted += [[one.tool] for one in found if not one.simple and rules.fit(policy.server, expressions(one))]
        allowed = {tool for tools in fitted for tool in tools}
        policy, crowded = refuse(policy, lambda rule: "" if rule.tool in allowed else _NO_ROOM)
        notes = (*degraded, *refused, *crowded, *narrowed(policy, _denied))
        return [one.tool for one in found if one.tool in allowed], notes


def _denied(rule: Rule) -> Iterable[str]:
    return (which for condition in rule.conditions for which in denied(condition))


class _Names:
    """What names stand in the way of rules."""

    def __init__(self, policy: Policy) -> None:
        self.server = policy.server
        selectors = [(rule.tool, match.argument) for rule in policy.rules for match in rule.when]
        self.unsayable = {tool for tool, selector in selectors if not is_text(selector)}

    def obstacle(self, rule: Rule) -> str:
        """Return why the rule can only be a denial, or nothing."""
        arguments = [tokens(condition.argument) for condition in rule.conditions]
        names = [*(match.value for match in rule.when), *(name for argument in arguments for name in argument)]
        if rule.tool in self.unsayable or not is_text(self.server, rule.tool, *names):
            return "half of a surrogate pair is no text there"
        return "" if all(arguments) else "it cannot look at all arguments at once"


def _selector(allowed: Sequence[str]) -> dict[str, object]:
    """Return which tools the backend shows; whatever else the rules say, no other."""
    if not allowed:
        return {"excludeRegex": ["(?s).*"]}
    if len(allowed) <= MOST_LISTED:
        return {"include": list(allowed)}
    return {"includeRegex": list(_patterns(allowed))}


def _patterns(allowed: Sequence[str]) -> Iterator[str]:
    """Yield patterns of tools' names, each no longer than an expression may be."""
    part: list[str] = []
    for tool in allowed:
        if part and len(names_pattern([*part, tool])) > LONGEST:
            yield names_pattern(part)
            part = []
        part.append(tool)
    yield names_pattern(part)
