"""agentgateway's configuration: the CEL rules of ``mcpAuthorization`` (crates/agentgateway/src/mcp/rbac.rs).

Its rules see the server's and the tool's name and never the arguments: an allow on arguments would let nothing pass, a
deny on them would never apply. It lists tools by the same rules. Resources and prompts are denied: no rule allows any.
"""

from collections.abc import Sequence

from catalog.export.cel_text import literal, several
from catalog.export.obstacles import refuse
from catalog.export.terms import terms
from catalog.export.texts import is_text
from catalog.export.yamltext import yaml_text
from catalog.policy.degrade import degrade
from catalog.policy.model import Policy, Rule
from catalog.policy.surface import surfaces
from catalog.policy.target import Export, Expresses, Unsupported

ABOUT = (
    "agentgateway: put this beside the mcp backend's targets, named as the servers here.",
    "Rules see names only. Where no rule is an allow, everything is allowed: keep at least one.",
)


class AgentGatewayExporter:
    """Writes agentgateway.yaml: for each server, the tools that may be called."""

    format = "agentgateway"
    title = "agentgateway"
    expresses = Expresses(arguments=False, limits=False, approval=False, hiding=True)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        rules: list[object] = []
        unsupported: list[Unsupported] = []
        for policy in policies:
            allowed, notes = self._allowed(policy)
            unsupported += notes
            if allowed:
                target = f"mcp.tool.target == {literal(policy.server)}"
                rules.append({"allow": f"{target} && mcp.tool.name in {several(allowed)}"})
        if not rules:
            rules.append({"deny": "true"})
        document = {"mcp": {"policies": {"mcpAuthorization": {"rules": rules}}}}
        return Export.of("agentgateway.yaml", yaml_text(document, unsupported, about=ABOUT), unsupported)

    def _allowed(self, policy: Policy) -> tuple[Sequence[str], Sequence[Unsupported]]:
        policy, degraded = degrade(policy, self.expresses)
        server_is_text = is_text(policy.server)

        def obstacle(rule: Rule) -> str:
            if server_is_text and is_text(rule.tool):
                return ""
            return "half of a surrogate pair is no text there"

        policy, refused = refuse(policy, obstacle)
        allowed = [surface.tool for surface in surfaces(policy) if terms(surface)]
        return allowed, (*degraded, *refused)
