"""Remote servers that are gone, broken, slow, too large or no MCP server: what each one's outcome and state are."""

import gzip
import json
import socket
import socketserver
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.crawl.hosts import Hosts
from catalog.facts import RemoteState
from catalog.model import Observation, Reason
from catalog_testing.certificates import Authority
from catalog_testing.remote_servers import (
    INITIALIZED,
    MIB,
    SMALL,
    Behaviour,
    Exchange,
    internet,
    look,
    refused,
    serving,
    tool_names,
)

IMPATIENT = replace(SMALL, initialize_seconds=1.0, request_seconds=1.0, total_seconds=3.0)
"""For servers that never answer."""


def state(observation: Observation) -> RemoteState:
    assert observation.remote is not None
    return observation.remote.state


def outcome(behaviour: Behaviour, **options: Any) -> tuple[Reason, RemoteState, str]:
    with serving(behaviour) as server:
        observation = look(server.url(), **options)
    return refused(observation).reason, state(observation), refused(observation).detail


def after_the_handshake(behave: Behaviour) -> Behaviour:
    def behaviour(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "tools/list":
            behave(exchange)
        else:
            exchange.mcp()

    return behaviour


# No MCP server


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=utf-8", b"<html>Welcome</html>"),
        ("application/json", b'{"status": "ok"}'),
        ("application/json", b"<html>"),
        ("application/octet-stream", b"\x00"),
        ("text/event-stream", b"data: hello\n\n"),
    ],
)
def test_a_page_that_is_no_mcp_server_is_told_apart(kind: str, body: bytes) -> None:
    reason, state, _ = outcome(lambda exchange: exchange.whole(body, kind))
    assert (reason, state) == (Reason.NOT_MCP, RemoteState.NOT_MCP)


@pytest.mark.parametrize("status", [400, 404, 405, 410, 418])
def test_an_address_where_nothing_is_found_is_no_mcp_server(status: int) -> None:
    reason, state, detail = outcome(lambda exchange: exchange.whole(b"nothing", "text/html", status))
    assert (reason, state) == (Reason.NOT_MCP, RemoteState.NOT_MCP)
    assert str(status) in detail


def test_an_answer_without_a_type_is_no_mcp_server() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "0")
        exchange.end_headers()

    assert outcome(behave)[:2] == (Reason.NOT_MCP, RemoteState.NOT_MCP)


def test_a_list_of_the_wrong_type_is_a_protocol_error() -> None:
    reason, _, detail = outcome(after_the_handshake(lambda exchange: exchange.whole(b"{}", "text/plain")))
    assert reason is Reason.PROTOCOL_ERROR
    assert "'text/plain'" in detail


def test_what_is_not_even_http_is_a_protocol_error() -> None:
    with listening(b"SSH-2.0-OpenSSH_9.6\r\n") as port:
        observation = look(f"http://127.0.0.1:{port}/mcp")
    assert refused(observation).reason is Reason.PROTOCOL_ERROR
    assert state(observation) is RemoteState.UNKNOWN


def test_a_head_without_an_end_is_a_protocol_error() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000) as port:
        observation = look(f"http://127.0.0.1:{port}/mcp")
    assert refused(observation).reason is Reason.PROTOCOL_ERROR


# Broken for now


def test_a_server_that_says_when_to_come_back_is_asked_again_then() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    def behave(exchange: Exchange) -> None:
        if len(exchange.served.requests) == 1:
            exchange.whole(b"", "text/plain", 429, Retry_After="17")
        else:
            exchange.mcp("pick")

    with serving(behave) as server:
        observation = look(server.url(), hosts=Hosts(0, sleep=pause))
    assert tool_names(observation) == ["pick"]
    assert state(observation) is RemoteState.OPEN
    assert pauses == [17]
    assert [(rung.name, rung.result) for rung in observation.rungs] == [
        ("streamable-http", "failed"),
        ("streamable-http:again", "ok"),
    ]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_come_back_later_is_flaky_and_never_dead(status: int) -> None:
    with serving(lambda exchange: exchange.whole(b"", "text/plain", status)) as server:
        observation = look(server.url())
    assert (refused(observation).reason, state(observation)) == (Reason.UNREACHABLE, RemoteState.FLAKY)
    assert len(server.requests) == 2


def test_a_plea_to_come_back_later_in_json_is_one_all_the_same() -> None:
    error = {"code": -32000, "message": "too many requests"}
    reason, state, _ = outcome(lambda exchange: exchange.json({"jsonrpc": "2.0", "id": 1, "error": error}, 429))
    assert (reason, state) == (Reason.UNREACHABLE, RemoteState.FLAKY)


@pytest.mark.parametrize("later", ["31", "999999"])
def test_nobody_waits_longer_than_half_a_minute(later: str) -> None:
    with serving(lambda exchange: exchange.whole(b"", "text/plain", 429, Retry_After=later)) as server:
        observation = look(server.url())
    assert state(observation) is RemoteState.FLAKY
    assert f"in {later} s" in refused(observation).detail
    assert len(server.requests) == 1


