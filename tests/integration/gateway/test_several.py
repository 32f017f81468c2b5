"""Several servers behind one client, as one server."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client
from mcp_types import ElicitResult, TextContent, TextResourceContents

from catalog.errors import UsageError
from catalog.gateway.run import Served, serve_stdio_async
from catalog.gateway.several import Several
from catalog_testing.crawling import run
from catalog_testing.gateway_http import Passing, gateway, orchard, passing, plain, remote, sapling
from catalog_testing.remote_servers import sdk_server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two servers on pipes and one at an address behind a gateway."""
    with sdk_server("stateful", "pick") as far, gateway(orchard("north"), orchard("south"), remote("far", far)) as url:
        yield url


@pytest.fixture(scope="module")
def saplings() -> Iterator[str]:
    """Two servers that start quickly."""
    with gateway(sapling("one"), sapling("two")) as url:
        yield f"{url}/mcp"


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"name": tool, "arguments": arguments}


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["result"]["content"][0]["text"])


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_client_sees_the_servers_as_one_and_reaches_each_of_them(address: str, mode: str) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    async def accept(context: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="decline")

    async def use() -> None:
        async with Client(f"{address}/mcp", mode=mode, elicitation_callback=accept) as client:
            assert client.protocol_version == "2025-11-25"
            names = [tool.name for tool in (await client.list_tools()).tools]
            own = ["echo", "climb", "fell", "die"]
            assert names == [*(f"north__{one}" for one in own), *(f"south__{one}" for one in own), "far__pick"]
            said = (await client.call_tool("south__echo", {"text": "there?"})).content[0]
            assert isinstance(said, TextContent)
            assert said.text == "south: there?"
            assert (await client.call_tool("far__pick", {"tree": "oak"})).content
            await client.call_tool("north__climb", {"steps": 2}, progress_callback=hear)
            asked = (await client.call_tool("south__fell", {})).content[0]
            assert isinstance(asked, TextContent)
            assert asked.text == "decline"
            resources = (await client.list_resources()).resources
            assert [(one.name, str(one.uri)) for one in resources] == [
                ("north__apple", "north://apple"),
                ("south__apple", "south://apple"),
            ]
            apple = (await client.read_resource("south://apple")).contents[0]
            assert isinstance(apple, TextResourceContents)
            assert apple.text == "an apple of south"
            assert [one.name for one in (await client.list_prompts()).prompts] == ["north__pick", "south__pick"]
            assert (await client.get_prompt("north__pick", {"tree": "oak"})).messages

    run(use())
    assert heard == [1, 2]


def test_definitions_differ_in_nothing_but_the_name(address: str) -> None:
    async def use() -> None:
        async with (
            Client(f"{address}/mcp", mode="legacy") as all_,
            Client(f"{address}/north/mcp", mode="legacy") as one,
        ):
            together = [tool.model_dump() for tool in (await all_.list_tools()).tools]
            alone = [tool.model_dump() for tool in (await one.list_tools()).tools]
            assert together[: len(alone)] == [{**tool, "name": f"north__{tool['name']}"} for tool in alone]

    run(use())


def test_a_server_that_dies_takes_its_tools_with_it_and_leaves_the_others(saplings: str) -> None:
    async def use() -> None:
        async with plain(saplings) as client:
            await client.ask("tools/list")
            died = await client.ask("tools/call", call("one__die"), "dies")
            assert "'one'" in died["error"]["message"]
            assert text_of(await client.ask("tools/call", call("two__echo", text="?"))) == "two: ?"
            names = [tool["name"] for tool in (await client.ask("tools/list"))["result"]["tools"]]
            assert names == ["two__echo", "two__fell", "two__wait", "two__die"]
            gone = await client.ask("tools/call", call("one__echo", text="?"))
            assert "gone" in gone["error"]["message"]

    run(use())


def test_servers_whose_requests_have_one_id_get_the_answers_that_are_theirs(saplings: str) -> None:
    async def use() -> None:
        async with (
            plain(saplings, elicitation={}) as client,
            client.begun("tools/call", call("one__fell"), "first") as first,
            client.begun("tools/call", call("two__fell"), "second") as second,
        ):
            questions = [await anext(first), await anext(second)]
            assert questions[0]["id"] != questions[1]["id"]
            for word, question in zip(("yes", "no"), questions, strict=True):
                await client.post({"jsonrpc": "2.0", "id": question["id"], "result": {"said": word}})
            assert "yes" in text_of(await anext(first))
            assert "no" in text_of(await anext(second))

    run(use())


def test_a_cancelled_call_is_cancelled_at_the_server_that_works_on_it(saplings: str) -> None:
    async def use() -> None:
        async with plain(saplings) as client:
            waiting = asyncio.create_task(client.ask("tools/call", call("two__wait"), "waits"))
            while not waiting.done():
                cancel = {"requestId": "waits"}
                await client.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})
            assert "error" in await waiting

    run(use())


def test_a_server_that_cannot_start_is_missing_and_nothing_else_is() -> None:
    broken = Served(name="broken", open=_broken, guard=passing)

    async def use(url: str) -> list[str]:
        async with plain(f"{url}/mcp") as client:
            return [tool["name"] for tool in (await client.ask("tools/list"))["result"]["tools"]]

    with gateway(broken, sapling("two")) as url:
        assert run(use(url)) == ["two__echo", "two__fell", "two__wait", "two__die"]


async def _broken() -> Any:
    raise UsageError("it is not installed")


@pytest.mark.parametrize("name", ["a__b", "a_", "", "a/b", "ä", "a b", "_a"])
def test_a_name_that_could_be_read_in_two_ways_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no server can be called"):
        Several({name: Passing(), "other": Passing()})


def test_one_client_on_pipes_has_a_server_at_an_address_and_several_as_one() -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}}

    def talk(served: list[Served], tool: str) -> list[dict[str, Any]]:
        """Return the answers to a handshake, nonsense, a line of 9 MB and a call."""
        (reads, writes), (hears, says) = os.pipe(), os.pipe()
        source, client_out = os.fdopen(reads, "rb"), os.fdopen(writes, "wb", buffering=0)
        client_in, target = os.fdopen(hears, "rb"), os.fdopen(says, "wb")

        def send(id_: int, method: str, params: object) -> dict[str, Any]:
            message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
            client_out.write(json.dumps(message).encode() + b"\n")
            return read()

        def read() -> dict[str, Any]:
            found: dict[str, Any] = json.loads(client_in.readline())
            return found

        def client() -> list[dict[str, Any]]:
            answers = [send(1, "initialize", hello)]
            client_out.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
            big = memoryview(b'"' + b" " * (9 * 1024 * 1024) + b"\n")
            while big:
                big = big[client_out.write(big) :]
            answers += [read(), send(2, "tools/call", call(tool, tree="oak"))]
            client_out.close()
            return answers

        async def both() -> list[dict[str, Any]]:
            serving = asyncio.create_task(serve_stdio_async(served, source=source, target=target))
            answers = await asyncio.to_thread(client)
            await serving
            return answers

        with source, client_in, target:
            return run(both())

    with sdk_server("stateful", "pick") as far:
        for served, tool in (([remote("far", far)], "pick"), ([remote("far", far), sapling()], "far__pick")):
            hello_back, too_long, called = talk(served, tool)
            assert hello_back["result"]["protocolVersion"] == "2025-06-18"
            assert "8 MiB" in too_long["error"]["message"]
            assert text_of(called) == "oak"
