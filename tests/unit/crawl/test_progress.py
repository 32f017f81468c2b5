"""How a crawl is told while it runs: lines for people, lines for programs, and a table on a terminal."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from catalog.cli.progress import crawl_progress, summary
from catalog.crawl.events import Event, Observed, PassedOver, Planned, Retried, RungEnded, RungStarted
from catalog.model import Changes, Declared, Reason, Rung
from catalog_testing.samples import action, entry, listed_observation, not_listed_observation, server_ref

SERVER = server_ref()
LISTED = listed_observation([entry("count_apples"), action("prune")])

EVENTS: Sequence[Event] = (
    Planned(servers=3),
    RungStarted(server=SERVER, rung="install"),
    RungEnded(server=SERVER, rung=Rung(name="install", result="ok", seconds=1.23456, detail="orchard 1.4.0")),
    Retried(server=SERVER, after=2.5, reason=Reason.UNREACHABLE),
    Observed(observation=LISTED, changes=Changes()),
    Observed(observation=not_listed_observation(Reason.GATED), changes=Changes()),
    PassedOver(server=SERVER, reason="1.4.0 is unchanged"),
)


def told(capsys: pytest.CaptureFixture[str], style: str, events: Sequence[Event] = EVENTS) -> list[str]:
    with crawl_progress(3, style) as sink:  # type: ignore[arg-type]  # a parameter of the test
        for event in events:
            sink(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_each_event_is_one_object_with_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    objects = [json.loads(line) for line in told(capsys, "json")]
    assert [one["event"] for one in objects] == [
        "planned",
        "rung-started",
        "rung-ended",
        "retried",
        "observed",
        "observed",
        "passed-over",
    ]
    assert objects[2] == {
        "event": "rung-ended",
        "server": "orchard",
        "rung": "install",
        "result": "ok",
        "seconds": 1.235,
        "detail": "orchard 1.4.0",
    }
    assert objects[3] == {"event": "retried", "server": "orchard", "after": 2.5, "reason": "unreachable"}
    assert (objects[4]["tools"], objects[4]["actions"]) == (1, 1)
    assert (objects[5]["listed"], objects[5]["reason"]) == (False, "gated")


def test_hostile_text_stays_one_line_of_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    name = "red\x1b[31m\nred\u2028\u202e\ud800"
    event = Observed(observation=listed_observation([entry(name)]), changes=Changes())
    (line,) = told(capsys, "json", [event])
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["entries"] == [name]


@pytest.mark.parametrize("style", ["plain", "auto"])
def test_where_there_is_no_terminal_each_server_is_a_line(capsys: pytest.CaptureFixture[str], style: str) -> None:
    assert told(capsys, style) == [
        "orchard: unreachable, again in 2 s",
        "[1/3] orchard 1.4.0: 1 tool and 1 action behind a dispatcher in 1.8 s",
        "[2/3] orchard: not listed (gated) in 0.5 s",
        "[3/3] orchard: passed over (1.4.0 is unchanged)",
    ]


def test_where_nothing_is_wanted_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "none") == []


def test_a_terminal_shows_what_runs_and_what_came_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=160, color_system=None, highlight=False)
    monkeypatch.setattr("catalog.cli.console.notes", lambda: screen)
    running = RungStarted(server=server_ref(slug="grove"), rung="placeholders")
    with screen.capture() as capture, crawl_progress(4) as sink:
        for event in (*EVENTS[1:], running):
            sink(event)
        screen.print(sink.drawn())  # type: ignore[attr-defined]  # the live table draws it four times a second
    shown = capture.get()
    assert "grove" in shown
    assert "placeholders" in shown
    assert "3 of 4 servers" in shown
    for words in ("1 listed", "1 gated", "1 passed over"):
        assert words in shown


def test_a_list_read_from_source_says_so() -> None:
    outcome = Declared(entries=(entry("count_apples"),), reason=Reason.CRASHED, detail="", hint="")
    said = summary(replace(LISTED, outcome=outcome))
    assert said == "orchard 1.4.0: 1 tool declared in its source (crashed) in 1.8 s"
