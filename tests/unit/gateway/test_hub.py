"""What becomes of a session's messages between the client and its servers."""

import json
from pathlib import Path

import pytest

from catalog.gateway.hub import Addressed, Hub, Single
from catalog.gateway.several import Several
from catalog.policy.model import Decision
from catalog_testing.gateway_http import Passing
from catalog_testing.guarding import Bench
from catalog_testing.policy import policy, rule


def said(id_: int, method: str, **params: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}).encode()


@pytest.mark.parametrize("several", [False, True])
def test_cancelled_calls_that_a_server_never_answers_use_nothing_up(tmp_path: Path, several: bool) -> None:
    guard = Bench(policy(rule("peek", Decision.ALLOW)), tmp_path).guard
    hub: Hub = Several({"one": guard, "two": Passing()}) if several else Single("one", guard)
    tool = "one__peek" if several else "peek"
    if several:
        hub.from_client(said(0, "initialize", protocolVersion="2025-11-25"))
        for number, name in ((1, "one"), (2, "two")):
            answer = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}}
            hub.from_server(name, json.dumps({"jsonrpc": "2.0", "id": number, "result": answer}).encode())
    for number in range(1, 1_200):
        passed, *_ = hub.from_client(said(number, "tools/call", name=tool))
        assert passed.to == "one"
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
        told, *_ = hub.from_client(json.dumps(cancel).encode())
        assert told.to == "one"
        late = {"jsonrpc": "2.0", "id": json.loads(passed.line)["id"], "result": {"content": []}}
        assert hub.from_server("one", json.dumps(late).encode()) == []


def test_a_message_for_a_server_that_is_gone_is_answered_again_and_again() -> None:
    hub = Single("one", Passing())
    for number in range(2):
        assert [one.to for one in hub.from_client(said(number, "ping"))] == ["one"]
        (answer,) = hub.lost("one", "gone")
        assert answer == Addressed(None, answer.line)
        assert json.loads(answer.line)["id"] == number
