"""Servers that are hostile or sloppy, each looked at by a real crawl in the real sandbox: one right outcome for each.

docs/behaviours.md lists them all and names the test for each.
"""

import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from catalog.crawl.crawler import crawl
from catalog.crawl.events import Event, Observed
from catalog.crawl.judging import verdicts
from catalog.crawl.look import Looker
from catalog.crawl.parts import Parts
from catalog.model import Changes, Listed, NotListed, Observation, Reason, ServerRef
from catalog.origin import Command
from catalog.probe.base import ProbeLimits
from catalog.rules import load_ruleset
from catalog.sandbox.base import MIB, Limits
from catalog.target import Target
from catalog_testing.crawling import SERVERS, processes_with, run
from catalog_testing.remote_servers import serving
from classifier.verdict import Category

SMALL = ProbeLimits(
    initialize_seconds=30, request_seconds=30, total_seconds=60, frame_bytes=MIB, total_bytes=2 * MIB, pages=5, tools=50
)
"""Small in size; long enough in time for a busy machine."""

NO_ANSWER = replace(SMALL, initialize_seconds=0.3)
NO_LIST = replace(SMALL, request_seconds=0.3)
"""For what never comes: the time passes for certain."""

REAL = ProbeLimits()

WHOLE = Limits()
LITTLE = Limits(memory=160 * MIB)

HELLO: Mapping[str, Any] = {"name": "hello"}

HIDDEN = {
    "ANSI": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "Markdown": "[click](javascript:alert(1)) ![x](https://tracker.example/x.png) `code`",
    "bidi": "abc\u202etxt.exe\u202c\u2066x\u2069",
    "tags": "harmless\U000e0041\U000e0042\U000e007f",
    "zero-width": "list\u200b_\u200dboxes\ufeff",
    "controls": "a\x00b\x08c\rd\x7f",
    "half of a pair": "\ud800",
}

