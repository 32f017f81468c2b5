"""agentgateway's rules: names only, and never a file that allows everything."""

from collections.abc import Sequence

import pytest
import yaml
from hypothesis import given, settings

from catalog.export.agentgateway import AgentGatewayExporter
from catalog.policy.model import Decision, Policy
from catalog.policy.recommend import recommend
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.cel import AgentGatewayEngine
from catalog_testing.differential import Case, cases, unexpected
from catalog_testing.policy import READS, action_row, policy, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision


def _rules(export: Export) -> Sequence[object]:
    rules: Sequence[object] = yaml.safe_load(export.text)["mcp"]["policies"]["mcpAuthorization"]["rules"]
    return rules


def _allows(export: Export, tool: str, server: str = "truenas") -> bool:
    (decision,) = AgentGatewayEngine().decide(export, [Call(server=server, tool=tool, arguments={}, kind="")])
    return decision is ALLOW


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_it_is_never_looser_and_equal_but_for_what_it_lists(case: Case) -> None:
    assert unexpected(AgentGatewayExporter(), AgentGatewayEngine(), case) == ()


def test_each_server_has_its_own_list_of_tools() -> None:
    first = Policy(server="truenas", rules=(rule("peek", ALLOW), rule("wipe", DENY)))
    second = Policy(server="other", rules=(rule("look", ALLOW),))
    export = AgentGatewayExporter().export(first, second)
    assert _rules(export) == [
        {"allow": 'mcp.tool.target == "truenas" && mcp.tool.name in ["peek"]'},
        {"allow": 'mcp.tool.target == "other" && mcp.tool.name in ["look"]'},
    ]
    assert (_allows(export, "peek"), _allows(export, "look"), _allows(export, "look", "other")) == (True, False, True)


@pytest.mark.parametrize("rules", [(), (rule("wipe", DENY),), (rule("poke", LIMIT),)])
def test_where_nothing_passes_everything_is_denied_since_no_rules_would_allow_everything(
    rules: Sequence[object],
) -> None:
    export = AgentGatewayExporter().export(Policy(server="truenas", rules=tuple(rules)))  # type: ignore[arg-type]
    assert _rules(export) == [{"deny": "true"}]
    assert not _allows(export, "peek")


def test_a_dispatcher_is_denied_as_a_whole_and_listed() -> None:
    export = AgentGatewayExporter().export(recommend("truenas", [action_row("ls", READS), action_row("get", READS)]))
    assert not _allows(export, "truenas")
    assert [note.key for note in export.unsupported] == ["truenas/system/ls", "truenas/system/get", "truenas"]


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", '"] || true || "" in ["', "new\nline", "\u202egnp", "a\0b"])
def test_a_hostile_name_permits_itself_alone(name: str) -> None:
    export = AgentGatewayExporter().export(policy(rule(name, ALLOW), rule(f"{name}\udfff", LIMIT)))
    assert export.text.isascii()
    assert (_allows(export, name), _allows(export, "other")) == (True, False)
    assert [note.key for note in export.unsupported] == [f"{name}\udfff"]


def test_five_hundred_tools_are_one_rule() -> None:
    export = AgentGatewayExporter().export(policy(*(rule(f"tool_{place}", ALLOW) for place in range(500))))
    assert len(_rules(export)) == 1
    assert (_allows(export, "tool_499"), _allows(export, "tool_500")) == (True, False)
