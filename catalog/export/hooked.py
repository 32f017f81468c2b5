"""What the exports for clients have in common: settings that register the hook program, and the policy that it reads.

The hook decides every call. The client's own lists say the same as far as they can, so that they hold where the hook
does not run: what depends on the call is asked about there, but for Codex, which has to let it through.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from catalog.export.json_policy import EVERYTHING
from catalog.export.obstacles import refuse
from catalog.policy.clientnames import ClientNames, carried
from catalog.policy.model import REFUSING, Decision, Policy, Rule
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import ExportFile, Unsupported
from catalog.policy.writing import policies_json

POLICY = "catalog-policy.json"
"""What the policy file is called, in each client's folder."""

SECONDS = 30
"""How long a client waits for the hook, which itself gives up and denies long before."""

HOOKED = EVERYTHING
"""What a client can be told with the hook program."""


class Standing(Enum):
    """What a client's list of whole tools can say of a tool."""

    REFUSED = auto()
    """No call passes, whatever its arguments."""
    ASKED = auto()
    """A person is asked about every call that can pass."""
    OPEN = auto()
    """Every call passes, and nothing is counted or remembered."""
    BY_CALL = auto()
    """It depends on the call; only the hook can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool of a policy, as a client's list has it."""

    server: str
    tool: str
    name: str | None
    """What the client calls it; None where it cannot be told from others."""
    standing: Standing


def nameable(client: ClientNames, policies: Sequence[Policy]) -> tuple[Sequence[Policy], list[Unsupported]]:
    """Return the policies with everything denied that the client has no name of its own for, and notes on it."""
    names = carried(client, {policy.server: policy for policy in policies})
    kept: list[Policy] = []
    notes: list[Unsupported] = []
    for policy in policies:

        def obstacle(rule: Rule, server: str = policy.server) -> str:
            if (server, rule.tool) in names:
                return ""
            if not client.carries_server(server):
                return f"{client.title} has no name for a tool of a server named so; give the server another name"
            return f"{client.title} has no name for this tool that could not be another tool's"

        refused, noted = refuse(policy, obstacle)
        kept.append(refused)
        notes += noted
    return kept, notes


def tools(client: ClientNames | None, policies: Sequence[Policy]) -> Sequence[Tool]:
    """Return every tool of the policies; without ``client``, each has its own name."""
    names = None if client is None else carried(client, {policy.server: policy for policy in policies})
    return [
        Tool(
            server=policy.server,
            tool=surface.tool,
            name=surface.tool if names is None else names.get((policy.server, surface.tool)),
            standing=standing(surface),
        )
        for policy in policies
        for surface in surfaces(policy)
    ]


def standing(surface: Surface) -> Standing:
    """Return what a list of whole tools can say of one."""
    decisions = {decision for values in surface.selectors.values() for decision in values.values()}
    if surface.own in REFUSING or (surface.own is None and decisions <= REFUSING):
        return Standing.REFUSED
    if surface.own is Decision.APPROVE:
        return Standing.ASKED
    if surface.own is Decision.ALLOW and all(map(_lets_all_through, surface.rules)):
        return Standing.OPEN
    return Standing.BY_CALL


def _lets_all_through(rule: Rule) -> bool:
    careful = rule.when or rule.conditions or rule.limits or rule.taints or rule.after_taint
    return rule.decision is Decision.ALLOW and not careful


def policy_file(folder: str, policies: Sequence[Policy]) -> ExportFile:
    """Return the file that the hook program reads."""
    return ExportFile(filename=f"{folder}/{POLICY}", text=as_json(policies_json(policies)))


def as_json(data: Mapping[str, object]) -> str:
    """Return a settings file in JSON."""
    return json.dumps(data, indent=2) + "\n"


def command(dialect: str, policy: str, *options: str, otherwise: str = "exit 2") -> str:
    """Return the shell command of the hook; ``policy`` is written for the shell.

    A client takes a hook that cannot be started for no objection, so the shell refuses then.
    """
    return " ".join((f"catalog hook --dialect {dialect} --policy {policy}", *options, "||", otherwise))
