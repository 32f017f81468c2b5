"""LiteLLM's proxy: the part of config.yaml that says which tools of an MCP server may be called.

Never ``disallowed_tools``: beside ``allowed_tools`` it hides a tool that can still be called. Actions of a dispatcher
tool cannot be told apart: guardrails see the texts of a call without the names of its arguments, so an action and a
parameter with the same text look alike, and a selector that is no text is not seen at all.
"""

import re
from collections.abc import Callable, Collection

from catalog.export.obstacles import refuse
from catalog.export.texts import is_text
from catalog.export.yamltext import yaml_text
from catalog.policy.degrade import degrade
from catalog.policy.model import Decision, Policy, Rule
from catalog.policy.surface import surfaces
from catalog.policy.target import Export, Expresses, Unsupported

_HEAD = (
    "A policy for LiteLLM's proxy: put these keys into the entry of each server in config.yaml, beside its transport.",
    "The entry must have no disallowed_tools and no alias. tool_allowlist_enforced denies everything where the list is",
    "empty; a LiteLLM that does not know it (known to work: 1.106) would take an empty list for no list at all.",
)


class LiteLlmExporter:
    """Writes config.yaml: an allow-list of tools for each server."""

    format = "litellm"
    title = "LiteLLM"
    expresses = Expresses(arguments=False, limits=False, approval=False, hiding=True)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        servers: dict[str, object] = {}
        unsupported: list[Unsupported] = []
        head = [*_HEAD]
        for policy in policies:
            name = server_name(policy.server, servers)
            if name != policy.server:
                head.append(f"{policy.server} is {name} here: LiteLLM's names of servers have no '-'.")
            carried, obstacles = refuse(policy, _obstacle(name))
            written, notes = degrade(carried, self.expresses)
            servers[name] = {
                "allowed_tools": [one.tool for one in surfaces(written) if one.decision is Decision.ALLOW],
                "mcp_info": {"tool_allowlist_enforced": True},
            }
            unsupported += [*obstacles, *notes]
        return Export.of("config.yaml", yaml_text({"mcp_servers": servers}, unsupported, about=head), unsupported)


def server_name(server: str, taken: Collection[str]) -> str:
    """Return the name by which LiteLLM can know a server: without ``-``, which ends a server's name before a tool's."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", server) or "server"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name


def _obstacle(server: str) -> Callable[[Rule], str]:
    def of(rule: Rule) -> str:
        if not is_text(rule.tool):
            return "half of a surrogate pair is no text there"
        if rule.tool.startswith(f"{server}-"):
            return f"the list would let a tool pass that is named so without {server}-"
        if rule.tool.startswith("os.environ/"):
            return "LiteLLM puts an environment variable in its place"
        return ""

    return of
