"""Codex' config.toml: which tools there are and which are asked about, and the hook program for all else.

Two things to know. A hook is skipped, without a word where nobody watches, until a person has trusted it; and it can
only deny. So a tool that is not on the list is not there, and what wants approval is left to Codex' own settings, which
know whole tools.
"""

from collections.abc import Sequence
from dataclasses import replace

import tomlkit
from tomlkit.items import Table

from catalog.export.hooked import HOOKED, SECONDS, Standing, Tool, command, nameable, policy_file, tools
from catalog.policy.clientnames import CODEX
from catalog.policy.model import Decision, Policy, Rule
from catalog.policy.reason import wish
from catalog.policy.target import Export, ExportFile, Unsupported

FOLDER = ".codex"

TRUST = "Codex skips a new or changed hook until it is trusted: run `codex`, enter /hooks and trust it."

_WHOLE = "Codex can ask about whole tools alone, and remembers the answer"
_ALWAYS = "Codex asks about a tool always or never"


class CodexExporter:
    """Writes config.toml and the policy that its hook reads; both belong in the user's .codex folder."""

    format = "codex"
    title = "OpenAI Codex"
    expresses = HOOKED

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        named, notes = nameable(CODEX, policies)
        written = []
        for policy in named:
            askable, noted = _askable(policy)
            written.append(askable)
            notes += noted
        return Export(
            files=(
                ExportFile(filename=f"{FOLDER}/config.toml", text=_configuration(written)),
                policy_file(FOLDER, written),
            ),
            unsupported=tuple(notes),
            requires=(TRUST,),
        )


def _askable(policy: Policy) -> tuple[Policy, Sequence[Unsupported]]:
    """Return the policy with approval of whole tools alone, and notes on what is stricter for it."""
    dispatchers = {rule.tool for rule in policy.rules if rule.when}
    notes: list[Unsupported] = []
    rules: list[Rule] = []
    for rule in policy.rules:
        if rule.tool in dispatchers and rule.decision is Decision.APPROVE:
            stricter = replace(rule, decision=Decision.DENY, limits=(), conditions=(), after_taint=None)
            notes.append(Unsupported(key=rule.key, wanted=wish(rule), written=f"deny: {_WHOLE}"))
        elif rule.tool in dispatchers and rule.after_taint is Decision.APPROVE:
            stricter = replace(rule, after_taint=Decision.DENY)
            notes.append(Unsupported(key=rule.key, wanted=wish(rule), written=f"deny in a tainted session: {_WHOLE}"))
        elif rule.after_taint is Decision.APPROVE and rule.decision in {Decision.ALLOW, Decision.LIMIT}:
            stricter = replace(rule, decision=Decision.APPROVE, after_taint=None)
            notes.append(Unsupported(key=rule.key, wanted=wish(rule), written=f"approve: {_ALWAYS}"))
        else:
            stricter = rule
        rules.append(stricter)
    return replace(policy, rules=tuple(rules)), notes


def _configuration(policies: Sequence[Policy]) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("Written by catalog export --format codex, for config.toml in ~/.codex."))
    document.add(tomlkit.comment(TRUST))
    document.add(tomlkit.nl())
    listed = tools(CODEX, policies)
    servers = tomlkit.table(is_super_table=True)
    for policy in policies:
        if _starts(policy.server):
            servers.add(policy.server, _server([tool for tool in listed if tool.server == policy.server]))
    if len(servers):
        document.add("mcp_servers", servers)
    hooks = tomlkit.table(is_super_table=True)
    entries = tomlkit.aot()
    for policy in policies:
        if _starts(policy.server):
            entries.append(_hook(policy))
    if len(entries):
        hooks.add("PreToolUse", entries)
        document.add("hooks", hooks)
    return tomlkit.dumps(document)


def _starts(server: str) -> bool:
    """Say whether Codex starts a server of this name at all."""
    return bool(server) and all(one.isascii() and (one.isalnum() or one in "_-") for one in server)


def _server(listed: Sequence[Tool]) -> Table:
    there = [tool for tool in listed if tool.name is not None and tool.standing is not Standing.REFUSED]
    table = tomlkit.table()
    table.add("enabled_tools", tomlkit.item([tool.tool for tool in there]))
    table.add("default_tools_approval_mode", "prompt")
    modes = tomlkit.table(is_super_table=True)
    for tool in there:
        mode = tomlkit.table()
        mode.add("approval_mode", "prompt" if tool.standing is Standing.ASKED else "approve")
        modes.add(tool.tool, mode)
    if len(modes):
        table.add("tools", modes)
    return table


def _hook(policy: Policy) -> Table:
    """Return the hook on every tool of a server, whether Codex keeps the hyphens of its name or not."""
    path = f'"${{CODEX_HOME:-$HOME/{FOLDER}}}"/{policy_file(FOLDER, ()).filename.removeprefix(FOLDER + "/")}'
    entry = tomlkit.table()
    entry.add("matcher", f"^mcp__{policy.server.replace('-', '[-_]')}__.*")
    run = tomlkit.table()
    run.add(tomlkit.comment(TRUST))
    run.add("type", "command")
    run.add("command", command("codex", path, "--client-asks"))
    run.add("timeout", SECONDS)
    handlers = tomlkit.aot()
    handlers.append(run)
    entry.add("hooks", handlers)
    return entry
