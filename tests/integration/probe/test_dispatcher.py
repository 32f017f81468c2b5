"""Tools that hide actions: discovered by their own explanations, and never by selecting one."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.model import DiscoveryProfile, Dispatch, Listed, Provenance
from catalog.probe.base import ProbeLimits
from catalog.probe.dispatcher import expand
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Limits, Program, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.sandbox.unconfined import Unconfined
from catalog_testing.crawling import python_program, run, scripted

PROFILE = DiscoveryProfile(server_name="house", tool="house", selector="task", group="room", payload="details")

ROOMS = """The house has these rooms:

  kitchen (3 actions) — Cooking and washing up
  cellar (1 action) — Wine

Call with a room to see its actions."""

KITCHEN = """Kitchen:

  boil_water — Boil water for tea.
    Required: litres (how much (at most 2), a number), vessel
    Optional: lid (on or off)
  wash_up — Wash what is in the sink.
    Plates first, then pans.
  throw_away — Throw food away for ever.
    Required: what"""

CELLAR = """Cellar:

  drink — Take a bottle.
    Optional: year"""

CALLS = {"{}": ROOMS, '{"room": "kitchen"}': KITCHEN, '{"room": "cellar"}': CELLAR}

PATIENT = ProbeLimits()


async def explore(sandbox: Sandbox, program: Program, profile: DiscoveryProfile, limits: ProbeLimits) -> Listed:
    async with sandbox.start(program, Limits()) as process:
        session = StdioSession(process, limits)
        return await expand(session, await list_tools(session, limits, "0"), [profile], limits)


def house(limits: ProbeLimits = PATIENT, calls: dict[str, str] = CALLS, **script: Any) -> Listed:
    program = scripted(Unconfined(), name="house", pages=[[{"name": "house"}, {"name": "bell"}]], calls=calls, **script)
    return run(explore(Unconfined(), program, PROFILE, limits))


def keys(listed: Listed) -> list[str]:
    return [entry.key for entry in listed.entries]


def messages(listed: Listed) -> list[str]:
    return [f"{problem.where}: {problem.message}" for problem in listed.problems]


ALL = ["house/kitchen/boil_water", "house/kitchen/wash_up", "house/kitchen/throw_away", "house/cellar/drink"]


def test_every_action_becomes_an_entry_behind_its_tool() -> None:
    listed = house()
    assert keys(listed) == ["house", "bell", *ALL]
    assert messages(listed) == []
    assert {entry.provenance for entry in listed.entries[2:]} == {Provenance.EXPANDED}


def test_an_entry_says_how_it_is_reached_on_the_wire() -> None:
    entry = house().entries[2]
    assert entry.dispatch == Dispatch(
        tool="house", selector={"room": "kitchen", "task": "boil_water"}, payload="details"
    )
    assert (entry.dispatch.argument, entry.dispatch.value) == ("task", "boil_water")


def test_parameters_are_read_with_what_is_said_of_them() -> None:
    assert house().entries[2].definition.raw == {
        "name": "boil_water",
        "description": "Boil water for tea.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "litres": {"description": "how much (at most 2), a number"},
                "vessel": {},
                "lid": {"description": "on or off"},
            },
            "required": ["litres", "vessel"],
        },
    }


def test_a_description_over_several_lines_is_kept_whole() -> None:
    raw = house().entries[3].definition.raw
    assert raw["description"] == "Wash what is in the sink.\nPlates first, then pans."


def test_discovery_never_selects_an_action(tmp_path: Path) -> None:
    log = tmp_path / "log"
    house(log=str(log))
    messages = map(json.loads, log.read_text().splitlines())
    calls = [message["params"] for message in messages if message["method"] == "tools/call"]
    assert [call["name"] for call in calls] == ["house"] * 3
    assert [call["arguments"] for call in calls] == [{}, {"room": "kitchen"}, {"room": "cellar"}]


def test_another_server_s_tool_of_that_name_is_not_called(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = scripted(Unconfined(), name="other", pages=[[{"name": "house"}]], log=str(log))
    assert keys(run(explore(Unconfined(), program, PROFILE, PATIENT))) == ["house"]
    assert "tools/call" not in log.read_text()


@pytest.mark.parametrize("text", ["<html>", "The kitchen, where we cook", "[]", "kitchen"])
def test_an_answer_of_another_shape_is_a_problem_and_the_tools_stay(text: str) -> None:
    listed = house(calls={"{}": text})
    assert keys(listed) == ["house", "bell"]
    assert messages(listed) == ["house: its discovery answer names no group of actions"]


def test_an_error_for_one_group_leaves_the_others() -> None:
    listed = house(calls={"{}": ROOMS, '{"room": "cellar"}': CELLAR})
    assert keys(listed) == ["house", "bell", "house/cellar/drink"]
    assert messages(listed) == ["house: the group 'kitchen' says it has 3 actions and lists 0"]


@pytest.mark.parametrize(
    ("end", "limits", "detail"),
    [
        ("hang", ProbeLimits(request_seconds=0.5), "no answer to tools/call within 0.5 s"),
        ("crash", PATIENT, "it ended with exit code 1"),
    ],
)
def test_a_server_that_fails_during_discovery_keeps_what_is_known(end: str, limits: ProbeLimits, detail: str) -> None:
    listed = house(limits, calls={**CALLS, '{"room": "cellar"}': end})
    assert keys(listed) == ["house", "bell", *ALL[:3]]
    assert messages(listed) == [f"house: discovery ended early: {detail}"]


def test_discovery_makes_a_bounded_number_of_calls(tmp_path: Path) -> None:
    log = tmp_path / "log"
    rooms = "\n".join(f"  room{number} (0 actions) — x" for number in range(50))
    house(ProbeLimits(discovery_calls=5), calls={"{}": rooms}, log=str(log))
    assert log.read_text().count("tools/call") == 6


def test_actions_are_bounded_like_tools() -> None:
    many = "\n".join(f"  action{number} — x" for number in range(60))
    listed = house(ProbeLimits(tools=50), calls={"{}": "  big (60 actions) — x", '{"room": "big"}': many})
    assert messages(listed) == ["house: discovery ended early: more than 50 actions"]


SHAPES = ["lines", "bullets", "numbers", "table", "json", "named", "nested"]

GREENHOUSE_ACTIONS = 40
GREENHOUSE_AREAS = ["seeds", "beds", "climate", "water", "staff", "shop"]


def greenhouse(shape: str, log: Path, sandbox: Sandbox | None = None) -> Listed:
    sandbox = sandbox or Unconfined()
    program = python_program(sandbox, "dispatcher.py", json.dumps({"shape": shape, "log": str(log)}))
    return run(explore(sandbox, program, PROFILE, PATIENT))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_dispatcher_nobody_wrote_a_profile_for_tells_all_its_actions(shape: str, tmp_path: Path) -> None:
    listed = greenhouse(shape, tmp_path / "log")
    found = listed.entries[1:]
    assert messages(listed) == []
    assert len(found) == GREENHOUSE_ACTIONS
    assert list(dict.fromkeys(entry.key.split("/")[1] for entry in found)) == GREENHOUSE_AREAS
    move = next(entry for entry in found if entry.definition.name == "vent_move")
    assert move.dispatch == Dispatch(
        tool="greenhouse", selector={"area": "climate", "action": "vent_move"}, payload="details"
    )
    assert move.definition.tool.description == "Carry one vent to another shelf"


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "named"])
def test_parameters_are_read_whatever_the_shape(shape: str, tmp_path: Path) -> None:
    found = {entry.definition.name: entry.definition.tool for entry in greenhouse(shape, tmp_path / "log").entries}
    create = found["basket_create"].input_schema
    assert isinstance(create["properties"], dict)
    assert list(create["properties"]) == ["name", "shelf", "note", "colour"]
    assert create["required"] == ["name", "shelf"]
    assert found["heater_stop"].input_schema == {"type": "object", "properties": {}}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_call_to_an_unknown_dispatcher_selects_an_action(shape: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    greenhouse(shape, log)
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    one_by_one = [] if shape == "nested" else [{"area": area} for area in GREENHOUSE_AREAS]
    assert calls == [{}, *one_by_one]


def test_a_dispatcher_is_asked_inside_the_sandbox() -> None:
    listed = greenhouse("lines", Path("/tmp/log"), Bubblewrap.find())  # in the sandbox's own /tmp
    assert len(listed.entries) == 1 + GREENHOUSE_ACTIONS


def test_a_server_that_is_in_no_sandbox_is_not_called(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def outside() -> Listed:
        program = python_program(Unconfined(), "dispatcher.py", json.dumps({"shape": "lines", "log": str(log)}))
        async with Unconfined().start(program, Limits()) as process:
            session = StdioSession(process, PATIENT)
            return await expand(session, await list_tools(session, PATIENT, "0"), [], PATIENT, calls=False)

    assert keys(run(outside())) == ["greenhouse"]
    assert not log.exists()


def test_a_profile_wins_over_what_a_tool_says_of_itself(tmp_path: Path) -> None:
    log = tmp_path / "log"
    tool: dict[str, Any] = {
        "name": "house",
        "description": "Call with no arguments to list all actions.",
        "inputSchema": {"type": "object", "properties": {"action": {"enum": ["create", "delete"]}}},
    }
    program = scripted(Unconfined(), name="house", pages=[[tool]], calls=CALLS, log=str(log))
    assert keys(run(explore(Unconfined(), program, PROFILE, PATIENT))) == ["house", *ALL]
