"""Whatever clients and servers send, the gateway answers or drops it, and stays up."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.gateway.conversation import Client, Conversation
from catalog.gateway.front_http import Endpoint, Front, application
from catalog.gateway.hub import Single
from catalog.gateway.several import Several
from catalog_testing.gateway_http import KINDS, Passing

METHODS = st.sampled_from(
    [
        "initialize",
        "ping",
        "tools/list",
        "tools/call",
        "prompts/get",
        "resources/read",
        "resources/list",
        "completion/complete",
        "logging/setLevel",
        "server/discover",
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "sampling/createMessage",
        "x",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.text(max_size=5)
IDS: st.SearchStrategy[object] = st.sampled_from([0, 1, 2, 3, 4, 5, 6, "1", "a", "", None, 1.0, True, 10**30, [], {}])
NAMES = st.sampled_from(["one__echo", "two__echo", "one__", "__echo", "three__echo", "echo", "one"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES | VALUES,
        "uri": st.sampled_from(["a://x", "b://y"]) | VALUES,
        "ref": st.fixed_dictionaries({"type": st.just("ref/prompt")}, optional={"name": NAMES}) | VALUES,
        "requestId": IDS,
        "progressToken": IDS,
        "_meta": st.fixed_dictionaries(
            {}, optional={"progressToken": IDS, "io.modelcontextprotocol/protocolVersion": st.just("2026-07-28")}
        )
        | VALUES,
        "arguments": VALUES,
        "cursor": VALUES,
        "protocolVersion": st.just("2025-03-26") | VALUES,
    },
)
RESULTS = st.fixed_dictionaries(
    {},
    optional={
        "tools": st.lists(st.fixed_dictionaries({"name": st.text(max_size=3)}) | VALUES, max_size=2) | VALUES,
        "resources": st.lists(st.fixed_dictionaries({"name": st.just("n"), "uri": st.just("a://x")}), max_size=2)
        | VALUES,
        "nextCursor": st.just("more") | VALUES,
        "capabilities": st.just({"tools": {}, "resources": {}, "prompts": {"listChanged": True}, "logging": {}})
        | VALUES,
        "protocolVersion": st.just("2025-03-26") | VALUES,
        "content": VALUES,
    },
)
MESSAGES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0")},
    optional={
        "id": IDS,
        "method": METHODS | VALUES,
        "params": PARAMS | VALUES,
        "result": RESULTS | VALUES,
        "error": VALUES,
    },
)
REQUESTS = st.fixed_dictionaries({"jsonrpc": st.just("2.0"), "id": IDS, "method": METHODS, "params": PARAMS})
ANSWERS = st.fixed_dictionaries({"jsonrpc": st.just("2.0"), "id": IDS, "result": RESULTS})
LINES = (REQUESTS | MESSAGES | st.lists(MESSAGES, max_size=3) | VALUES).map(
    lambda one: json.dumps(one).encode()
) | st.binary(max_size=20)
STEPS = st.lists(
    st.tuples(st.just("client"), LINES)
    | st.tuples(st.sampled_from(["one", "two"]), ANSWERS.map(lambda one: json.dumps(one).encode()) | LINES)
    | st.tuples(st.sampled_from(["lost one", "lost two"]), st.just(b"")),
    max_size=20,
)


@settings(max_examples=200)
@given(STEPS)
def test_several_servers_answer_a_request_once_at_most_and_no_other(steps: list[tuple[str, bytes]]) -> None:
    hub = Several({"one": Passing(), "two": Passing()})
    asked: Counter[str] = Counter()
    told = list(hub.from_client(b'{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{}}'))
    asked[json.dumps("hello")] += 1
    for number, name in ((1, "one"), (2, "two")):
        answer = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "prompts": {}, "resources": {}}}
        told += hub.from_server(name, json.dumps({"jsonrpc": "2.0", "id": number, "result": answer}).encode())
    for side, line in steps:
        if side == "client":
            asked[json.dumps(_id_of(line))] += 1
            asked["null"] += 1  # what cannot be read is answered to nobody in particular
            told += hub.from_client(line)
        elif side.startswith("lost"):
            told += hub.lost(side.removeprefix("lost "), "gone")
        else:
            told += hub.from_server(side, line)
    answered: Counter[str] = Counter()
    for message in told:
        said = json.loads(message.line, parse_constant=lambda text: 1 / 0)
        assert said["jsonrpc"] == "2.0"
        if message.to is None and "method" not in said:
            answered[json.dumps(said["id"])] += 1
    assert answered <= asked


def _id_of(line: bytes) -> object:
    """Return the id that an answer to a client's line can have; null where it has none."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    found = said.get("id") if isinstance(said, dict) else None
    return found if isinstance(found, str | int | float) and not isinstance(found, bool) else None


class Answering:
    """A channel to a server that answers every request at once."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, line: bytes) -> None:
        """See ``Channel.send``."""
        message = json.loads(line)
        if "method" in message and "id" in message:
            result = {"protocolVersion": "2025-03-26", "capabilities": {}}
            self._said.put_nowait(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())

    async def messages(self) -> AsyncIterator[bytes]:
        """See ``Channel.messages``."""
        while True:
            yield await self._said.get()

    async def close(self) -> None:
        """See ``Channel.close``."""


async def _opening(client: Client) -> Conversation:
    return Conversation(Single("server", Passing()), {"server": Answering()}, client)


@example([b'{"jsonrpc": "2.0", "id": 1000000000000000000000000000000, "method": "ping", "params": {}}'], {}, True)
@settings(max_examples=150)
@given(
    st.lists(LINES, max_size=5),
    st.fixed_dictionaries(
        {},
        optional={
            "mcp-protocol-version": st.sampled_from(["2025-03-26", "2026-07-28", "x", "2025-11-25"]),
            "mcp-method": METHODS,
            "mcp-name": st.sampled_from(["one__echo", "=?base64?!?=", "=?base64?/w==?="]),
            "accept": st.sampled_from(["application/json", "text/event-stream", "x"]),
        },
    ),
    st.booleans(),
)
def test_the_listening_side_answers_every_post(bodies: list[bytes], headers: dict[str, str], in_session: bool) -> None:
    async def use() -> None:
        endpoint = Endpoint(_opening, Front(), sessionless=True)
        transport = httpx.ASGITransport(application({"/mcp": endpoint}))
        async with asyncio.timeout(30), httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            hello = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'
            session = (await http.post("/mcp", content=hello, headers=KINDS)).headers["mcp-session-id"]
            own = {"mcp-session-id": session} if in_session else {}
            for body in bodies:
                response = await http.post("/mcp", content=body, headers={**KINDS, **headers, **own})
                assert response.status_code in (200, 202, 400, 404)
                if response.status_code != 202:
                    said: Any = response.json()
                    assert all(one["jsonrpc"] == "2.0" for one in (said if isinstance(said, list) else [said]))
        await endpoint.close()

    asyncio.run(use())
