"""FastMCP's mcp.json (FastMCP 4): an allow-list of tools for ``fastmcp run`` and ``create_proxy``.

``tools`` alone would let every tool pass that it does not name, also those that a server adds later. So first no
component is enabled, ``include_tags`` being empty; then each allowed tool is enabled by its name: later settings win.
Resources and prompts stay disabled.
"""

import json

from catalog.export.obstacles import refuse
from catalog.export.texts import is_text
from catalog.policy.degrade import degrade
from catalog.policy.model import Decision, Policy, Rule
from catalog.policy.surface import surfaces
from catalog.policy.target import Export, Expresses, Unsupported


class FastMcpExporter:
    """Writes mcp.json: to be merged with the entries that say how each server is started or reached."""

    format = "fastmcp"
    title = "FastMCP"
    expresses = Expresses(arguments=False, limits=False, approval=False, hiding=True)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        servers: dict[str, object] = {}
        unsupported: list[Unsupported] = []
        for policy in policies:
            carried, obstacles = refuse(policy, _obstacle)
            written, notes = degrade(carried, self.expresses)
            allowed = [one.tool for one in surfaces(written) if one.decision is Decision.ALLOW]
            servers[policy.server] = {"include_tags": [], "tools": {tool: {"enabled": True} for tool in allowed}}
            unsupported += [*obstacles, *notes]
        return Export.of("mcp.json", json.dumps({"mcpServers": servers}, indent=2) + "\n", unsupported)


def _obstacle(rule: Rule) -> str:
    return "" if is_text(rule.tool) else "half of a surrogate pair is no text there"
