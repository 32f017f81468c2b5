"""The gateway between real clients and real servers over HTTP."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from mcp import Client
from mcp_types import ElicitResult

from catalog.gateway.front_http import Front
from catalog_testing.crawling import run
from catalog_testing.gateway_http import KINDS, Plain, front, gateway, orchard, plain, remote, said, sapling
from catalog_testing.remote_servers import sdk_server

CLIENTS = 8
CALLS = 50

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "plain", "version": "1"},
}


@pytest.fixture(scope="module")
def sdk() -> Iterator[str]:
    """A gateway with a server of the SDK on pipes behind it."""
    with gateway(orchard()) as url:
        yield f"{url}/mcp"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A gateway with a server behind it that starts quickly."""
    with gateway(sapling()) as url:
        yield f"{url}/mcp"


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"name": tool, "arguments": arguments}


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["result"]["content"][0]["text"])


async def modern(http: httpx.AsyncClient, url: str, tool: str, id_: object = 1, **arguments: Any) -> dict[str, Any]:
    """Return the answer to a tool call without a session."""
    params = {**call(tool, **arguments), "_meta": MODERN}
    headers = {**KINDS, "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": tool}
    body = {"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": params}
    return said(await http.post(url, json=body, headers=headers))[-1]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("kind", ["stateful", "stateless", "json"])
def test_a_client_works_with_a_server_at_an_address_in_the_version_that_they_both_speak(kind: Any, mode: str) -> None:
    async def use(url: str) -> tuple[str, list[str], Any]:
        async with Client(url, mode=mode) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            called = await client.call_tool("pick", {"tree": "höch"})
            return client.protocol_version, names, called.content

    with sdk_server(kind, "pick") as server, gateway(remote("orchard", server)) as url:
        assert run(use(f"{url}/mcp")) == run(use(server))


@pytest.mark.parametrize(("mode", "version"), [("legacy", "2025-11-25"), ("auto", "2026-07-28")])
def test_a_client_works_with_a_server_on_pipes_and_hears_of_progress(sdk: str, mode: str, version: str) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    async def use() -> None:
        async with Client(sdk, mode=mode) as client:
            assert client.protocol_version == version
            await client.call_tool("climb", {"steps": 3}, progress_callback=hear)
            assert (await client.read_resource("orchard://apple")).contents

    run(use())
    assert heard == [1, 2, 3]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_version_with_a_handshake_is_spoken(address: str, version: str) -> None:
    async def use() -> str:
        async with plain(address, version) as client:
            return text_of(await client.ask("tools/call", call("echo", text="there?")))

    assert run(use()) == "sapling: there?"


def test_a_server_asks_the_client_within_its_call(sdk: str) -> None:
    async def accept(context: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"sure": True})

    async def use() -> Any:
        async with Client(sdk, mode="legacy", elicitation_callback=accept) as client:
            return (await client.call_tool("fell", {})).content

    assert run(use())[0].text == "accept"


def test_calls_of_many_clients_at_once_lose_nothing_and_mix_nothing(address: str) -> None:
    async def in_session(number: int) -> list[str]:
        async with plain(address) as client:
            asked = (client.ask("tools/call", call("echo", text=f"{number}/{one}"), one) for one in range(1, CALLS + 1))
            return [text_of(answer) for answer in await asyncio.gather(*asked)]

    async def without_session(number: int) -> list[str]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            # Every client uses the same ids.
            asked = (modern(http, address, "echo", one, text=f"{number}/{one}") for one in range(1, CALLS + 1))
            answers = await asyncio.gather(*asked)
            assert [answer["id"] for answer in answers] == list(range(1, CALLS + 1))
            return [text_of(answer) for answer in answers]

    async def all_at_once() -> list[list[str]]:
        half = CLIENTS // 2
        sessions = (in_session(number) for number in range(half))
        return await asyncio.gather(*sessions, *(without_session(number) for number in range(half, CLIENTS)))

    expected = [[f"sapling: {number}/{one}" for one in range(1, CALLS + 1)] for number in range(CLIENTS)]
    assert run(all_at_once(), seconds=120) == expected


