"""Our own gateway: what its guard does with each message of a call, alone and with a real client before it."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.counters.sqlite import SqliteCounters
from catalog.gateway.approvals import Seals
from catalog.gateway.audit import NoAudit
from catalog.gateway.base import Outgoing
from catalog.gateway.guard import Guard
from catalog.gateway.messages import written
from catalog.gateway.session import Services
from catalog.policy.document import read_policies
from catalog.policy.evaluate import Charge
from catalog.policy.model import Decision, Policy
from catalog.policy.target import Export
from catalog.policy.writing import policies_json
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.clients.session import Place, converse, place, write
from catalog.verify.clients.standin import Wanted
from catalog.verify.engines.claude_code import ClaudeCode

_HELLO = {
    "jsonrpc": "2.0",
    "id": "hello",
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": {"name": "verify"}},
}


class GatewayEngine:
    """Asks a guard of its own for each call, so that nothing is counted or remembered from one to the next."""

    format = "json"
    title = "catalog gateway, message by message"

    def version(self) -> str:
        """See `Engine.version`."""
        return version("mcp-catalog")

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        policies = _policies(export)
        with _counting() as counters:
            return [_decided(policies.get(call.server), call, counters) for call in calls]


class ClaudeCodeThroughGateway(ClaudeCode):
    """Claude Code, which itself allows everything, with the gateway between it and its server."""

    format = "json"
    title = "Claude Code through catalog gateway, against a stand-in for its model"

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`. One session makes many calls, so a policy must not remember what was read in it."""
        policies = _policies(export)
        if any(rule.after_taint for policy in policies.values() for rule in policy.rules):
            raise EngineUnavailable("a session that was tainted stays so; ask about a profile without that")
        with place(calls) as where:
            write(where.home, "policy.json", json.dumps(policies_json(list(policies.values()))))
            servers = {call.server: _through(where, call.server) for call in calls}
            write(where.home, "mcp.json", json.dumps({"mcpServers": servers}))
            allow = {"permissions": {"allow": [f"mcp__{server}" for server in servers]}}
            write(where.project, ".claude/settings.json", json.dumps(allow))
            trusted = {str(where.project): {"hasTrustDialogAccepted": True}}
            write(where.home, ".claude.json", json.dumps({"projects": trusted}))
            wanted = [Wanted(name=f"mcp__{call.server}__{call.tool}", arguments=call.arguments) for call in calls]
            outcomes = converse(where, wanted, lambda port: self._command(where, port))
        return [outcome.decision(*_ASKED) for outcome in outcomes]

    def _asking(self) -> Sequence[str]:
        return ()


_ASKED = ("a person was asked", "a person must approve it")
"""What the gateway says where a client declines for want of a person, or does not say that it could ask one."""


def _through(where: Place, server: str) -> Mapping[str, object]:
    options = ["--policy", str(where.home / "policy.json"), "--server", server, "--counters", str(where.state)]
    command = [str(where.server["command"]), *_words(where.server["args"])]
    return {"command": str(Path(sys.executable).with_name("catalog")), "args": ["gateway", *options, "--", *command]}


def _words(value: object) -> Sequence[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def _policies(export: Export) -> Mapping[str, Policy]:
    """Return the policies without the hashes of definitions: the server behind has made-up ones."""
    return {name: replace(policy, definitions={}) for name, policy in read_policies(export.text).items()}


class _Counting(SqliteCounters):
    """Counters that say whether anything was counted."""

    counted = False

    def charge(self, owner: str, charges: Sequence[Charge], now: datetime) -> Charge | None:
        """See `Counters.charge`; every call finds its counters empty."""
        full = super().charge(owner, charges, now)
        if full is None:
            self.refund(owner, charges, now)
        self.counted = full is None
        return full


@contextmanager
def _counting() -> Iterator[_Counting]:
    with TemporaryDirectory() as folder:
        counters = _Counting(Path(folder) / "counters.db")
        try:
            yield counters
        finally:
            counters.close()


def _decided(policy: Policy | None, call: Call, counters: _Counting) -> Decision:
    if policy is None:
        return Decision.DENY
    counters.counted = False
    services = Services(
        policy=lambda: policy,
        counters=counters,
        audit=NoAudit(),
        seals=Seals(),
        now=lambda: datetime.now(UTC),
    )
    guard = Guard(services)
    guard.from_client(written(_HELLO))
    params = {"name": call.tool, "arguments": call.arguments}
    sent = guard.from_client(written({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}))
    if any(one.to == "server" for one in sent):
        return Decision.LIMIT if counters.counted else Decision.ALLOW
    return Decision.APPROVE if any(map(_is_question, sent)) else Decision.DENY


def _is_question(outgoing: Outgoing) -> bool:
    return bool(json.loads(outgoing.line).get("method") == "elicitation/create")
