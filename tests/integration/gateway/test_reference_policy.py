"""The policy that the reference catalogue publishes for a dispatcher server, and ours, run against that server.

The reference names ``api_key_create``, an action. On the wire there is one tool, so its policy shuts the whole server.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import PASSING, Decision, Policy
from catalog_testing import servers
from catalog_testing.commandline import CommandLine
from catalog_testing.gatewayed import CATALOG, Raw

RECORDING = Path(__file__).parents[4] / "shared/truenas/replay.py"
LOOK_ALIKE = Path(servers.__path__[0]) / "dispatcher.py"


@dataclass(frozen=True)
class Server:
    """A dispatcher server, and the action of it that the published policy is for."""

    command: Sequence[str]
    log: Path
    published: str
    environment: Mapping[str, str]

    def reached(self) -> list[str]:
        """Return the actions that calls selected which reached it."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        calls = [json.loads(line) for line in lines]
        arguments = [call.get("arguments", call) for call in calls]
        return [one["action"] for one in arguments if "action" in one]


@pytest.fixture(params=["look-alike", "recording"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """A server of our own of the same build, and the recording of the reference server."""
    log = tmp_path / "reached.jsonl"
    if request.param == "look-alike":
        script = json.dumps({"shape": "lines", "log": str(log)})
        return Server([sys.executable, str(LOOK_ALIKE), script], log, "packet_create", {})
    if not RECORDING.exists():
        pytest.skip("the recording of the reference server is not beside this checkout (../shared/truenas/replay.py)")
    return Server([sys.executable, str(RECORDING)], log, "api_key_create", {"REPLAY_LOG": str(log)})


@pytest.fixture
def ours(server: Server, tmp_path: Path) -> Path:
    """Our policy for the server, as the command line makes it."""
    cli = CommandLine.at(tmp_path)
    listing = [*server.command]
    if listing[-1].startswith("{"):  # in the sandbox only its own /tmp can be written
        listing[-1] = json.dumps({"shape": "lines", "log": "/tmp/calls"})
    assert cli.run("sync", "--", *listing).code == 0
    slug = json.loads(cli.run("list", "--json").out)[0]["slug"]
    path = tmp_path / "policy.json"
    assert cli.run("export", slug, "--format", "json", "-o", str(path)).code == 0
    return path


def _outcomes(server: Server, policy: Path, calls: Sequence[tuple[str, Mapping[str, object]]]) -> list[dict[str, Any]]:
    """Return the gateway's answers to a list request and to calls, in order."""
    options = ["--policy", str(policy), "--counters", str(policy.with_name("counters.db"))]
    process = subprocess.Popen(
        [CATALOG, "gateway", *options, "--", *server.command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", **server.environment},
    )
    raw = Raw(process)
    answers = [raw.ask("tools/list", {})]
    answers += [raw.ask("tools/call", {"name": tool, "arguments": arguments}) for tool, arguments in calls]
    assert raw.leave() == 0
    return answers


def _calls(policy: Policy) -> list[tuple[str, Mapping[str, object]]]:
    """Return a call of every action."""
    return [(rule.tool, {match.argument: match.value for match in rule.when}) for rule in policy.rules]


def test_the_published_policy_shuts_the_whole_server(server: Server, ours: Path, tmp_path: Path) -> None:
    limit = {"counter": f"{server.published}_rate", "window": "minute", "max": 30, "scope": "grant"}
    published = {"version": "1", "default": "deny", "tools": {server.published: {"limits": [limit]}}}
    file = tmp_path / "published.json"
    file.write_text(json.dumps(published))
    (policy,) = read_policies(ours.read_text()).values()
    listed, *answers = _outcomes(server, file, [("never-asked", {}), *_calls(policy)])
    assert listed["result"]["tools"] == []
    assert {answer["error"]["message"].partition(":")[0] for answer in answers} == {"Unknown tool"}
    assert server.reached() == []


def test_ours_lets_through_what_may_pass_and_stops_the_rest(server: Server, ours: Path) -> None:
    (policy,) = read_policies(ours.read_text()).values()
    calls = _calls(policy)
    decisions = [evaluate(policy, tool, arguments) for tool, arguments in calls]
    assert {Decision.ALLOW, Decision.LIMIT, Decision.DENY} <= set(decisions)
    assert evaluate(policy, calls[0][0], {"action": server.published}) is Decision.LIMIT
    listed, *_ = _outcomes(server, ours, calls)
    assert [tool["name"] for tool in listed["result"]["tools"]] == [calls[0][0]]
    passed = [str(arguments["action"]) for (_, arguments), one in zip(calls, decisions, strict=True) if one in PASSING]
    assert server.reached() == passed


def test_ours_limits_the_published_action_to_its_number_a_minute(server: Server, ours: Path) -> None:
    (policy,) = read_policies(ours.read_text()).values()
    call = (policy.rules[0].tool, {"action": server.published})
    _, *answers = _outcomes(server, ours, [call] * 65)
    refused = [answer for answer in answers if "is reached until" in json.dumps(answer)]
    # 65 calls touch two minutes at most, so one of them is full.
    assert len(refused) in {5, 35}
    assert server.reached() == [server.published] * (65 - len(refused))