def test_a_server_that_dies_answers_every_call_with_an_error_and_the_next_session_has_a_new_one(address: str) -> None:
    async def use() -> None:
        async with plain(address, elicitation={}) as client:
            async with client.begun("tools/call", call("fell"), "waits") as waiting:
                assert (await anext(waiting))["method"] == "elicitation/create"
                died = await client.ask("tools/call", call("die"), "dies")
                assert (await anext(waiting))["error"] == died["error"]
            assert "exit code 3" in died["error"]["message"]
            gone = await client.post({"jsonrpc": "2.0", "id": 2, "method": "ping"})
            assert gone.status_code == 404
        async with plain(address) as client:
            assert text_of(await client.ask("tools/call", call("echo", text="again"))) == "sapling: again"

    run(use())


def test_without_a_session_too_a_server_that_died_is_there_again_for_the_next_call(address: str) -> None:
    async def use() -> tuple[dict[str, Any], str]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            died = await modern(http, address, "die")
            return died, text_of(await modern(http, address, "echo", text="again"))

    died, again = run(use())
    assert "error" in died
    assert again == "sapling: again"


@pytest.mark.parametrize("declared", [True, False])
def test_a_request_of_50_megabytes_is_refused_before_it_has_come(address: str, declared: bool) -> None:
    size = 50 * 1024 * 1024
    length = f"Content-Length: {size}" if declared else "Transfer-Encoding: chunked"

    async def use() -> tuple[bytes, int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(address).port)
        writer.write(
            f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode()
        )
        sent = 0
        answer = asyncio.create_task(reader.readline())
        piece = b" " * 65536 if declared else b"10000\r\n" + b" " * 65536 + b"\r\n"
        while sent < size and not answer.done():
            writer.write(piece)
            sent += 65536
            await asyncio.wait([answer, asyncio.create_task(writer.drain())], return_when=asyncio.FIRST_COMPLETED)
        status = await answer
        writer.close()
        async with plain(address) as client:
            assert "result" in await client.ask("ping")
        return status, sent

    status, sent = run(use())
    assert b" 413 " in status
    assert sent < size


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"", -32700),
        (b'"text"', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","id":2}', -32700),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32600),
        (b"\xff\xfe{", -32700),
        (b"[" * 100_000, -32700),
    ],
)
def test_what_is_no_message_is_refused_and_the_session_goes_on(address: str, body: bytes, code: int) -> None:
    async def use() -> int:
        async with plain(address, "2025-03-26") as client:
            response = await client.post(body)
            assert "result" in await client.ask("ping")
            assert response.status_code == 400
            return int(response.json()["error"]["code"])

    assert run(use()) == code


def test_a_batch_is_answered_as_one_where_the_version_has_batches_and_refused_elsewhere(address: str) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": call("echo", text="1")},
        {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
        {"jsonrpc": "2.0", "id": "b", "method": "ping"},
    ]

    async def use(version: str) -> httpx.Response:
        async with plain(address, version) as client:
            return await client.post(batch)

    assert {one["id"] for one in said(run(use("2025-03-26")))} == {"a", "b"}
    refused = run(use("2025-06-18"))
    assert refused.status_code == 400
    assert "batches" in refused.json()["error"]["message"]


