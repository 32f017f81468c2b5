"""Envoy AI Gateway's MCPRoute: rules that allow, within its size limits, and what a real CEL makes of them."""

from collections.abc import Mapping, Sequence

import pytest
import yaml
from hypothesis import given, settings

from catalog.export.envoy_ai_gateway import EnvoyAIGatewayExporter
from catalog.policy.model import Condition, Decision, Operator, Policy, Rule, Scalar
from catalog.policy.recommend import recommend
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.calls import derive
from catalog.verify.compare import compare
from catalog.verify.engines.cel import EnvoyAIGatewayEngine, listed
from catalog_testing.differential import Case, cases, unexpected
from catalog_testing.policy import MINTS, READS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
HOSTILE = (
    'quo"te',
    "back\\slash",
    '"] || true || request.mcp.tool in ["',
    "new\nline",
    "\u202egnp",
    "a\0b",
    "tuč",
    "*",
)


def _decides(export: Export, tool: str, arguments: Mapping[str, object]) -> Decision:
    call = Call(server="truenas", tool=tool, arguments=arguments, kind="")
    (decision,) = EnvoyAIGatewayEngine().decide(export, [call])
    return decision


def _rules(export: Export) -> Sequence[str]:
    authorization = yaml.safe_load(export.text)["spec"]["securityPolicy"]["authorization"]
    assert authorization["defaultAction"] == "Deny"
    assert {one["action"] for one in authorization["rules"]} <= {"Allow"}
    return [one["cel"] for one in authorization["rules"]]


def _asks(operator: Operator, *values: Scalar, argument: str = "/to", optional: bool = False) -> Rule:
    condition = Condition(argument=argument, operator=operator, values=values, optional=optional)
    return Rule(tool="send", decision=ALLOW, conditions=(condition,), reason="", key="send")


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_it_is_never_looser_and_equal_but_for_what_it_lists(case: Case) -> None:
    assert unexpected(EnvoyAIGatewayExporter(), EnvoyAIGatewayEngine(), case) == ()


def test_a_server_is_one_rule_and_shows_only_what_passes() -> None:
    entries = [row("peek", READS), row("look", READS), row("api_key_create", MINTS), row("wipe", WIPES)]
    export = EnvoyAIGatewayExporter().export(recommend("truenas", entries))
    assert _rules(export) == [
        'request.mcp.method == "tools/call" && request.mcp.backend == "truenas" && '
        '((request.mcp.tool in ["peek", "look"]))'
    ]
    (backend,) = yaml.safe_load(export.text)["spec"]["backendRefs"]
    assert backend["toolSelector"] == {"include": ["peek", "look"]}
    assert [note.key for note in export.unsupported] == ["api_key_create"]


def test_several_servers_share_the_route_and_none_speaks_for_another() -> None:
    first = Policy(server="truenas", rules=(rule("peek", ALLOW),))
    second = Policy(server="other", rules=(rule("look", ALLOW),))
    export = EnvoyAIGatewayExporter().export(first, second)
    assert _decides(export, "peek", {}) is ALLOW
    assert _decides(export, "look", {}) is DENY
    assert len(_rules(export)) == 2


def test_a_tool_that_asks_for_an_argument_stays_listed_and_a_denied_one_does_not() -> None:
    entries = [action_row("ls", READS), action_row("wipe", WIPES)]
    dispatcher = recommend("truenas", entries).rules
    export = EnvoyAIGatewayExporter().export(policy(*dispatcher, _asks(Operator.PRESENT), rule("wipe", DENY)))
    assert [tool for tool in ("truenas", "send", "wipe") if listed(export, "truenas", tool)] == ["truenas", "send"]
    assert _decides(export, "send", {}) is DENY
    assert _decides(export, "truenas", {}) is ALLOW


