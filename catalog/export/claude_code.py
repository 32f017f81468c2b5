"""Claude Code's settings: lists of tools, and the hook program for all that lists cannot say.

Never a rule with arguments, ``mcp__s__t(argument:value)``: settings files may have one, and it is silently ignored.
A tool that no list names is asked about, which is looser than a policy's default; so the hook is asked about every
tool of a server, known or not.
"""

from collections.abc import Mapping, Sequence

from catalog.export.hooked import HOOKED, SECONDS, Standing, as_json, command, nameable, policy_file, tools
from catalog.policy.clientnames import CLAUDE_CODE
from catalog.policy.model import Policy
from catalog.policy.target import Export, ExportFile

FOLDER = ".claude"


class ClaudeCodeExporter:
    """Writes .claude/settings.json and the policy that its hook reads."""

    format = "claude-code"
    title = "Claude Code"
    expresses = HOOKED

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        written, notes = nameable(CLAUDE_CODE, policies)
        settings = {"permissions": _permissions(written), "hooks": {"PreToolUse": [_hook(one) for one in written]}}
        return Export(
            files=(
                ExportFile(filename=f"{FOLDER}/settings.json", text=as_json(settings)),
                policy_file(FOLDER, written),
            ),
            unsupported=tuple(notes),
        )


def _permissions(policies: Sequence[Policy]) -> Mapping[str, object]:
    lists: dict[str, list[str]] = {"deny": [], "ask": [], "allow": []}
    for tool in tools(CLAUDE_CODE, policies):
        if tool.name is not None and tool.standing in _LISTS:
            lists[_LISTS[tool.standing]].append(tool.name)
    return lists


_LISTS = {Standing.REFUSED: "deny", Standing.ASKED: "ask", Standing.OPEN: "allow"}


def _hook(policy: Policy) -> Mapping[str, object]:
    """Return the hook on every tool of a server; its name as it is written needs no escaping in a pattern."""
    run = command("claude-code", f'"$CLAUDE_PROJECT_DIR"/{policy_file(FOLDER, ()).filename}')
    return {
        "matcher": f"{CLAUDE_CODE.prefix(policy.server)}.*",
        "hooks": [{"type": "command", "command": run, "timeout": SECONDS}],
    }