def test_an_id_that_repeats_while_its_request_is_open_is_refused(address: str) -> None:
    async def use() -> None:
        async with plain(address, elicitation={}) as client, client.begun("tools/call", call("fell"), 5) as first:
            question = await anext(first)
            again = await client.post({"jsonrpc": "2.0", "id": 5, "method": "ping"})
            assert again.status_code == 400
            await client.post({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept"}})
            assert "accept" in text_of(await anext(first))

    run(use())


def test_a_call_that_is_cancelled_ends_and_the_server_hears_of_it(address: str) -> None:
    async def use() -> None:
        async with plain(address) as client:
            waiting = asyncio.create_task(client.ask("tools/call", call("wait"), "waits"))
            cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "waits"}}
            while not waiting.done():
                await client.post(cancel)
            assert "cancelled" in (await waiting)["error"]["message"]
            assert "waits" in (await client.ask("test/cancelled"))["result"]["cancelled"]

    run(use())


def test_without_a_session_a_client_that_goes_cancels_its_call(address: str) -> None:
    async def use() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            before = await cancelled(http)
            while await cancelled(http) == before:
                waiting = asyncio.create_task(modern(http, address, "wait"))
                assert text_of(await modern(http, address, "echo", text="meanwhile")) == "sapling: meanwhile"
                waiting.cancel()

    async def cancelled(http: httpx.AsyncClient) -> list[object]:
        headers = {**KINDS, "mcp-protocol-version": "2026-07-28", "mcp-method": "test/cancelled"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "test/cancelled", "params": {"_meta": MODERN}}
        return list(said(await http.post(address, json=body, headers=headers))[-1]["result"]["cancelled"])

    run(use())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "attacker.example"}, 421),
        ({"host": "127.0.0.1.attacker.example:80"}, 421),
        ({"origin": "https://attacker.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"host": "localhost"}, 200),
        ({"host": "mine.example:8080", "origin": "https://mine.example"}, 200),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_a_page_that_led_its_name_here_is_refused(headers: dict[str, str], status: int) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}).encode()
    names = {"localhost", "127.0.0.1", "mine.example"}

    async def use(url: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            return await http.post(f"{url}/mcp", content=body, headers={**KINDS, **headers})

    with gateway(sapling(), front=front(hosts=names)) as url:
        assert run(use(url)).status_code == status


def test_a_token_opens_the_gateway_and_its_health_is_seen_without() -> None:
    async def use(url: str) -> list[int]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            tokens = ["Basic s3crét", "Bearer wrong", "Bearer s3crét", "bearer s3crét"]
            tried = [
                await http.post(
                    f"{url}/mcp",
                    content=b"{",
                    headers=[
                        *((name.encode(), value.encode()) for name, value in KINDS.items()),
                        (b"authorization", one),
                    ],
                )
                for one in map(str.encode, tokens)
            ]
            healthy = await http.get(f"{url}/healthz")
            return [*(one.status_code for one in tried), healthy.status_code]

    with gateway(sapling(), front=front(token="s3crét")) as url:
        assert run(use(url)) == [401, 401, 400, 400, 200]


def test_there_are_only_so_many_sessions_and_one_that_ends_makes_room() -> None:
    async def use(url: str) -> list[int]:
        async with plain(url) as client:
            hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}}
            body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
            newcomer = Plain(client.http, url, KINDS)
            refused = await newcomer.post(body)
            await client.http.delete(url, headers=client.headers)
            return [refused.status_code, (await newcomer.post(body)).status_code]

    with gateway(sapling(), front=Front(most_sessions=1)) as url:
        assert run(use(f"{url}/mcp")) == [503, 200]


def test_headers_that_say_another_thing_than_the_request_are_refused(address: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {**call("die"), "_meta": MODERN}}

    async def use(**headers: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await http.post(address, json=body, headers={**KINDS, **named})

    for response in (
        run(use(mcp_protocol_version="2026-07-28", mcp_method="tools/call", mcp_name="echo")),
        run(use(mcp_protocol_version="2026-07-28", mcp_method="tools/list", mcp_name="die")),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (400, -32020)
    unknown = run(use(mcp_protocol_version="2031-01-01", mcp_method="tools/call", mcp_name="die"))
    assert unknown.json()["error"]["data"]["supported"] == ["2026-07-28"]