@pytest.mark.parametrize(
    ("asks", "passes", "denied"),
    [
        (_asks(Operator.ONE_OF, "a", 5, True), ("a", 5, 5.0, True, ["a", 5], []), ("5", 1, "true", {"a": 1}, None)),
        (_asks(Operator.AT_MOST, 5), (5, -1e9, 0.5), (5.00001, "5", True, [5], {})),
        (_asks(Operator.AT_MOST, 2**53), (), (1, 2**53, 2**53 + 1)),
        (_asks(Operator.WITHIN, "/srv"), ("/srv", "/srv//a/./b", ["/srv/a"]), ("/srv/../etc", "/srvx", 5, ["/etc"])),
        (_asks(Operator.HOST_IN, "a.example"), ("https://A.example:1/x",), ("https://a.example@evil/", "//a.example")),
        (_asks(Operator.PRESENT), ("", 0, [], False), (None,)),
    ],
)
def test_arguments_are_held_to_conditions_and_what_is_of_another_kind_is_denied(
    asks: Rule, passes: Sequence[object], denied: Sequence[object]
) -> None:
    export = EnvoyAIGatewayExporter().export(policy(asks))
    assert [value for value in passes if _decides(export, "send", {"to": value}) is not ALLOW] == []
    assert [value for value in denied if _decides(export, "send", {"to": value}) is not DENY] == []


def test_what_is_not_given_is_not_taken_for_an_item_of_a_list() -> None:
    nested = policy(_asks(Operator.ABSENT, argument="/params/force"))
    export = EnvoyAIGatewayExporter().export(nested)
    for params in (None, 5, "force", ["force"], {}, {"force": None}):
        assert _decides(export, "send", {"params": params}) is ALLOW
    assert _decides(export, "send", {"params": {"force": False}}) is DENY


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_permits_itself_alone(name: str) -> None:
    noted = rule(f"{name}\ud800", ALLOW)
    export = EnvoyAIGatewayExporter().export(policy(rule(name, ALLOW), rule("truenas", ALLOW, action=name), noted))
    assert export.text.isascii()
    assert _decides(export, name, {}) is ALLOW
    assert _decides(export, "other", {}) is DENY
    assert _decides(export, "truenas", {"action": name}) is ALLOW
    assert _decides(export, "truenas", {"action": "other"}) is DENY
    assert [note.key for note in export.unsupported] == [f"{name}\ud800"]


def test_five_hundred_tools_fit_into_the_limits_of_a_route() -> None:
    whole = policy(*(rule(f"a_rather_long_tool_name_{place}", ALLOW) for place in range(500)))
    export = EnvoyAIGatewayExporter().export(whole)
    calls = derive(whole, near=3)
    assert compare(whole, export, calls, EnvoyAIGatewayEngine().decide(export, calls)).unexpected == ()
    assert export.unsupported == ()
    assert len(_rules(export)) < 10


def test_what_does_not_fit_is_denied_and_listed() -> None:
    folder = "/srv/" + "x" * 1500
    asks = [
        Rule(
            tool=f"tool_{place}",
            decision=ALLOW,
            conditions=(Condition(argument="/path", operator=Operator.WITHIN, values=(folder,)),),
            reason="",
            key=f"tool_{place}",
        )
        for place in range(100)
    ]
    actions = [rule("truenas", ALLOW, action=f"action_{place}") for place in range(278)]
    whole = policy(*actions, *asks, rule("peek", ALLOW))
    export = EnvoyAIGatewayExporter().export(whole)
    assert len(_rules(export)) == 32
    assert 30 < len(export.unsupported) < 100
    assert {note.written for note in export.unsupported} == {
        "deny: it takes 32 rules of 4096 characters for all servers of a route, and this does not fit"
    }
    calls = derive(whole, near=1)
    assert compare(whole, export, calls, EnvoyAIGatewayEngine().decide(export, calls)).unexpected == ()
    assert _decides(export, "truenas", {"action": "action_277"}) is ALLOW
    assert _decides(export, "peek", {}) is ALLOW
