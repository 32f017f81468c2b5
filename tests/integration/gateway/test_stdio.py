"""``catalog gateway`` over pipes: real processes on both sides."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mcp import Client
from mcp_types import ElicitRequestParams, ElicitResult

from catalog.policy.model import Decision, Limit, Policy, Rule
from catalog_testing.gatewayed import Behind
from catalog_testing.policy import policy, rule
from catalog_testing.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOW, LIMIT, APPROVE, DENY, _ = Decision
TOOLS = ("peek", "poke", "reboot", "wipe", "die", "chatter", "unnamed")


@pytest.fixture
def behind(tmp_path: Path) -> Behind:
    """A server with tools of every decision, and one that no rule names."""
    found = Behind(tmp_path, TOOLS)
    rules = [rule(name, ALLOW) for name in ("peek", "die", "chatter")]
    limited = rule("poke", LIMIT, limit=Limit(max=3, window="day"))
    found.enforce(policy(*rules, limited, rule("reboot", APPROVE), rule("wipe", DENY)))
    return found


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_official_client_sees_and_calls_what_the_policy_opens(behind: Behind, mode: str) -> None:
    async def use(client: Client) -> None:
        async with client:
            listed = await client.list_tools()
            assert [tool.name for tool in listed.tools] == ["peek", "poke", "reboot", "wipe", "die", "chatter"]
            assert not (await client.call_tool("peek", {"a": 1})).is_error
            assert (await client.call_tool("wipe")).is_error
            assert [(await client.call_tool("poke")).is_error for _ in range(4)] == [False, False, False, True]

    asyncio.run(use(behind.client(mode=mode)))
    assert behind.reached == ["peek", "poke", "poke", "poke"]
    assert [event["outcome"] for event in behind.events if event["method"] == "tools/call"] == [
        *("passed", "denied"),
        *("passed", "passed", "passed", "denied"),
    ]


@pytest.mark.parametrize("consents", [True, False])
def test_a_person_is_asked_through_the_official_client(behind: Behind, consents: bool) -> None:
    asked: list[str] = []

    async def answer(_: object, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"approve": consents})

    async def use(client: Client) -> bool:
        async with client:
            return not (await client.call_tool("reboot", {"host": "nas"})).is_error

    assert asyncio.run(use(behind.client(mode="legacy", elicitation_callback=answer))) is consents
    assert len(asked) == 1
    assert "May the agent call reboot" in asked[0]
    assert behind.reached == (["reboot"] if consents else [])


def test_a_server_that_dies_answers_what_waits_and_the_next_call_finds_it_alive(behind: Behind) -> None:
    with behind.raw() as raw:
        died = raw.call("die")
        assert died["error"]["message"] == "the server has ended with exit code 3"
        assert "result" in raw.call("peek")
        assert raw.leave() == 0


def test_a_server_that_dies_again_and_again_is_left_dead(behind: Behind) -> None:
    with behind.raw() as raw:
        answers = [raw.call("die")["error"]["message"] for _ in range(8)]
        assert answers[-1] == "the server has ended and cannot be started again now"
        assert raw.leave() == 0
    assert behind.reached.count("die") == 6


def test_a_request_that_is_too_long_is_an_error_and_the_next_one_passes(behind: Behind) -> None:
    with behind.raw() as raw:
        raw.write(b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"peek","x":"' + b"a" * 50_000_000)
        assert raw.read()["error"]["message"] == "message is longer than 8 MiB"
        assert "result" in raw.call("peek")


def test_a_large_answer_passes_whole(behind: Behind) -> None:
    with behind.raw() as raw:
        text = raw.call("peek", size=3_000_000)["result"]["content"][0]["text"]
    assert len(text) == 3_000_000


def test_lines_of_the_server_that_are_no_messages_are_left_out(behind: Behind) -> None:
    with behind.raw() as raw:
        assert "result" in raw.call("chatter")


def test_a_changed_policy_counts_from_the_next_call_on_and_a_broken_one_changes_nothing(behind: Behind) -> None:
    with behind.raw() as raw:
        assert "result" in raw.call("peek")
        behind.policy.write_text("{")
        assert "isError" not in raw.call("peek")["result"]
        behind.enforce(policy(rule("peek", DENY)))
        assert raw.call("peek")["result"]["isError"]
        behind.policy.unlink()
        assert raw.call("peek")["result"]["isError"]


def test_counters_outlive_a_gateway_that_is_killed(behind: Behind) -> None:
    with behind.raw() as raw:
        assert "isError" not in raw.call("poke")["result"]
        assert "isError" not in raw.call("poke")["result"]
        raw.process.send_signal(signal.SIGKILL)
    with behind.raw() as raw:
        assert "isError" not in raw.call("poke")["result"]
        assert raw.call("poke")["result"]["isError"]
    assert behind.reached == ["poke"] * 3


def test_a_gateway_that_is_killed_leaves_no_server_behind(behind: Behind) -> None:
    with behind.raw() as raw:
        (server,) = _children(raw.process.pid)
        raw.process.send_signal(signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{server}").exists())


def test_a_gateway_that_is_asked_to_end_takes_its_server_with_it(behind: Behind) -> None:
    with behind.raw() as raw:
        (server,) = _children(raw.process.pid)
        raw.process.send_signal(signal.SIGTERM)
        assert raw.process.wait(60) == 143
        assert not Path(f"/proc/{server}").exists()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    ("policies", "server", "told"),
    [
        (None, ["true"], "cannot read the policy"),
        ("{", ["true"], "is not a policy"),
        ('{"version": 1, "servers": {}}', ["true"], "has policies for: none"),
        (json.dumps({"version": 1, "servers": {"a": {"rules": []}, "b": {"rules": []}}}), ["true"], "'a'"),
        ('{"version": 1, "servers": {"a": {"rules": []}}}', ["/no/such/program"], "/no/such/program"),
        ('{"version": 1, "servers": {"a": {"rules": []}}}', [], "name one server"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_says_so(
    tmp_path: Path, policies: str | None, server: list[str], told: str
) -> None:
    behind = Behind(tmp_path, ())
    if policies is not None:
        behind.policy.write_text(policies)
    command = behind.command(["true"])[:-1] + server
    run = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert run.returncode in {1, 2}
    assert told in run.stderr.decode()
    assert "Traceback" not in run.stderr.decode()


def test_many_calls_of_many_clients_lose_nothing_and_keep_the_limit_exact(tmp_path: Path) -> None:
    most, clients, calls = 700, 8, 1_250
    behind = Behind(tmp_path, ("peek", "poke"))
    poke = Rule(tool="poke", decision=LIMIT, limits=(Limit(max=most, window="day"),), reason="", key="poke")
    behind.enforce(Policy(server="s", rules=(rule("peek", ALLOW), poke)))
    results = asyncio.run(_all(behind, clients, calls))
    answered = [answer for of_client in results for answer in of_client]
    assert len(answered) == clients * calls
    passed = [tool for tool, refused in answered if not refused]
    assert passed.count("poke") == most
    assert passed.count("peek") == clients * calls // 2
    assert sorted(behind.reached) == sorted(passed)
    assert len(behind.events) == clients * calls


async def _all(behind: Behind, clients: int, calls: int) -> list[list[tuple[str, bool]]]:
    return await asyncio.gather(*(_calls(behind, calls) for _ in range(clients)))


async def _calls(behind: Behind, calls: int) -> list[tuple[str, bool]]:
    """Return each call's tool and whether it was refused, in the order of the calls."""
    process = await asyncio.create_subprocess_exec(
        *behind.command(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    assert process.stdin is not None
    assert process.stdout is not None
    tools = ["peek" if number % 2 else "poke" for number in range(calls)]
    answers: dict[int, Mapping[str, object]] = {}
    for batch in range(0, calls, 50):
        for number in range(batch, min(batch + 50, calls)):
            message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": tools[number]}}
            process.stdin.write(json.dumps(message).encode() + b"\n")
        await process.stdin.drain()
        for _ in range(min(50, calls - batch)):
            answer = json.loads(await process.stdout.readline())
            assert answer["id"] not in answers
            answers[answer["id"]] = answer["result"]
    process.stdin.close()
    assert await process.wait() == 0
    return [(tools[number], bool(answers[number].get("isError"))) for number in range(calls)]
