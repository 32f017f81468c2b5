"""Docker MCP Gateway's tools.yaml and interceptor: exact files, and what jq makes of them."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.docker_gateway import DockerGatewayExporter
from catalog.policy.model import Condition, Decision, Operator, Policy, Rule
from catalog.policy.recommend import recommend
from catalog.verify.base import Call
from catalog.verify.compare import compare
from catalog.verify.engines.docker import DockerGatewayEngine
from catalog_testing import random_policies
from catalog_testing.calls import calls, policies
from catalog_testing.engines import available, surprises
from catalog_testing.policy import MINTS, READS, REBOOTS, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, _ = Decision
HOSTILE = (
    'quo"te',
    "back\\slash",
    "\\(halt)",
    '" | empty #',
    "new\nline",
    "quo'te",
    "$(true)",
    "\u202egnp",
    "tuč",
    "a\0b",
    "- yes",
)


def _conditional(operator: Operator, argument: str, *values: str | int | float | bool, optional: bool = False) -> Rule:
    condition = Condition(argument=argument, operator=operator, values=values, optional=optional)
    name = f"{operator} {argument}"
    return Rule(tool=name, decision=ALLOW, conditions=(condition,), reason="", key=name)


def test_tools_that_may_be_called_are_listed_and_need_no_interceptor() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS), row("reboot", REBOOTS)]
    export = DockerGatewayExporter().export(recommend("truenas", entries))
    assert [file.filename for file in export.files] == ["tools.yaml"]
    assert yaml.safe_load(export.text) == {"truenas": ["peek"]}
    assert "# - reboot: wanted approve; written deny: it cannot ask a person\n" in export.text


def test_a_policy_that_allows_nothing_lists_nothing_rather_than_everything() -> None:
    assert yaml.safe_load(DockerGatewayExporter().export(policy(rule("wipe", DENY))).text) == {"truenas": []}


def test_rules_on_arguments_come_with_an_interceptor_and_the_flag_that_starts_it() -> None:
    export = DockerGatewayExporter().export(recommend("truenas", [action_row("ls", READS)]))
    assert [file.filename for file in export.files] == ["tools.yaml", "catalog-interceptor.jq"]
    for file in export.files:
        assert "#   --interceptor 'before:exec:jq -c -f ~/.docker/mcp/catalog-interceptor.jq'\n" in file.text


def test_two_servers_with_a_tool_of_one_name_are_both_denied_it() -> None:
    one, other = policy(rule("search", ALLOW), rule("peek", ALLOW)), Policy(server="web", rules=(rule("search", DENY),))
    export = DockerGatewayExporter().export(one, other)
    assert yaml.safe_load(export.text) == {"truenas": ["peek"], "web": []}
    assert [note.key for note in export.unsupported] == ["search"]


@pytest.mark.parametrize("request_of", ["params", "Params"])
def test_the_interceptor_reads_both_spellings_of_a_request_and_denies_what_it_cannot_read(
    request_of: str, tmp_path: Path
) -> None:
    available(DockerGatewayEngine())
    program = tmp_path / "interceptor.jq"
    program.write_text(DockerGatewayExporter().export(policy(rule("truenas", ALLOW, action="ls"))).files[1].text)

    def passes(request: str) -> bool:
        done = subprocess.run(["jq", "-c", "-f", program], input=request, capture_output=True, text=True, check=False)
        return done.returncode == 0 and not done.stdout.strip()

    def asked(**params: object) -> str:
        return json.dumps({"method": "tools/call", request_of: params})

    assert passes(asked(name="truenas", arguments={"action": "ls"}))
    assert passes(asked(name="truenas"))
    assert not passes(asked(name="truenas", arguments={"action": "rm"}))
    assert not passes(asked(name="truenas", arguments="ls"))
    assert not passes(asked(name="truenas__truenas", arguments={"action": "ls"}))
    assert not passes("{}")
    assert not passes("[]")
    assert not passes("{")


def test_jq_decides_as_the_policy_says() -> None:
    engine = available(DockerGatewayEngine())
    hostile = policy(
        *(rule(name, ALLOW) for name in HOSTILE),
        *(rule("truenas", ALLOW, action=name) for name in HOSTILE),
        rule("truenas", LIMIT, action="lim"),
        rule("truenas", ALLOW, action="\ufffd"),
        _conditional(Operator.PRESENT, "/allowlist"),
        _conditional(Operator.ABSENT, "/params/a~1b"),
        _conditional(Operator.ONE_OF, "/to", "a", 1, True, 0.5, optional=True),
        _conditional(Operator.ONE_OF, "/to/deep", 2**53),
        _conditional(Operator.AT_MOST, "/params/amount", 10, 2.5),
        _conditional(Operator.AT_LEAST, "/amount", -3),
        _conditional(Operator.WITHIN, "/path", "/mnt/a", "rel"),
        _conditional(Operator.HOST_IN, "/url", "a.example", "B.example"),
        _conditional(Operator.HOST_IN, "/at", "::1"),
    )
    assert surprises(DockerGatewayExporter(), engine, hostile) == ()


@settings(max_examples=60, deadline=None)  # a busy machine is no fault of the policy
@given(one=policies() | random_policies.policies(), data=st.data())
def test_jq_is_never_looser_and_equal_but_for_what_the_export_lists(one: Policy, data: st.DataObject) -> None:
    engine = available(DockerGatewayEngine())
    drawn = data.draw(st.lists(calls(one) | random_policies.calls(one), min_size=4, max_size=8))
    made = [Call(server=one.server, tool=tool, arguments=arguments, kind="drawn") for tool, arguments in drawn]
    export = DockerGatewayExporter().export(one)
    assert compare(one, export, made, engine.decide(export, made)).unexpected == ()
