"""Copilot CLI: which tools of a server there are at all, and the hook program for all else.

In the user's folder and not in a repository's, where whoever works in it could change them.
"""

from collections.abc import Iterator, Mapping, Sequence

from catalog.export.hooked import HOOKED, SECONDS, Standing, as_json, command, nameable, policy_file, tools
from catalog.policy.clientnames import COPILOT_CLI
from catalog.policy.model import Policy
from catalog.policy.target import Export, ExportFile

FOLDER = ".copilot"

_DENY = """'{"permissionDecision":"deny","permissionDecisionReason":"catalog hook cannot be started"}'"""
"""Printed, not an exit code: older versions go on where a hook exits with anything but 0."""


class CopilotCliExporter:
    """Writes mcp-config.json, a file of hooks, flags, and the policy that the hook reads."""

    format = "copilot-cli"
    title = "GitHub Copilot CLI"
    expresses = HOOKED

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        written, notes = nameable(COPILOT_CLI, policies)
        servers = {policy.server: {"tools": _shown(written, policy.server)} for policy in written}
        hooks = {"version": 1, "hooks": {"preToolUse": list(_hooks(written))}}
        return Export(
            files=(
                ExportFile(filename=f"{FOLDER}/mcp-config.json", text=as_json({"mcpServers": servers})),
                ExportFile(filename=f"{FOLDER}/hooks/catalog.json", text=as_json(hooks)),
                policy_file(FOLDER, written),
                ExportFile(filename=f"{FOLDER}/catalog-flags.txt", text="".join(_flags(written))),
            ),
            unsupported=tuple(notes),
        )


def _shown(policies: Sequence[Policy], server: str) -> Sequence[str]:
    """Return the tools that may be called at all: the others are not there, unknown ones among them."""
    return [
        tool.tool
        for tool in tools(COPILOT_CLI, policies)
        if tool.server == server and tool.name is not None and tool.standing is not Standing.REFUSED
    ]


def _hooks(policies: Sequence[Policy]) -> Iterator[Mapping[str, object]]:
    policy_path = f'"${{COPILOT_HOME:-$HOME/{FOLDER}}}"/{policy_file(FOLDER, ()).filename.removeprefix(FOLDER + "/")}'
    run = command("copilot-cli", policy_path, otherwise=f"echo {_DENY}")
    for policy in policies:
        if COPILOT_CLI.carries_server(policy.server):  # of another, there are no tools
            yield {
                "type": "command",
                "matcher": f"{COPILOT_CLI.prefix(policy.server)}.*",
                "bash": run,
                "timeoutSec": SECONDS,
            }


def _flags(policies: Sequence[Policy]) -> Iterator[str]:
    """Yield flags that say as much as flags can, a line each: for runs in which nobody can be asked."""
    for tool in tools(COPILOT_CLI, policies):
        if tool.name is not None and tool.standing in _FLAGS:
            yield f"{_FLAGS[tool.standing]} '{tool.server}({tool.tool})'\n"


_FLAGS = {Standing.REFUSED: "--deny-tool", Standing.OPEN: "--allow-tool"}
