"""Servers of the real SDK over HTTP, over each transport, and ones that answer as only the specification allows."""

import json
from dataclasses import replace

import pytest

from catalog.facts import RemoteState
from catalog.model import DiscoveryProfile, Reason
from catalog.origin import Transport
from catalog_testing.remote_servers import (
    INITIALIZED,
    MIB,
    SMALL,
    Exchange,
    Kind,
    listed,
    look,
    refused,
    sdk_server,
    serving,
    tool_names,
)


@pytest.mark.parametrize("kind", ["stateful", "stateless", "json"])
def test_a_server_over_streamable_http_is_listed(kind: Kind) -> None:
    with sdk_server(kind, "pick", "prune") as url:
        observation = look(url)
    assert tool_names(observation) == ["pick", "prune"]
    assert listed(observation).server_name == "orchard"
    assert {entry.run for entry in listed(observation).entries} == {"streamable-http"}
    assert observation.remote is not None
    assert (observation.remote.state, observation.remote.transport) == (RemoteState.OPEN, "streamable-http")
    assert (observation.sandbox, [rung.name for rung in observation.rungs]) == ("none", ["streamable-http"])


@pytest.mark.parametrize("said", [None, "sse"])
def test_a_server_that_speaks_sse_only_is_listed(said: Transport | None) -> None:
    with sdk_server("sse", "pick", "prune") as url:
        observation = look(url, transport=said)
    assert tool_names(observation) == ["pick", "prune"]
    assert observation.remote is not None
    assert (observation.remote.state, observation.remote.transport) == (RemoteState.OPEN, "sse")


@pytest.mark.parametrize(("kind", "said"), [("sse", "streamable-http"), ("stateful", "sse")])
def test_a_server_over_another_transport_than_was_said_is_listed_all_the_same(kind: Kind, said: Transport) -> None:
    with sdk_server(kind, "pick") as url:
        observation = look(url, transport=said)
    assert tool_names(observation) == ["pick"]
    assert observation.remote is not None
    assert observation.remote.state is RemoteState.WRONG_TRANSPORT
    assert observation.remote.transport != said
    assert [rung.result for rung in observation.rungs] == ["failed", "ok"]


def test_a_stream_that_never_says_where_requests_go_is_taken_for_the_other_transport() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.method == "GET":
            exchange.begin("text/event-stream")
            exchange.served.stopping.wait()
        else:
            exchange.mcp("pick")

    with serving(behave) as server:
        observation = look(server.url(), transport="sse", limits=replace(SMALL, initialize_seconds=1.5))
    assert tool_names(observation) == ["pick"]
    assert observation.remote is not None
    assert observation.remote.state is RemoteState.WRONG_TRANSPORT


def test_the_session_and_the_version_are_named_in_every_further_request_and_the_session_is_ended() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "initialize":
            result = {**INITIALIZED, "protocolVersion": "2025-06-18"}
            exchange.json(exchange.answer(result), Mcp_Session_Id="s-17")
        else:
            exchange.mcp("pick")

    with serving(behave) as server:
        look(server.url())
    first, *further = server.requests
    assert "mcp-session-id" not in first.headers
    assert first.headers["accept"] == "application/json, text/event-stream"
    assert [one.method for one in further] == ["POST", "POST", "DELETE"]
    assert {one.headers["mcp-session-id"] for one in further} == {"s-17"}
    assert {one.headers["mcp-protocol-version"] for one in further} == {"2025-06-18"}


@pytest.mark.parametrize("identifier", ["a b", "\x01", "s" * 2000])
def test_a_session_id_that_no_header_may_hold_is_a_protocol_error(identifier: str) -> None:
    with serving(lambda exchange: exchange.json(exchange.answer(INITIALIZED), Mcp_Session_Id=identifier)) as server:
        observation = look(server.url())
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert "notifications/initialized" not in server.methods


def test_what_a_server_asks_on_its_stream_is_declined_and_ping_is_answered() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") != "tools/list":
            exchange.mcp()
            return
        exchange.begin("text/event-stream")
        exchange.event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
        exchange.event({"jsonrpc": "2.0", "id": 5, "method": "ping"})
        exchange.event({"jsonrpc": "2.0", "id": 6, "method": "sampling/createMessage", "params": {}})
        exchange.event("no JSON at all")
        exchange.event(exchange.answer({"tools": [{"name": "pick"}]}), event="message")

    with serving(behave) as server:
        observation = look(server.url())
    assert tool_names(observation) == ["pick"]
    answers = {one.message["id"]: one.message for one in server.requests if "method" not in one.message}
    assert answers[5]["result"] == {}
    assert answers[6]["error"]["code"] == -32601


def test_a_server_that_asks_without_end_is_left() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") != "tools/list":
            exchange.mcp()
            return
        exchange.begin("text/event-stream")
        while not exchange.served.stopping.is_set():
            exchange.event({"jsonrpc": "2.0", "id": 5, "method": "ping"})

    with serving(behave) as server:
        observation = look(server.url())
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert "asked this client more than" in refused(observation).detail


