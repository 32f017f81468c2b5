"""LiteLLM's and FastMCP's allow-lists of tools: exact files; LiteLLM itself is asked by make conformance."""

import json

import pytest
import yaml

from catalog.export.fastmcp import FastMcpExporter
from catalog.export.litellm import LiteLlmExporter
from catalog.export.merge import merge
from catalog.policy.model import Decision, Policy
from catalog.policy.recommend import recommend
from catalog.verify.engines.fastmcp import FastMcpEngine
from catalog_testing.engines import available, surprises
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule

ALLOW, _, _, DENY, _ = Decision
ENTRIES = [row("peek", READS), row("mint", MINTS), row("reboot", REBOOTS), row("wipe", WIPES), action_row("ls", READS)]
HOSTILE = (
    'quo"te',
    "back\\slash",
    "new\nline",
    "- a: b",
    "yes",
    "null",
    "1e3",
    "{a",
    "#x",
    "!!int 3",
    "\u202egnp",
    "*",
)


def test_litellm_gets_the_allowed_tools_and_never_a_list_of_denied_ones() -> None:
    export = LiteLlmExporter().export(recommend("truenas-mcp", ENTRIES))
    assert export.filename == "config.yaml"
    assert yaml.safe_load(export.text) == {
        "mcp_servers": {
            "truenas_mcp": {"allowed_tools": ["peek"], "mcp_info": {"tool_allowlist_enforced": True}},
        }
    }
    assert "# truenas-mcp is truenas_mcp here: LiteLLM's names of servers have no '-'.\n" in export.text
    assert [note.key for note in export.unsupported] == ["mint", "reboot", "truenas/system/ls", "truenas"]


def test_fastmcp_enables_the_allowed_tools_after_everything_is_disabled() -> None:
    export = FastMcpExporter().export(recommend("truenas", ENTRIES))
    assert export.filename == "mcp.json"
    assert json.loads(export.text) == {
        "mcpServers": {"truenas": {"include_tags": [], "tools": {"peek": {"enabled": True}}}}
    }
    assert [note.key for note in export.unsupported] == ["mint", "reboot", "truenas/system/ls", "truenas"]


def test_fastmcps_configuration_keeps_how_a_server_is_started() -> None:
    file = FastMcpExporter().export(policy(rule("peek", ALLOW))).files[0]
    before = {"mcpServers": {"truenas": {"command": "truenas", "tools": {"wipe": {"enabled": True}}}}}
    assert json.loads(merge(json.dumps(before), file, "fastmcp")) == {
        "mcpServers": {"truenas": {"command": "truenas", "include_tags": [], "tools": {"peek": {"enabled": True}}}}
    }


def test_litellm_keeps_servers_apart_whose_names_it_cannot_hold() -> None:
    served = (Policy(server=name, rules=(rule("peek", ALLOW),)) for name in ("a-b", "a b", "a_b", ""))
    assert list(yaml.safe_load(LiteLlmExporter().export(*served).text)["mcp_servers"]) == [
        "a_b",
        "a_b_2",
        "a_b_3",
        "server",
    ]


@pytest.mark.parametrize("name", ["truenas-peek", "os.environ/HOME", "\ud800"])
def test_a_name_that_litellm_reads_as_something_else_is_left_out_and_listed(name: str) -> None:
    export = LiteLlmExporter().export(policy(rule("see", ALLOW), rule(name, ALLOW)))
    assert yaml.safe_load(export.text)["mcp_servers"]["truenas"]["allowed_tools"] == ["see"]
    assert [note.key for note in export.unsupported] == [name]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_allows_itself_alone(name: str) -> None:
    one = policy(rule(name, ALLOW), rule(f"{name}2", DENY))
    assert yaml.safe_load(LiteLlmExporter().export(one).text)["mcp_servers"]["truenas"]["allowed_tools"] == [name]
    assert list(json.loads(FastMcpExporter().export(one).text)["mcpServers"]["truenas"]["tools"]) == [name]


def test_a_hostile_key_stays_within_its_comment() -> None:
    names = ("a\nmcp_servers: {x: {}}", "b\u2028mcp_servers: {}", "c\\", "d\rx: y")
    served = policy(*(rule(name, Decision.APPROVE) for name in names))
    assert yaml.safe_load(LiteLlmExporter().export(served).text)["mcp_servers"]["truenas"]["allowed_tools"] == []


def test_fastmcps_proxy_lets_pass_what_is_enabled_alone() -> None:
    engine = available(FastMcpEngine())
    allowed = policy(*(rule(name, ALLOW) for name in HOSTILE), rule("peek", DENY), rule("truenas", ALLOW, action="ls"))
    assert surprises(FastMcpExporter(), engine, allowed) == ()
