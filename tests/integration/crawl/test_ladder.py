"""The steps from a server that does not start as it is to its list, each one recorded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.crawl.events import RungEnded, RungStarted, silent
from catalog.crawl.ladder import Ladder
from catalog.crawl.parts import Parts
from catalog.model import DiscoveryProfile, Listed, NotListed, Observation, Reason, ServerRef
from catalog.origin import Command, Package
from catalog.probe.base import ProbeLimits
from catalog.target import Target
from catalog_testing.crawling import run
from catalog_testing.crawling_packages import TINY_PYTHON, Registry, wheel


def climb(parts: Parts, server: ServerRef, **environment: str) -> Observation:
    return run(Ladder(parts, Target(server=server, environment=environment), silent).climb())


def rungs(observation: Observation) -> list[tuple[str, str]]:
    return [(rung.name, rung.result) for rung in observation.rungs]


def keys(observation: Observation) -> list[str]:
    assert isinstance(observation.outcome, Listed), observation.outcome
    return [entry.key for entry in observation.outcome.entries]


def failure(observation: Observation) -> NotListed:
    assert isinstance(observation.outcome, NotListed)
    return observation.outcome


def test_a_server_that_starts_needs_one_step(parts: Parts, serve: Any) -> None:
    observation = climb(parts, serve("a"))
    assert keys(observation) == ["hello"]
    assert rungs(observation) == [("run", "ok")]


def test_every_step_is_told_when_it_begins_and_when_it_ends(parts: Parts, serve: Any) -> None:
    told: list[str] = []

    def sink(event: object) -> None:
        if isinstance(event, RungStarted):
            told.append(f"{event.rung} begins")
        if isinstance(event, RungEnded):
            told.append(f"{event.rung.name} {event.rung.result}")

    run(Ladder(parts, Target(server=serve("a", needs="FIXTURE_API_TOKEN")), sink).climb())
    assert told == ["run begins", "run failed", "placeholders begins", "placeholders ok"]


def test_a_placeholder_revives_a_server_that_names_a_missing_variable(parts: Parts, serve: Any) -> None:
    observation = climb(parts, serve("a", needs="FIXTURE_API_TOKEN"))
    assert keys(observation) == ["hello"]
    assert rungs(observation) == [("run", "failed"), ("placeholders", "ok")]


def test_a_variable_that_the_user_passes_is_used(parts: Parts, serve: Any) -> None:
    observation = climb(parts, serve("a", needs="FIXTURE_API_TOKEN"), FIXTURE_API_TOKEN="given")
    assert rungs(observation) == [("run", "ok")]


def test_a_variable_that_the_server_is_known_to_want_is_filled_at_once(parts: Parts, serve: Any) -> None:
    server = replace(serve("a", needs="FIXTURE_API_TOKEN"), environment=("FIXTURE_API_TOKEN",))
    assert rungs(climb(parts, server)) == [("run", "ok")]


def test_the_value_of_a_variable_is_never_kept(parts: Parts) -> None:
    script = 'echo "the token $FIXTURE_API_TOKEN is not valid" >&2; exit 1'
    server = ServerRef(slug="a", title="a", origin=Command(argv=("/bin/sh", "-c", script)))
    observation = climb(parts, server, FIXTURE_API_TOKEN="hunter2-and-more")
    assert "the token *** is not valid" in failure(observation).detail
    assert "hunter2" not in repr(observation)


def test_the_last_words_are_kept_without_control_characters(parts: Parts, serve: Any) -> None:
    observation = climb(parts, serve("a", stderr="\x1b[31mno\u202e way\x07\n", exit=3))
    assert failure(observation).detail == "it ended with exit code 3\n\ufffd[31mno\ufffd way\ufffd"


def test_a_conversation_has_a_budget_as_a_whole(parts: Parts, serve: Any) -> None:
    """Each answer comes at once, and there is always one more."""
    endless = ProbeLimits(total_seconds=1, pages=10**9, tools=10**9, total_bytes=10**12)
    observation = climb(replace(parts, probe_limits=endless), serve("a", endless=True))
    assert failure(observation).reason is Reason.TIMED_OUT
    assert "no complete list within 1 s" in failure(observation).detail


def test_a_discovery_that_outlasts_the_budget_keeps_the_tools(parts: Parts, serve: Any) -> None:
    profile = DiscoveryProfile(server_name="house", tool="house", selector="task", group="room", payload=None)
    patient = replace(parts, probe_limits=ProbeLimits(total_seconds=4), profiles=(profile,))
    observation = climb(patient, serve("a", name="house", pages=[[{"name": "house"}]], calls={"{}": "hang"}))
    assert keys(observation) == ["house"]
    assert isinstance(observation.outcome, Listed)
    assert [problem.message for problem in observation.outcome.problems] == ["not done within 4 s; actions are missing"]


# Packages: a server of 1 June 2025 whose dependency changed under it.

DRIFTED = {"drifted/__init__.py": "", "drifted/server.py": f"from mcp import FastMCP\n{TINY_PYTHON}"}
OLD, NEW = {"mcp/__init__.py": "FastMCP = object\n"}, {"mcp/__init__.py": ""}
SERVER = ServerRef(slug="drifted", title="drifted", origin=Package(ecosystem="pypi", name="drifted"))


def publish(index: Registry, folder: Path, *, old: str, new: str) -> None:
    """Serve the server and both releases of its dependency, as uploaded on these days."""
    index.add_wheel(wheel(folder, "mcp", "1.0", OLD), f"{old}T00:00:00Z")
    index.add_wheel(wheel(folder, "mcp", "2.0", NEW), f"{new}T00:00:00Z")
    server = wheel(folder, "drifted", "1.0", DRIFTED, scripts={"drifted": "drifted.server:main"}, requires=["mcp"])
    index.add_wheel(server, "2025-06-01T00:00:00Z")


def test_a_server_that_a_newer_dependency_broke_is_revived_by_its_release_date(
    parts: Parts, index: Registry, tmp_path: Path
) -> None:
    publish(index, tmp_path, old="2025-01-01", new="2026-01-01")
    observation = climb(parts, SERVER)
    assert keys(observation) == ["hello"]
    assert observation.version == "1.0"
    assert rungs(observation) == [
        ("install", "ok"),
        ("run", "failed"),
        ("drift:release-date", "ok"),
        ("run:release-date", "ok"),
    ]
    assert observation.rungs[1].detail.startswith("dependency_drift: ")


@pytest.mark.parametrize(
    ("old", "result"),
    [("2025-01-01", "ok"), ("2026-01-01", "failed")],
    ids=["the newer one was there before", "no release of it was there before"],
)
def test_a_known_constraint_revives_a_server_that_its_release_date_does_not(
    parts: Parts, index: Registry, tmp_path: Path, old: str, result: str
) -> None:
    publish(index, tmp_path, old=old, new="2025-05-01" if result == "ok" else "2026-02-01")
    observation = climb(parts, SERVER)
    assert keys(observation) == ["hello"]
    assert rungs(observation)[2] == ("drift:release-date", result)
    assert rungs(observation)[-2:] == [("drift:mcp<2", "ok"), ("run:mcp<2", "ok")]


def test_a_server_that_nothing_revives_says_why(parts: Parts, index: Registry, tmp_path: Path) -> None:
    index.add_wheel(wheel(tmp_path, "mcp", "1.0", NEW), "2025-01-01T00:00:00Z")
    server = wheel(tmp_path, "drifted", "1.0", DRIFTED, scripts={"drifted": "drifted.server:main"}, requires=["mcp"])
    index.add_wheel(server, "2025-06-01T00:00:00Z")
    observation = climb(parts, SERVER)
    assert failure(observation).reason is Reason.DEPENDENCY_DRIFT
    assert "cannot import name 'FastMCP'" in failure(observation).detail
    assert {result for name, result in rungs(observation) if name.startswith("run")} == {"failed"}


def test_a_server_that_lists_nothing_is_asked_again_with_what_its_code_reads(
    parts: Parts, index: Registry, tmp_path: Path
) -> None:
    server = TINY_PYTHON.replace(
        '{"tools": [{"name": tool}]}', '{"tools": [{"name": tool}] if os.environ.get("SHY_API_TOKEN") else []}'
    )
    files = {"shy/__init__.py": "", "shy/server.py": f"import os\n{server}"}
    index.add_wheel(wheel(tmp_path, "shy", "1.0", files, scripts={"shy": "shy.server:main"}), "2025-06-01T00:00:00Z")
    observation = climb(parts, ServerRef(slug="shy", title="shy", origin=Package(ecosystem="pypi", name="shy")))
    assert keys(observation) == ["hello"]
    assert rungs(observation) == [("install", "ok"), ("run", "ok"), ("placeholders", "ok")]


def test_a_server_that_truly_offers_nothing_is_listed_empty(parts: Parts, serve: Any) -> None:
    assert keys(climb(parts, serve("a", pages=[[]]))) == []


def test_a_package_cannot_write_to_its_own_folder(parts: Parts, index: Registry, tmp_path: Path) -> None:
    code = (
        "import pathlib, sys\n"
        "try:\n    pathlib.Path(__file__).with_name('new').touch()\n"
        "except OSError as error:\n    sys.exit(error.strerror)\n"
    )
    index.add_wheel(
        wheel(tmp_path, "writer", "1.0", {"writer.py": code, "w/__init__.py": ""}, scripts={"writer": "writer:main"}),
        "2025-06-01T00:00:00Z",
    )
    server = ServerRef(slug="writer", title="writer", origin=Package(ecosystem="pypi", name="writer"))
    assert "Read-only file system" in failure(climb(parts, server)).detail