def test_a_stream_that_ends_early_is_taken_up_where_it_ended() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.method == "GET":
            exchange.begin("text/event-stream")
            exchange.event({"jsonrpc": "2.0", "id": 2, "result": {"tools": [{"name": "late"}]}}, id="e-2")
        elif exchange.received.message.get("method") == "tools/list":
            exchange.begin("text/event-stream")
            exchange.event("", id="e-1", retry="0")
        else:
            exchange.mcp()

    with serving(behave) as server:
        observation = look(server.url())
    assert tool_names(observation) == ["late"]
    assert [one.headers["last-event-id"] for one in server.requests if one.method == "GET"] == ["e-1"]


def test_a_stream_that_always_ends_early_is_given_up() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.method == "GET" or exchange.received.message.get("method") == "tools/list":
            exchange.begin("text/event-stream")
            exchange.event("", id="e-1", retry="0")
        else:
            exchange.mcp()

    with serving(behave) as server:
        observation = look(server.url())
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert "a stream that ended without the answer to tools/list" in refused(observation).detail


def test_answers_in_a_batch_are_read() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "tools/list":
            log = {"jsonrpc": "2.0", "method": "notifications/message", "params": {}}
            exchange.json([log, exchange.answer({"tools": [{"name": "pick"}]})])
        else:
            exchange.mcp()

    with serving(behave) as server:
        assert tool_names(look(server.url())) == ["pick"]


def test_the_handshake_refused_in_a_bad_request_is_no_sign_of_the_older_transport() -> None:
    def behave(exchange: Exchange) -> None:
        error = {"code": -32600, "message": "this version is not spoken here"}
        exchange.json({"jsonrpc": "2.0", "id": None, "error": error}, status=400)

    with serving(behave) as server:
        observation = look(server.url())
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert "this version is not spoken here" in refused(observation).detail
    assert [one.method for one in server.requests] == ["POST"]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.2/messages", "//evil.example/messages", "file:///etc/passwd"])
def test_an_older_server_that_wants_requests_sent_elsewhere_gets_none(endpoint: str) -> None:
    def behave(exchange: Exchange) -> None:
        exchange.begin("text/event-stream")
        exchange.event(endpoint, event="endpoint")
        exchange.served.stopping.wait()

    with serving(behave) as server:
        observation = look(server.url("/sse"), transport="sse")
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert "another origin" in refused(observation).detail
    assert [one.method for one in server.requests] == ["GET"]


def test_an_older_server_may_write_its_answer_before_it_accepts_the_request() -> None:
    streams: list[Exchange] = []

    def behave(exchange: Exchange) -> None:
        method = exchange.received.message.get("method")
        if exchange.received.method == "GET":
            exchange.begin("text/event-stream")
            exchange.event("/messages", event="endpoint")
            streams.append(exchange)
            exchange.served.stopping.wait()
        else:
            if method == "initialize":
                streams[0].event(exchange.answer(INITIALIZED))
            elif method == "tools/list":
                # More than fits into the buffers on the way, so that it is written only while the client reads.
                tool = {"name": "pick", "description": "x" * 12 * MIB}
                streams[0].event(exchange.answer({"tools": [tool]}))
            exchange.whole(b"Accepted", "text/plain", 202)

    with serving(behave) as server:
        limits = replace(SMALL, frame_bytes=16 * MIB, total_bytes=16 * MIB)
        assert tool_names(look(server.url("/sse"), transport="sse", limits=limits)) == ["pick"]


def test_the_actions_behind_a_dispatcher_are_discovered_over_http_too() -> None:
    profile = DiscoveryProfile(server_name="shed", tool="shed", selector="task", group="shelf", payload=None)
    texts = {
        "{}": "  saws (2 actions) — Things\n  seeds (2 actions) — To sow\n",
        '{"shelf": "saws"}': "  take_saw — Take the saw.\n  put_saw — Put the saw back.\n",
        '{"shelf": "seeds"}': "  take_peas — Take peas.\n  put_peas — Put peas back.\n",
    }

    def behave(exchange: Exchange) -> None:
        message = exchange.received.message
        if message.get("method") == "tools/call":
            text = texts[json.dumps(message["params"]["arguments"])]
            exchange.json(exchange.answer({"content": [{"type": "text", "text": text}]}))
        else:
            exchange.mcp("shed")

    with serving(behave) as server:
        observation = look(server.url(), profiles=[profile])
    keys = ["shed/saws/take_saw", "shed/saws/put_saw", "shed/seeds/take_peas", "shed/seeds/put_peas"]
    assert [entry.key for entry in listed(observation).entries] == ["shed", *keys]


def test_tools_are_kept_when_the_discovery_of_actions_takes_too_long() -> None:
    profile = DiscoveryProfile(server_name="shed", tool="shed", selector="task", group="shelf", payload=None)

    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "tools/call":
            exchange.served.stopping.wait()
        else:
            exchange.mcp("shed", "saw")

    with serving(behave) as server:
        observation = look(server.url(), profiles=[profile], limits=replace(SMALL, total_seconds=2))
    assert tool_names(observation) == ["shed", "saw"]
    assert [problem.where for problem in listed(observation).problems] == ["discovery"]