REFERRING = {"$ref": "#", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"x": schema}}
    return schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a server does (servers/server.py), and what an observation of it must be."""

    does: str
    script: Mapping[str, Any]
    outcome: Sequence[str] | Reason
    """The names of the tools that are listed, or why there is no list."""
    detail: str = ""
    """How the detail begins where there is no list."""
    problems: Sequence[str] = ()
    partial: bool = False
    rungs: Sequence[str] = ("run:ok",)
    limits: ProbeLimits = field(default=SMALL)


def _failed(
    does: str, script: Mapping[str, Any], reason: Reason, detail: str, limits: ProbeLimits = SMALL
) -> Behaviour:
    return Behaviour(does=does, script=script, outcome=reason, detail=detail, limits=limits, rungs=("run:failed",))


BEHAVIOURS = (
    # Pages.
    Behaviour(does="several pages", script={"pages": [[HELLO], [], [{"name": "b"}]]}, outcome=["hello", "b"]),
    Behaviour(
        does="the same cursor for ever",
        script={"pages": [[HELLO], [{"name": "b"}]], "next": ["more", "more"]},
        outcome=["hello", "b"],
        problems=["page 2: the same cursor came twice; the list may be partial"],
        partial=True,
    ),
    Behaviour(
        does="an empty cursor", script={"pages": [[HELLO], [{"name": "b"}]], "next": ["", None]}, outcome=["hello", "b"]
    ),
    Behaviour(does="an empty cursor for the end", script={"next": [""]}, outcome=["hello"]),
    Behaviour(
        does="10,000 pages",
        script={"endless": True},
        outcome=[f"tool_{number}" for number in range(REAL.pages)],
        problems=["page 200: more pages were not read; the list is partial"],
        partial=True,
        limits=REAL,
    ),
    # Tools.
    Behaviour(
        does="one tool of three malformed",
        script={"pages": [[HELLO, {"name": 5}, {"name": "c"}]]},
        outcome=["hello", "c"],
        problems=["page 1, tools[1]: no name"],
    ),
    Behaviour(
        does="duplicate names",
        script={"pages": [[HELLO, {"name": "hello", "description": "another"}]]},
        outcome=["hello"],
        problems=["page 1, tools[1]: the name 'hello' came twice; the first is kept"],
    ),
    Behaviour(does="ten thousand tools", script={"pages": [[]], "many": 10_000}, outcome=(), limits=REAL),
    _failed(
        "more tools than anyone can use",
        {"many": 20_000},
        Reason.TOO_LARGE,
        "more than 20000 tools",
        REAL,
    ),
    Behaviour(does="no tools capability", script={"capabilities": {}, "list": "unknown"}, outcome=[]),
    Behaviour(does="no tools capability and tools", script={"capabilities": {}}, outcome=["hello"]),
    Behaviour(
        does="a deep schema",
        script={"pages": [[{"name": "deep", "inputSchema": deep(40)}, HELLO]]},
        outcome=["deep", "hello"],
    ),
    Behaviour(
        does="a schema too deep to be read",
        script={"pages": [[{"name": "deep", "inputSchema": deep(150)}, HELLO]]},
        outcome=["hello"],
        problems=["page 1, tools[0]: 'deep' is nested more than 200 levels deep"],
    ),
    Behaviour(
        does="a schema that refers to itself",
        script={"pages": [[{"name": "loop", "inputSchema": REFERRING}]]},
        outcome=["loop"],
    ),
    # Output.
    Behaviour(
        does="banner and log lines on standard output",
        script={"before": ["Welcome!", "", '{"level": "info"}', "[1, 2]", "[" * 50_000, "\x1b[31mred"]},
        outcome=["hello"],
    ),
    _failed(
        "a frame of 64 MB",
        {"padding": 64 * MIB},
        Reason.TOO_LARGE,
        "one line of more than 8 MiB",
        REAL,
    ),
    _failed("a line without an end", {"flood": 2 * MIB}, Reason.TOO_LARGE, "one line of more than 1 MiB"),
    _failed("a line that stops before its end", {"flood": 10}, Reason.TIMED_OUT, "no answer to tools/list", NO_LIST),
    _failed("chatter without an end", {"chatter": 3000}, Reason.TOO_LARGE, "more than 2 MiB of output"),
    _failed("a value bomb", {"values": 600_000}, Reason.TOO_LARGE, "one message of more than 500,000 values", REAL),
    # Protocol.
    Behaviour(does="the version of 2024", script={"protocol": "2024-11-05"}, outcome=["hello"]),
    Behaviour(does="the version of 2026", script={"protocol": "2026-07-28"}, outcome=["hello"]),
    Behaviour(
        does="list_changed in the midst of the list",
        script={"amid": [{"method": "notifications/tools/list_changed"}] * 3},
        outcome=["hello"],
    ),
    Behaviour(does="answers in a batch", script={"batch": True}, outcome=["hello"]),
    _failed("answers with wrong ids", {"other_ids": True}, Reason.TIMED_OUT, "no answer to initialize", NO_ANSWER),
    Behaviour(
        does="huge numbers",
        script={"raw_list": '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"a","x":1e999},{"name":"hello"}]}}'},
        outcome=["hello"],
        problems=["page 1, tools[0]: 'a' holds a number that JSON cannot hold"],
    ),
    Behaviour(
        does="a number of many digits",
        script={"raw_list": '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"hello","x":' + "9" * 4000 + "}]}}"},
        outcome=["hello"],
    ),
    Behaviour(
        does="NaN",
        script={"raw_list": '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"hello","x":NaN}]}}'},
        outcome=["hello"],
    ),
    _failed("a handshake that makes no sense", {"initialize": []}, Reason.PROTOCOL_ERROR, "initialize was answered"),
    _failed("a handshake that is refused", {"initialize": "refuse"}, Reason.PROTOCOL_ERROR, "initialize: not today"),
    _failed("a list that is none", {"list": {"tools": None}}, Reason.PROTOCOL_ERROR, "tools/list was answered"),
    # Ends.
    Behaviour(
        does="a crash that names a variable",
        script={"needs": "FIXTURE_API_TOKEN"},
        outcome=["hello"],
        rungs=("run:failed", "placeholders:ok"),
    ),
    _failed("a crash at the start", {"stderr": "boom", "exit": 3}, Reason.CRASHED, "it ended with exit code 3\nboom"),
    _failed("a crash in the list", {"list": "crash"}, Reason.CRASHED, "it ended with exit code 1"),
    _failed("a hang in initialize", {"initialize": "hang"}, Reason.TIMED_OUT, "no answer to initialize", NO_ANSWER),
    _failed("a hang in tools/list", {"list": "hang"}, Reason.TIMED_OUT, "no answer to tools/list", NO_LIST),
    _failed(
        "a hang that ignores SIGTERM and the end of its input",
        {"initialize": "hang", "stubborn": True},
        Reason.TIMED_OUT,
        "no answer to initialize",
        NO_ANSWER,
    ),
    Behaviour(does="a hang after its input closes", script={"stubborn": True}, outcome=["hello"]),
    # Bubblewrap holds the stream open, so its end is never seen and the wait for an answer counts.
    _failed("an output that closes early", {"list": "close"}, Reason.TIMED_OUT, "no answer to tools/list", NO_LIST),
    _failed(
        "an output that closes at once", {"initialize": "close"}, Reason.TIMED_OUT, "no answer to initialize", NO_ANSWER
    ),
    _failed(
        "slower than its budget",
        {"endless": True},
        Reason.TIMED_OUT,
        "no complete list within 1 s",
        ProbeLimits(total_seconds=1, pages=10**9, tools=10**9, total_bytes=10**12),
    ),
    Behaviour(does="children that outlive it", script={"children": 3}, outcome=["hello"]),
    *(
        Behaviour(
            does=f"{kind} in names and descriptions",
            script={"pages": [[{"name": f"tool {text}", "description": text, "title": text}]]},
            outcome=[f"tool {text}"],
        )
        for kind, text in HIDDEN.items()
    ),
)


class Crawled(Protocol):
    """Crawls one fixture server, and checks that nothing of it is left."""

    def __call__(
        self,
        script: Mapping[str, Any] | None = None,
        *,
        limits: ProbeLimits = SMALL,
        argv: Sequence[str] = (),
        share: Limits = WHOLE,
    ) -> Observation: ...


@pytest.fixture
def crawled(parts: Parts, serve: Any) -> Crawled:
    def look(
        script: Mapping[str, Any] | None = None,
        *,
        limits: ProbeLimits = SMALL,
        argv: Sequence[str] = (),
        share: Limits = WHOLE,
    ) -> Observation:
        mark = f"mark-{secrets.token_hex(8)}"
        server = serve(mark, **(script or {}))
        if argv:
            server = ServerRef(slug=mark, title=mark, origin=Command(argv=(*argv, mark)))
        seen: list[Observation] = []

        def sink(event: Event) -> None:
            if isinstance(event, Observed):
                seen.append(event.observation)

        looker = Looker(replace(parts, probe_limits=limits, limits=share))
        run(crawl([Target(server=server)], looker, record=lambda _: Changes(), sink=sink, concurrency=1))
        assert processes_with(mark) == []
        assert list(parts.work.iterdir()) == []
        (observation,) = seen
        assert observation.started_at <= observation.finished_at
        return observation

    return look


def listed(observation: Observation) -> Listed:
    assert isinstance(observation.outcome, Listed), observation.outcome
    return observation.outcome


def names(observation: Observation) -> list[str]:
    return [entry.definition.name for entry in listed(observation).entries]


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.does)
def test_each_behaviour_has_its_outcome(crawled: Crawled, behaviour: Behaviour) -> None:
    observation = crawled(behaviour.script, limits=behaviour.limits)
    outcome = observation.outcome
    assert [f"{rung.name}:{rung.result}" for rung in observation.rungs] == list(behaviour.rungs)
    if isinstance(behaviour.outcome, Reason):
        assert isinstance(outcome, NotListed)
        assert outcome.reason is behaviour.outcome
        assert outcome.detail.startswith(behaviour.detail)
        assert outcome.hint
        return
    wanted = list(behaviour.outcome) + [f"tool_{number}" for number in range(behaviour.script.get("many", 0))]
    assert names(observation) == wanted
    assert [f"{one.where}: {one.message}" for one in listed(observation).problems] == list(behaviour.problems)
    assert listed(observation).maybe_partial == behaviour.partial


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2026-07-28", "draft"])
def test_the_version_that_a_server_speaks_is_kept(crawled: Crawled, version: str) -> None:
    assert listed(crawled({"protocol": version})).protocol_version == version


def test_a_definition_full_of_hidden_characters_is_kept_as_it_came(crawled: Crawled) -> None:
    tools = [{"name": f"{kind} {text}", "description": text, "x": {text: [text]}} for kind, text in HIDDEN.items()]
    observation = crawled({"pages": [tools]})
    assert [entry.definition.raw for entry in listed(observation).entries] == tools


def test_a_remote_reference_in_a_schema_is_never_fetched(crawled: Crawled) -> None:
    with serving(lambda exchange: exchange.json({"type": "object"})) as here:
        schema = {"$ref": here.url("/schema"), "$schema": here.url("/meta"), "properties": {"x": {"$ref": here.url()}}}
        observation = crawled({"pages": [[{"name": "remote", "inputSchema": schema}]]})
        judged = verdicts(listed(observation).entries, load_ruleset())
    assert [entry.definition.raw["inputSchema"] for entry in listed(observation).entries] == [schema]
    assert list(judged) == ["remote"]
    assert here.requests == []


def test_an_annotation_that_lies_is_a_finding_and_changes_no_verdict(crawled: Crawled) -> None:
    lie = {"readOnlyHint": True, "destructiveHint": False}
    tool = {"name": "delete_box", "description": "Delete a box for ever.", "annotations": lie}
    judged = verdicts(listed(crawled({"pages": [[tool]]})).entries, load_ruleset())["delete_box"]
    assert judged.category is Category.DELETE
    assert "hint-mismatch" in judged.findings


def test_a_server_that_pries_sees_nothing_of_this_machine(
    crawled: Crawled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it reads, writes and reaches is tested in tests/integration/sandbox; here that a crawl uses that sandbox."""
    secret = tmp_path / "secret"
    secret.write_text("of the user")
    monkeypatch.setenv("CATALOG_PLANTED", "secret")
    pry = (
        "import json, os, pathlib, socket, sys\n"
        "def attempt(action):\n"
        "    try:\n        return str(action())\n"
        "    except OSError as error:\n        return os.strerror(error.errno)\n"
        f"found = {{'read': attempt(lambda: pathlib.Path({str(secret)!r}).read_text()),\n"
        f"         'write': attempt(lambda: pathlib.Path({str(tmp_path / 'planted')!r}).write_text('x')),\n"
        "         'connect': attempt(lambda: socket.create_connection(('192.0.2.1', 80), 5)),\n"
        "         'environment': ' '.join(sorted(os.environ))}\n"
        "sys.exit(json.dumps(found))\n"
    )
    outcome = crawled(argv=(sys.executable, "-S", "-c", pry)).outcome
    assert isinstance(outcome, NotListed)
    assert '"read": "No such file or directory"' in outcome.detail
    assert '"write": "No such file or directory"' in outcome.detail
    assert '"connect": "Network is unreachable"' in outcome.detail
    assert "CATALOG_PLANTED" not in outcome.detail
    assert [path.name for path in tmp_path.iterdir() if path.name == "planted"] == []


def test_a_server_that_takes_more_than_its_share_is_stopped(crawled: Crawled) -> None:
    glutton = (sys.executable, "-S", str(SERVERS / "glutton.py"), "many")
    outcome = crawled(argv=glutton, share=LITTLE).outcome
    assert isinstance(outcome, NotListed)
    assert outcome.reason is Reason.CRASHED
    assert outcome.detail.startswith("stopped by the sandbox: more than 160 MiB of memory")
