"""Gemini CLI's policy files (TOML) and the tools it takes from a server (settings.json).

The policy engine knows a tool as ``mcp_SERVER_TOOL``, at most 63 characters, every unusual one written as ``_``; so
settings.json lists the tools by their own names, and what is not listed never comes to the engine. Checked with
@google/gemini-cli-core 0.61.0 (docs/policies.md).
"""

import json
import re
from math import prod

import tomlkit
from tomlkit.items import AoT, Table

from catalog.export.comments import comments
from catalog.export.files import file_names
from catalog.export.gemini_patterns import ASKED, inner
from catalog.export.gemini_rules import choices, passing, room_for
from catalog.export.obstacles import refuse
from catalog.policy.degrade import degrade
from catalog.policy.model import REFUSING, Decision, Policy, Rule
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, ExportFile, Expresses, Unsupported

_SERVER = re.compile(r"(?!mcp$)[A-Za-z0-9.:-]+")
"""Servers that rules can name: the engine ends a server's name at its first ``_``, and takes ``mcp`` for its prefix."""

_DENIABLE = re.compile(r"(?!mcp$|mcp_)[A-Za-z0-9_.:-]+")
"""Servers that can at least be denied; what is not even that has no tools by settings.json."""

_TOOL = re.compile(r"[A-Za-z0-9_.:-]+")
_LONGEST_NAME = 63

_ALLOW, _ASK, _DENY = 890, 880, 870
"""Priorities in the user's tier: a server excluded in settings.json (900) stays excluded; one that is trusted (200) or
allowed there (100), or a tool allowed by a flag (300), is still decided by the policy."""

_HEAD = (
    "A policy for Gemini CLI: put this file into ~/.gemini/policies, or pass it with --policy.",
    "Take over what stands beside it in .gemini/settings.json as well: only the tools listed there exist for Gemini",
    "CLI, and where a server is trusted in settings.json, nobody is asked about calls.",
)

_MOST_RULES = 400
"""Rules that one tool may take; only a tool whose actions several arguments select could take more."""


class GeminiCliExporter:
    """Writes SERVER.toml: an allow-list of tools and of arguments, and at its end a rule that denies the rest."""

    format = "gemini-cli"
    title = "Gemini CLI"
    expresses = Expresses(arguments=True, limits=False, approval=True, hiding=True, operators=ASKED)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        files: dict[str, str] = {}
        servers: dict[str, object] = {}
        unsupported: list[Unsupported] = []
        names = file_names([policy.server for policy in policies])
        for policy, name in zip(policies, names, strict=True):
            spoken, obstacles = refuse(policy, _Obstacles(policy).of)
            written, notes = degrade(spoken, self.expresses)
            notes = (*obstacles, *notes)
            files[f"{name}.toml"] = comments(_HEAD, notes) + "\n" + _toml(written)
            servers[policy.server] = {"includeTools": _passing(written), "trust": False}
            unsupported += notes
        settings = json.dumps({"mcpServers": servers}, indent=2) + "\n"
        exported = [ExportFile(filename=name, text=text) for name, text in files.items()]
        exported.append(ExportFile(filename=".gemini/settings.json", text=settings))
        return Export(files=tuple(exported), unsupported=tuple(unsupported))


class _Obstacles:
    """Why Gemini CLI cannot be told about rules of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.server = policy.server
        self.tools = {surface.tool: surface for surface in surfaces(policy)}
        self.of_tools = {tool: self._of_tool(surface) for tool, surface in self.tools.items()}

    def of(self, rule: Rule) -> str:
        """Return what stands in the way of a rule, or nothing."""
        if why := self.of_tools[rule.tool]:
            return why
        room = room_for(self.tools[rule.tool])
        if any(len(inner(match.value)) > room for match in rule.when):
            return "the action's name is too long for a pattern"
        return ""

    def _of_tool(self, surface: Surface) -> str:
        if not _SERVER.fullmatch(self.server):
            return f"rules cannot name the server {self.server!r}; in settings.json, name it with letters, digits and -"
        name = f"mcp_{self.server}_{surface.tool}"
        if not _TOOL.fullmatch(surface.tool) or len(name) > _LONGEST_NAME:
            return "Gemini CLI knows the tool by another name, which other tools can have too"
        if surface.tool.startswith(f"mcp_{self.server}_"):
            return "the rule would be one on another tool"
        if room_for(surface) <= 0:
            return "what is asked of the arguments is too long for a pattern"
        if prod(len(choice) for choice in choices(surface)) > _MOST_RULES:
            return "its lists of actions take too many rules"
        return ""


def _passing(policy: Policy) -> list[str]:
    """Return the tools of which some call can pass."""
    return list(dict.fromkeys(rule.tool for rule in policy.rules if rule.decision not in REFUSING))


def _toml(policy: Policy) -> str:
    rules = tomlkit.aot()
    simple: dict[Decision, list[str]] = {Decision.ALLOW: [], Decision.APPROVE: []}
    for surface in surfaces(policy):
        if not surface.selectors and not any(rule.conditions for rule in surface.rules):
            simple.get(surface.decision, []).append(surface.tool)
        else:
            for decision, pattern in passing(surface):
                _add(rules, policy.server, surface.tool, decision, pattern)
    for decision, tools in simple.items():
        if tools:
            _add(rules, policy.server, tools, decision)
    if _DENIABLE.fullmatch(policy.server):
        _add(rules, policy.server, "*", Decision.DENY)
    return tomlkit.dumps({"rule": rules}) if rules else ""


def _add(rules: AoT, server: str, tool: str | list[str], decision: Decision, pattern: str | None = None) -> None:
    table: Table = tomlkit.table()
    table["mcpName"] = server
    table["toolName"] = tool
    if pattern is not None:
        table["argsPattern"] = tomlkit.string(pattern, literal=True)  # it has no ' in it
    word, priority = _WORDS[decision]
    table["decision"] = word
    table["priority"] = priority
    if decision is Decision.DENY:
        table["denyMessage"] = "The policy for this server does not let the call pass."
    rules.append(table)


_WORDS = {Decision.ALLOW: ("allow", _ALLOW), Decision.APPROVE: ("ask_user", _ASK), Decision.DENY: ("deny", _DENY)}
