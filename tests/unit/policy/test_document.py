"""The policy file: what is written is read back, and what is no policy file is refused by naming the place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from catalog.policy.document import PolicyFileError, read_policies
from catalog.policy.model import Decision, Policy
from catalog.policy.writing import policies_json
from catalog_testing.policy import policy, rule
from catalog_testing.random_policies import whole_policies


@settings(max_examples=200, deadline=None)
@given(drawn=whole_policies())
def test_what_is_written_is_read_back(drawn: Policy) -> None:
    text = json.dumps(policies_json([drawn]), allow_nan=False)
    assert read_policies(text) == {drawn.server: drawn}
    assert read_policies(text.encode()) == {drawn.server: drawn}


def test_several_servers_keep_their_order() -> None:
    first, second = policy(rule("z", Decision.ALLOW)), Policy(server="another", rules=())
    assert list(read_policies(json.dumps(policies_json([first, second]))).items()) == [
        ("truenas", first),
        ("another", second),
    ]


RULE: dict[str, Any] = {"key": "peek", "tool": "peek", "decision": "allow"}


def _refusal(document: object) -> str:
    with pytest.raises(PolicyFileError) as refusal:
        read_policies(document if isinstance(document, str) else json.dumps(document))
    return str(refusal.value)


def _of_rule(**changes: object) -> str:
    return _refusal({"version": 1, "servers": {"a/b": {"rules": [RULE, RULE | changes]}}})


def _of_server(**parts: object) -> str:
    return _refusal({"version": 1, "servers": {"s": {"rules": [], **parts}}})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Tool": "x"}, "/Tool: there is no such key; here there are: after_taint, "),
        ({"a\nb~/": "x"}, "/a\nb~0~1: there is no such key"),
        ({"tool": 5}, "/tool: must be text, not 5"),
        ({"tool": None}, "/tool: must be text, not None"),
        ({"decision": "Allow"}, "/decision: must be one of allow, limit, approve, deny, hide, not 'Allow'"),
        ({"decision": ["allow"]}, "/decision: must be text"),
        ({"decision": "limit"}, ": rule 'peek': the decision 'limit' needs limits"),
        ({"limits": [{"max": 1, "window": "day"}]}, ": rule 'peek': with limits, the decision is 'limit'"),
        ({"limits": {}}, "/limits: must be a list"),
        ({"limits": [{"max": 0, "window": "day"}]}, "/limits/0/max: must be a whole number from 1, not 0"),
        ({"limits": [{"max": True, "window": "day"}]}, "/limits/0/max: must be a whole number, not True"),
        ({"limits": [{"max": 1.0, "window": "day"}]}, "/limits/0/max: must be a whole number, not 1.0"),
        ({"limits": [{"max": 1, "window": "week"}]}, "/limits/0/window: must be one of minute, hour, day, not 'week'"),
        ({"limits": [{"max": 1, "window": []}]}, "/limits/0/window: must be one of"),
        ({"limits": [{"max": 1, "window": "day", "scope": "all"}]}, "/limits/0/scope: must be one of server, session"),
        ({"limits": [{"max": 1, "window": "day", "sum_of": "amount"}]}, "/limits/0/sum_of: must be a JSON Pointer"),
        ({"limits": [{"window": "day"}]}, "/limits/0: the key 'max' is missing"),
        ({"when": {"argument": "a", "value": 5}}, "/when/value: must be text, not 5"),
        ({"when": [{"argument": "a", "value": "b"}]}, "/when: must be an object"),
        ({"when": None}, "/when: must be an object"),
        ({"taints": 1}, "/taints: must be true or false, not 1"),
        ({"after_taint": None}, "/after_taint: must be text"),
        ({"evidence": ["a", 5]}, "/evidence/1: must be text, not 5"),
        ({"reason": None}, "/reason: must be text, not None"),
        (
            {"conditions": [{"argument": "/a", "operator": "regex", "values": []}]},
            "/conditions/0/operator: must be one",
        ),
        ({"conditions": [{"argument": "a", "operator": "present"}]}, "/conditions/0/argument: must be a JSON Pointer"),
        (
            {"conditions": [{"argument": "/a", "operator": "present", "values": []}]},
            "/conditions/0: present takes neith",
        ),
        ({"conditions": [{"argument": "/a", "operator": "one_of"}]}, "/conditions/0: one_of takes either values or a"),
        (
            {"conditions": [{"argument": "/a", "operator": "one_of", "values": [], "parameter": "p"}]},
            "/conditions/0: one_of takes either",
        ),
        (
            {"conditions": [{"argument": "/a", "operator": "one_of", "parameter": "p"}]},
            "/conditions/0/parameter: the policy has no parameter 'p'",
        ),
        (
            {"conditions": [{"argument": "/a", "operator": "one_of", "values": ["x", None]}]},
            "/conditions/0/values/1: must be text, a number, true or false, not None",
        ),
    ],
)
def test_a_rule_that_is_not_one_is_refused_at_its_place(changes: dict[str, object], told: str) -> None:
    assert _of_rule(**changes).startswith(f"/servers/a~1b/rules/1{told}")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"Resources": []}, "/servers/s/Resources: there is no such key"),
        ({"resources": "*"}, "/servers/s/resources: must be a list"),
        ({"prompts": [5]}, "/servers/s/prompts/0: must be text, not 5"),
        ({"profile": None}, "/servers/s/profile: must be text, not None"),
        ({"definitions": {"t": 5}}, "/servers/s/definitions/t: must be text, not 5"),
        ({"parameters": {"p": {}}}, "/servers/s/parameters/p: the key 'description' is missing"),
        ({"parameters": {"p": {"description": "", "values": [5]}}}, "/servers/s/parameters/p/values/0: must be text"),
        (
            {"virtual_tools": [{"definition": {}, "tool": "t", "arguments": {}}]},
            "/servers/s/virtual_tools/0/definition",
        ),
        (
            {"virtual_tools": [{"definition": {"name": "n"}, "tool": "t", "arguments": {"a": 5}}]},
            "/servers/s/virtual_tools/0/arguments/a: must be text, not 5",
        ),
    ],
)
def test_a_server_that_is_not_one_is_refused_at_its_place(parts: dict[str, object], told: str) -> None:
    assert _of_server(**parts).startswith(told)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "the file is not JSON"),
        ("{", "the file is not JSON"),
        ("[" * 100_000, "the file is not JSON"),
        ("[]", "the file: must be an object"),
        ({}, "the file: the key 'servers' is missing"),
        ({"version": 2, "servers": {}}, "/version: must be 1, not 2; another release wrote this file"),
        ({"version": True, "servers": {}}, "/version: must be a whole number, not True"),
        ({"version": "1", "servers": {}}, "/version: must be a whole number, not '1'"),
        ({"version": 1, "servers": []}, "/servers: must be an object"),
        ({"version": 1, "servers": {}, "$schema": 5}, "/$schema: must be text, not 5"),
        ({"version": 1, "servers": {"s": []}}, "/servers/s: must be an object"),
        ('{"version": 1, "servers": {"s": {"rules": []}, "s": {"rules": []}}}', "the key 's' stands twice"),
        ('{"version": NaN, "servers": {}}', "the file is not JSON: NaN is no number there"),
        ('{"version": 1, "servers": {}, "$schema": -Infinity}', "the file is not JSON: -Infinity is no number there"),
    ],
)
def test_a_file_that_is_no_policy_file_is_refused(document: object, told: str) -> None:
    assert _refusal(document).startswith(told)


def test_a_number_that_fits_no_number_is_refused() -> None:
    condition = '{"argument": "/a", "operator": "at_most", "values": [1e999]}'
    rules = f'[{{"key": "k", "tool": "t", "decision": "allow", "conditions": [{condition}]}}]'
    told = _refusal(f'{{"version": 1, "servers": {{"s": {{"rules": {rules}}}}}}}')
    assert told == "/servers/s/rules/0/conditions/0/values/0: must be a number that fits, not inf"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PolicyFileError, match="the file is not JSON"):
        read_policies(b'{"version": 1, "servers": {"\xff": {}}}')