@pytest.mark.parametrize("later", ["-5", "soon", "²", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_time_to_come_back_that_is_no_number_is_not_followed(later: str) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    def behave(exchange: Exchange) -> None:
        exchange.wfile.write(f"HTTP/1.1 503 x\r\nRetry-After: {later}\r\nContent-Length: 0\r\n\r\n".encode())

    with serving(behave) as server:
        look(server.url(), hosts=Hosts(0, sleep=pause))
    assert pauses == [2]


def test_a_server_that_is_broken_twice_is_not_judged() -> None:
    reason, state, detail = outcome(lambda exchange: exchange.whole(b"", "text/html", 502))
    assert (reason, state) == (Reason.UNREACHABLE, RemoteState.UNKNOWN)
    assert "502" in detail


def test_a_server_that_fails_in_two_ways_is_flaky() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.whole(b"", "text/html", 502 if len(exchange.served.requests) == 1 else 404)

    assert outcome(behave)[1] is RemoteState.FLAKY


def test_a_server_that_answers_only_the_second_time_is_listed_and_flaky() -> None:
    def behave(exchange: Exchange) -> None:
        if len(exchange.served.requests) == 1:
            exchange.whole(b"", "text/html", 502)
        else:
            exchange.mcp("pick")

    with serving(behave) as server:
        observation = look(server.url())
    assert tool_names(observation) == ["pick"]
    assert state(observation) is RemoteState.FLAKY


# Gone


def test_an_address_that_refuses_twice_is_dead() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        observation = look(f"http://127.0.0.1:{unused.getsockname()[1]}/mcp")
    assert (refused(observation).reason, state(observation)) == (Reason.UNREACHABLE, RemoteState.DEAD)
    assert refused(observation).detail == "connection refused"
    assert len(observation.rungs) == 2


def test_a_name_that_does_not_exist_is_dead() -> None:
    observation = look("http://gone.example/mcp", guard=internet({"gone.example": [[]]}))
    assert (refused(observation).reason, state(observation)) == (Reason.UNREACHABLE, RemoteState.DEAD)
    assert refused(observation).detail == "DNS: no such name 'gone.example'"


def test_a_name_server_that_does_not_answer_says_nothing_about_the_server() -> None:
    class Silent:
        async def addresses(self, host: str, port: int) -> list[str]:
            del host, port
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    observation = look("http://somewhere.example/mcp", guard=replace(internet({}), resolver=Silent()))
    assert (refused(observation).reason, state(observation)) == (Reason.UNREACHABLE, RemoteState.UNKNOWN)


@pytest.mark.parametrize(
    ("certificate", "detail", "expected"),
    [
        (lambda authority: authority.server("tools.example", days=-1), "has expired", RemoteState.DEAD),
        (lambda authority: authority.server("other.example"), "is for another name", RemoteState.DEAD),
        (lambda _: Authority().server("tools.example"), "is not trusted", RemoteState.UNKNOWN),
    ],
)
def test_a_certificate_that_does_not_hold_is_named(
    certificate: Callable[[Authority], Any], detail: str, expected: RemoteState, tmp_path: Path
) -> None:
    authority = Authority()
    guard = internet({"tools.example": [["127.0.0.1"]]}, tls=authority.client())
    with serving(lambda exchange: exchange.mcp("pick"), tls=certificate(authority).context(tmp_path)) as server:
        observation = look(server.url(host="tools.example", scheme="https"), typed=False, guard=guard)
    assert (refused(observation).reason, state(observation)) == (Reason.UNREACHABLE, expected)
    assert detail in refused(observation).detail
    assert server.requests == []


def test_a_certificate_is_checked_for_the_name_although_the_connection_goes_to_an_address(tmp_path: Path) -> None:
    authority = Authority()
    guard = internet({"tools.example": [["127.0.0.1"]]}, tls=authority.client())
    tls = authority.server("tools.example").context(tmp_path)
    with serving(lambda exchange: exchange.mcp("pick"), tls=tls) as server:
        observation = look(server.url(host="tools.example", scheme="https"), typed=False, guard=guard)
    assert tool_names(observation) == ["pick"]
    assert {one.headers["host"] for one in server.requests} == {f"tools.example:{server.port}"}


# Slow


def silent(exchange: Exchange) -> None:
    exchange.served.stopping.wait()


def silent_stream(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    exchange.served.stopping.wait()


def drip(exchange: Exchange) -> None:
    exchange.begin("application/json")
    while not exchange.served.stopping.wait(0.05):
        exchange.wfile.write(b" ")


def drip_head(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-")
    while not exchange.served.stopping.wait(0.05):
        exchange.wfile.write(b"x")


def comments(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    while not exchange.served.stopping.wait(0.05):
        exchange.wfile.write(b": still here\n\n")


@pytest.mark.parametrize("behave", [silent, silent_stream, drip, drip_head, comments])
def test_a_server_that_is_too_slow_is_timed_out_and_never_dead(behave: Behaviour) -> None:
    reason, state, detail = outcome(behave, limits=IMPATIENT)
    assert (reason, state) == (Reason.TIMED_OUT, RemoteState.UNKNOWN)
    assert "no answer to initialize within 1 s" in detail


def test_a_list_that_never_ends_ends_with_the_whole_budget() -> None:
    def behave(exchange: Exchange) -> None:
        page = len(exchange.served.requests)
        exchange.served.stopping.wait(0.2)
        exchange.json(exchange.answer({"tools": [], "nextCursor": f"page-{page}"}))

    limits = replace(SMALL, total_seconds=1.0, pages=10_000)
    reason, state, detail = outcome(after_the_handshake(behave), limits=limits)
    assert (reason, state) == (Reason.TIMED_OUT, RemoteState.UNKNOWN)
    assert "no complete list within 1 s" in detail


def test_a_session_whose_end_is_not_answered_is_listed_all_the_same() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.method == "DELETE":
            exchange.whole(b"", "text/plain", 500)
        elif exchange.received.message.get("method") == "initialize":
            exchange.json(exchange.answer(INITIALIZED), Mcp_Session_Id="s-1")
        else:
            exchange.mcp("pick")

    with serving(behave) as server:
        assert tool_names(look(server.url())) == ["pick"]
    assert server.requests[-1].method == "DELETE"


# Too large


def large_json(exchange: Exchange) -> None:
    exchange.begin("application/json")
    pour(exchange, b" " * 65536)


def large_event(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    exchange.wfile.write(b"data: ")
    pour(exchange, b"x" * 65536)


def endless_comments(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    pour(exchange, b": still here\n\n" * 4096)


def endless_events(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    pour(exchange, b'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n' * 512)


BOMB = gzip.compress(b" " * 100 * MIB, compresslevel=9)


def gzip_bomb(exchange: Exchange) -> None:
    exchange.whole(BOMB, "application/json", Content_Encoding="gzip")


def endless_tail_of_gzip(exchange: Exchange) -> None:
    exchange.begin("application/json", Content_Encoding="gzip")
    exchange.wfile.write(gzip.compress(b" "))
    pour(exchange, b"\0" * 65536)


def pour(exchange: Exchange, chunk: bytes) -> None:
    while not exchange.served.stopping.is_set():
        exchange.wfile.write(chunk)


@pytest.mark.parametrize(
    "behave", [large_json, large_event, endless_comments, endless_events, gzip_bomb, endless_tail_of_gzip]
)
def test_an_answer_without_end_is_left_at_its_cap(behave: Behaviour) -> None:
    for behaviour in (behave, after_the_handshake(behave)):
        reason, state, detail = outcome(behaviour)
        assert (reason, state) == (Reason.TOO_LARGE, RemoteState.UNKNOWN)
        assert detail.startswith(("one answer of more than", "answers of more than", "more than 10000 messages"))


def test_an_answer_of_too_many_values_is_never_unpacked() -> None:
    def behave(exchange: Exchange) -> None:
        body = b'{"jsonrpc":"2.0","id":2,"result":{"tools":[' + b"[]," * 330_000 + b"[]]}}"
        exchange.whole(body, "application/json")

    reason, _, detail = outcome(after_the_handshake(behave))
    assert (reason, detail) == (Reason.TOO_LARGE, "one answer of more than 500,000 values")


def test_a_gzip_bomb_is_never_unpacked() -> None:
    tracemalloc.start()
    try:
        outcome(lambda exchange: exchange.whole(BOMB, "application/json", Content_Encoding="gzip"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * MIB


def test_an_answer_in_gzip_is_read() -> None:
    def behave(exchange: Exchange) -> None:
        body = json.dumps(exchange.answer({"tools": [{"name": "pick"}]})).encode()
        exchange.whole(gzip.compress(body), "application/json", Content_Encoding="gzip")

    with serving(after_the_handshake(behave)) as server:
        assert tool_names(look(server.url())) == ["pick"]
    assert {one.headers["accept-encoding"] for one in server.requests} == {"gzip"}


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "no-such", "utf-7"])
def test_a_charset_makes_no_difference(charset: str) -> None:
    def behave(exchange: Exchange) -> None:
        exchange.begin(f"text/event-stream; charset={charset}")
        exchange.event(exchange.answer({"tools": [{"name": "pflücken"}]}))

    with serving(after_the_handshake(behave)) as server:
        assert tool_names(look(server.url())) == ["pflücken"]


@pytest.mark.parametrize(("encoding", "body"), [("br", b"\x0b\x02\x80"), ("gzip", b"not gzip"), ("gzip, gzip", b"")])
def test_an_encoding_that_cannot_be_read_is_a_protocol_error(encoding: str, body: bytes) -> None:
    reason, _, _ = outcome(lambda exchange: exchange.whole(body, "application/json", Content_Encoding=encoding))
    assert reason is Reason.PROTOCOL_ERROR


@contextmanager
def listening(banner: bytes) -> Iterator[int]:
    """Answer every connection with ``banner``, whatever it says."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.sendall(banner)
                self.request.shutdown(socket.SHUT_WR)
                while self.request.recv(65536):
                    pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
