"""The gateway's side towards servers: programs on pipes, and addresses."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest

from catalog.errors import UsageError
from catalog.gateway.base import Channel, ChannelClosed
from catalog.gateway.conversation import Client, Conversation
from catalog.gateway.http_sessions import Sessions, TooManySessions
from catalog.gateway.hub import Single
from catalog.gateway.several import Several
from catalog.gateway.upstream_http import http_server
from catalog.gateway.upstream_stdio import stdio_server
from catalog_testing.crawling import run
from catalog_testing.gateway_http import Passing, sapling
from catalog_testing.remote_servers import INITIALIZED, MIB, Exchange, serving

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


class Talk:
    """A channel, and what it says."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.said = channel.messages()

    async def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        await self.channel.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the next message after a request."""
        await self.channel.send(json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode())
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """Return the next message."""
        found: dict[str, Any] = json.loads(await anext(self.said))
        return found


@asynccontextmanager
async def talking(url: str, headers: dict[str, str] | None = None) -> AsyncIterator[Talk]:
    """Open a channel to the server at ``url``."""
    channel = await http_server(url, headers)()
    try:
        yield Talk(channel)
    finally:
        await channel.close()


def test_a_request_without_a_session_says_in_headers_what_its_body_says() -> None:
    schema = {
        "properties": {"where": {"type": "object", "properties": {"city": {"type": "string", "x-mcp-header": "City"}}}}
    }

    def behave(exchange: Exchange) -> None:
        tools = [{"name": "röst", "inputSchema": schema}]
        exchange.json(exchange.answer({"tools": tools} if exchange.received.message["method"] == "tools/list" else {}))

    async def use(url: str) -> None:
        async with talking(url) as talk:
            await talk.ask("tools/list", _meta=META)
            await talk.ask("tools/call", name="röst", arguments={"where": {"city": "Köln"}}, _meta=META)
            await talk.ask("tools/call", name="röst", arguments={"where": {"city": "Bonn"}}, _meta=META)

    with serving(behave) as server:
        run(use(server.url()))
    _, first, second = [one.headers for one in server.requests]
    assert first["mcp-protocol-version"] == "2026-07-28"
    assert first["mcp-method"] == "tools/call"
    assert first["mcp-name"] == "=?base64?csO2c3Q=?="
    assert first["mcp-param-city"] == "=?base64?S8O2bG4=?="
    assert second["mcp-param-city"] == "Bonn"


def test_a_session_is_kept_listened_to_and_ended() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.method == "GET":
            exchange.begin("text/event-stream")
            exchange.event({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
            exchange.served.stopping.wait()
        elif exchange.received.message.get("method") == "initialize":
            exchange.json(exchange.answer(INITIALIZED), Mcp_Session_Id="kept")
        else:
            exchange.whole(b"", "text/plain", 202)

    async def use(url: str) -> None:
        async with talking(url, {"Authorization": "Bearer mine"}) as talk:
            await talk.ask("initialize", protocolVersion="2025-11-25")
            await talk.tell("notifications/initialized")
            assert (await talk.next())["method"] == "notifications/tools/list_changed"

    with serving(behave) as server:
        run(use(server.url()))
    first, *others = server.requests
    assert "mcp-session-id" not in first.headers
    assert {one.headers["mcp-session-id"] for one in others} == {"kept"}
    assert {one.headers["mcp-protocol-version"] for one in others} == {"2025-11-25"}
    assert {one.headers["authorization"] for one in server.requests} == {"Bearer mine"}
    assert [one.method for one in server.requests] == ["POST", "POST", "GET", "DELETE"]


def test_a_session_that_the_server_ended_is_over_for_the_client_too() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "initialize":
            exchange.json(exchange.answer(INITIALIZED), Mcp_Session_Id="lost")
        else:
            exchange.whole(b"", "text/plain", 404)

    async def use(url: str) -> None:
        async with talking(url) as talk:
            await talk.ask("initialize")
            with pytest.raises(ChannelClosed, match="ended the session"):
                await talk.ask("tools/list")

    with serving(behave) as server:
        run(use(server.url()))


def test_credentials_stay_at_the_origin_that_they_are_for() -> None:
    async def use(url: str) -> str:
        async with talking(url, {"Authorization": "Bearer mine"}) as talk:
            return str((await talk.ask("ping"))["error"]["message"])

    with (
        serving(lambda exchange: exchange.json(exchange.answer({}))) as other,
        serving(lambda exchange: exchange.redirect(other.url())) as server,
    ):
        assert "elsewhere" in run(use(server.url()))
    assert not other.requests


def test_a_redirect_within_the_origin_is_followed() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.path == "/mcp":
            exchange.redirect("/mcp/")
        else:
            exchange.json(exchange.answer({}))

    async def use(url: str) -> dict[str, Any]:
        async with talking(url) as talk:
            return await talk.ask("ping")

    with serving(behave) as server:
        assert run(use(server.url()))["result"] == {}


def _hang_up(exchange: Exchange) -> None:
    exchange.begin("text/event-stream")
    exchange.event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})


def _flood(exchange: Exchange) -> None:
    exchange.begin("application/json")
    for _ in range(70):
        exchange.wfile.write(b" " * MIB)


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (_hang_up, "ended without what answers"),
        (_flood, "larger than 64 MiB"),
        (lambda exchange: exchange.whole(b"", "text/plain", 401), "401; give what it asks for with --header"),
        (lambda exchange: exchange.whole(b"", "text/plain", 202), "without an answer"),
        (lambda exchange: exchange.whole(b"<html>", "text/html"), "'text/html'"),
        (
            lambda exchange: exchange.json(
                {"jsonrpc": "2.0", "id": None, "error": {"code": -1, "message": "no!"}}, 400
            ),
            "no!",
        ),
    ],
)
def test_a_request_that_the_server_does_not_answer_is_answered_with_an_error(behave: Any, said: str) -> None:
    async def use(url: str) -> dict[str, Any]:
        async with talking(url) as talk:
            found = await talk.ask("tools/call", name="x")
            return found if "id" in found else await talk.next()

    with serving(behave) as server:
        answer = run(use(server.url()))
    assert answer["id"] == 7
    assert said in answer["error"]["message"]


def test_a_server_that_is_not_there_is_an_error_of_the_request_alone() -> None:
    async def use() -> dict[str, Any]:
        async with talking("http://user:secret@127.0.0.1:1/mcp?key=secret") as talk:
            await talk.ask("ping")
            return await talk.ask("ping")

    message = run(use())["error"]["message"]
    assert "cannot be reached" in message
    assert "secret" not in message


@pytest.mark.parametrize("url", ["ftp://x/mcp", "mcp", "http://", "file:///etc/passwd"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        http_server(url)


def test_a_line_without_an_end_ends_the_server() -> None:
    async def use() -> None:
        flood = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
        channel = await stdio_server([sys.executable, "-c", flood], most=MIB)()
        with pytest.raises(ChannelClosed, match="more than 1 MiB"):
            await anext(channel.messages())
        with pytest.raises(ChannelClosed):
            await channel.send(b"{}")

    run(use())


def test_closing_ends_all_that_the_server_started_even_what_does_not_want_to() -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)"
    )

    async def use() -> psutil.Process:
        channel = await stdio_server([sys.executable, "-c", stubborn], leave_seconds=0.2)()
        child = psutil.Process(int(await anext(channel.messages())))
        await channel.close()
        return child

    child = run(use())
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_command_that_cannot_be_started_is_named() -> None:
    with pytest.raises(UsageError, match="no-such-command"):
        run(stdio_server(["no-such-command"])())


class Idle:
    """A channel on which nothing comes."""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._over.is_set()

    async def send(self, line: bytes) -> None:
        """See ``Channel.send``."""

    async def messages(self) -> AsyncIterator[bytes]:
        """See ``Channel.messages``."""
        said: list[bytes] = []
        await self._over.wait()
        for line in said:
            yield line
        raise ChannelClosed("closed")

    async def close(self) -> None:
        """See ``Channel.close``."""
        self._over.set()


def test_a_session_that_is_idle_for_too_long_is_ended_and_one_that_listens_is_not() -> None:
    now = 0.0
    channels: list[Idle] = []

    async def opening(client: Client) -> Conversation:
        channels.append(Idle())
        return Conversation(Single("server", Passing()), {"server": channels[-1]}, client)

    async def use() -> None:
        nonlocal now
        sessions = Sessions(opening, most=2, idle_seconds=60, clock=lambda: now)
        idle, listening = await sessions.open(), await sessions.open()
        listening.listen()
        with pytest.raises(TooManySessions):
            await sessions.open()
        now = 61.0
        await sessions.open()
        assert sessions.get(idle.id) is None
        assert sessions.get(listening.id) is listening
        assert [one.closed for one in channels] == [True, False, False]
        await sessions.close_all()
        assert all(one.closed for one in channels)

    run(use())


class Told:
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put(self, line: bytes) -> None:
        """See ``Client.put``."""
        self.messages.put_nowait(json.loads(line))

    async def room(self) -> None:
        """See ``Client.room``."""


def test_one_of_several_servers_that_never_says_a_word_is_done_without() -> None:
    async def use() -> dict[str, Any]:
        client = Told()
        hub = Several({"one": Passing(), "mute": Passing()})
        channels = {"one": await sapling("one").open(), "mute": Idle()}
        conversation = Conversation(hub, channels, client, silent_seconds=0.05)
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}
        await conversation.from_client(json.dumps(hello).encode())
        answer = await client.messages.get()
        await conversation.close()
        return answer

    assert "tools" in run(use())["result"]["capabilities"]
