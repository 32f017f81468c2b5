"""``catalog gateway`` with several servers, over HTTP and with spans, as its users start it."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from catalog.policy.model import Decision, Policy
from catalog.policy.writing import policies_json
from catalog_testing.gatewayed import CATALOG, RECORDER, Behind
from catalog_testing.policy import policy, rule

ALLOW, DENY = Decision.ALLOW, Decision.DENY


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """An ``mcp.json`` of two servers that have a tool of the same name, and policies of theirs."""
    servers = {
        name: {"command": sys.executable, "args": [str(RECORDER), "${CALLS}/" + name, "peek", "wipe"]}
        for name in ("north", "south")
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    policies = [
        Policy(server="north", rules=(rule("peek", ALLOW), rule("wipe", DENY))),
        Policy(server="south", rules=(rule("wipe", ALLOW),)),
    ]
    (tmp_path / "policy.json").write_text(json.dumps(policies_json(policies)))
    return tmp_path


def _options(folder: Path) -> list[str]:
    return ["gateway", "--policy", str(folder / "policy.json"), "--counters", str(folder / "counters.db")]


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "CALLS": str(folder)}


def test_several_servers_are_one_to_a_client_and_each_keeps_its_own_policy(two: Path) -> None:
    async def use() -> None:
        arguments = [*_options(two), "--config", str(two / "mcp.json")]
        parameters = StdioServerParameters(command=CATALOG, args=arguments, env=_environment(two))
        async with Client(parameters, mode="legacy") as client:
            listed = await client.list_tools()
            assert sorted(tool.name for tool in listed.tools) == ["north__peek", "north__wipe", "south__wipe"]
            assert not (await client.call_tool("north__peek")).is_error
            assert (await client.call_tool("north__wipe")).is_error
            assert not (await client.call_tool("south__wipe")).is_error

    asyncio.run(use())
    assert json.loads((two / "north").read_text())["name"] == "peek"
    assert json.loads((two / "south").read_text())["name"] == "wipe"


@contextmanager
def _listening(folder: Path, *options: str) -> Iterator[str]:
    command = [CATALOG, *_options(folder), "--listen", "127.0.0.1:0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=_environment(folder)) as process:
        assert process.stderr is not None
        told = process.stderr.readline().decode()
        assert told.startswith("Listening at "), told
        yield told.removeprefix("Listening at ").strip()
        process.terminate()


def test_clients_over_http_meet_the_same_policies(two: Path) -> None:
    async def use(url: str) -> None:
        async with Client(url, mode="legacy") as client:
            assert (await client.call_tool("north__wipe")).is_error
        async with Client(url.replace("/mcp", "/south/mcp")) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == ["wipe"]
            assert not (await client.call_tool("wipe")).is_error

    with _listening(two, "--config", str(two / "mcp.json")) as url:
        asyncio.run(use(url))


def test_a_server_over_http_is_enforced_on_for_a_client_on_pipes(two: Path) -> None:
    async def use(url: str) -> None:
        arguments = [*_options(two), "--server", "south", "--url", url.replace("/mcp", "/north/mcp")]
        parameters = StdioServerParameters(command=CATALOG, args=arguments, env=_environment(two))
        async with Client(parameters) as client:
            # North shows peek and wipe, of which the policy for south opens wipe: north then denies it.
            assert [tool.name for tool in (await client.list_tools()).tools] == ["wipe"]
            assert "denied" in str((await client.call_tool("wipe")).content)

    with _listening(two, "--config", str(two / "mcp.json")) as url:
        asyncio.run(use(url))


class _Collector(BaseHTTPRequestHandler):
    received: list[bytes]

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_decisions_are_sent_as_spans(tmp_path: Path) -> None:
    behind = Behind(tmp_path, ("peek", "wipe"))
    behind.enforce(policy(rule("peek", ALLOW), rule("wipe", DENY)))

    class Collector(_Collector):
        received: list[bytes] = []  # noqa: RUF012  # http.server makes the instances

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
        with behind.raw(options=["--otel"], environment=environment) as raw:
            raw.call("peek")
            raw.call("wipe")
        server.shutdown()
        thread.join()
    sent = b"".join(Collector.received)
    for word in (b"tools/call peek", b"tools/call wipe", b"catalog.policy.decision", b"denied"):
        assert word in sent


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--url", "https://nas.example/mcp", "--", "true"], "name one server"),
        (["--header", "a: b", "--", "true"], "--header goes with --url"),
        (["--token-env", "NONE", "--", "true"], "go with --listen"),
        (["--url", "ftp://nas.example/"], "is no address"),
        (["--url", "http://nas.example/", "--header", "no colon"], "'NAME: VALUE'"),
        (["--listen", "8080", "--", "true"], "is no HOST:PORT"),
        (["--listen", "127.0.0.1:0", "--token-env", "NO_SUCH", "--", "true"], "'NO_SUCH' is not set"),
        (["--config", "/no/such/mcp.json"], "/no/such/mcp.json"),
    ],
)
def test_options_that_cannot_be_understood_say_what_to_do(tmp_path: Path, options: list[str], told: str) -> None:
    Behind(tmp_path, ()).enforce(policy(rule("peek", ALLOW)))
    run = subprocess.run(
        [CATALOG, *_options(tmp_path), *options], capture_output=True, check=False, env=_environment(tmp_path)
    )
    assert run.returncode in {1, 2}
    assert told in run.stderr.decode()
    assert "Traceback" not in run.stderr.decode()
