"""Names of tools as clients make them lead back to one tool, or to none."""

from collections.abc import Mapping

import pytest

from catalog.policy.clientnames import CLAUDE_CODE, CODEX, COPILOT_CLI, Called, ClientNames, called
from catalog.policy.model import Decision, Policy
from catalog_testing.policy import rule


def of(**servers: str) -> Mapping[str, Policy]:
    """Return policies that allow these tools, separated by spaces."""
    return {
        server: Policy(server=server, rules=tuple(rule(tool, Decision.ALLOW) for tool in tools.split(" ")))
        for server, tools in servers.items()
    }


def meant(client: ClientNames, policies: Mapping[str, Policy], name: str) -> tuple[str, str] | None:
    """Return the server and the tool that a name leads to, or None."""
    found = called(client, policies, name)
    return (found.policy.server, found.tool) if isinstance(found, Called) else None


@pytest.mark.parametrize(
    ("client", "name"), [(CLAUDE_CODE, "mcp__ws__peek"), (CODEX, "mcp__ws__peek"), (COPILOT_CLI, "ws-peek")]
)
def test_a_plain_name_leads_to_its_tool_and_nothing_like_it_does(client: ClientNames, name: str) -> None:
    policies = of(ws="peek")
    assert meant(client, policies, name) == ("ws", "peek")
    for other in (name.upper(), name + "\n", " " + name, name + "_", name.replace("e", "\u0435"), name[:-1], "peek"):
        assert meant(client, policies, other) is None


def test_claude_code_writes_other_characters_as_underscores_one_for_each_utf_16_unit() -> None:
    policies = of(**{"my.server": 'a.b quo"te \U0001f600 \ud800 x__y _z'})
    for name, tool in (
        ("a_b", "a.b"),
        ("quo_te", 'quo"te'),
        ("__", "\U0001f600"),
        ("_", "\ud800"),
        ("x__y", "x__y"),
        ("_z", "_z"),
    ):
        assert meant(CLAUDE_CODE, policies, f"mcp__my_server__{name}") == ("my.server", tool)


def test_tools_that_look_the_same_to_the_client_lead_nowhere() -> None:
    policies = of(ws="a.b a_b a-b plain")
    assert meant(CLAUDE_CODE, policies, "mcp__ws__a_b") is None
    assert meant(CLAUDE_CODE, policies, "mcp__ws__a-b") == ("ws", "a-b")
    assert meant(CODEX, policies, "mcp__ws__a-b") is None
    assert meant(CODEX, policies, "mcp__ws__plain") == ("ws", "plain")


def test_servers_that_look_the_same_to_the_client_lead_nowhere() -> None:
    assert meant(CLAUDE_CODE, of(**{"a.b": "peek", "a_b": "peek"}), "mcp__a_b__peek") is None
    assert meant(COPILOT_CLI, of(**{"a": "b-peek", "a-b": "peek"}), "a-b-peek") is None


def test_a_hostile_tool_of_one_server_is_never_taken_for_a_tool_of_another() -> None:
    # The server "a" may call its tool anything; "b-peek" then looks like "peek" of the server "a-b".
    assert meant(COPILOT_CLI, of(**{"a": "other", "a-b": "peek"}), "a-b-peek") is None


@pytest.mark.parametrize("server", ["", "a__b", "_a", "a_", "My Server (x)"])
def test_a_server_whose_name_cannot_be_told_from_the_tools_is_carried_by_neither_claude_code_nor_codex(
    server: str,
) -> None:
    for client in (CLAUDE_CODE, CODEX):
        assert meant(client, of(**{server: "peek"}), client.name(server, "peek")) is None


def test_codex_carries_no_name_that_it_cuts_or_trims() -> None:
    long = "x" * 55
    policies = of(ws=f"{long} {long}y _z")
    assert meant(CODEX, policies, f"mcp__ws__{long}") == ("ws", long)
    assert meant(CODEX, policies, f"mcp__ws__{long}y") is None
    assert meant(CODEX, policies, "mcp__ws___z") is None


def test_copilot_carries_only_what_needs_no_writing_anew() -> None:
    assert meant(COPILOT_CLI, of(ws="a.b"), "ws-a.b") is None
    assert meant(COPILOT_CLI, of(**{"w s": "peek"}), "w s-peek") is None
