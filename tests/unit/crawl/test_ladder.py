"""Which steps are tried for one server, in what order, and what is said in the end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.crawl.events import silent
from catalog.crawl.ladder import Ladder
from catalog.crawl.parts import Parts
from catalog.facts import Finding
from catalog.install.base import NEWEST, Installed, InstallError, Resolution
from catalog.model import Listed, NotListed, Observation, Reason, ServerRef
from catalog.origin import Package
from catalog.sandbox.base import Limits, Process, Program
from catalog.target import Target

DATE, KNOWN = Resolution(name="release-date"), Resolution(name="mcp<2", constraints=("mcp<2",))
SERVER = ServerRef(
    slug="pypi-orchard", title="orchard", origin=Package(ecosystem="pypi", name="orchard", version="1.0")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of the pretended server."""

    resolution: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """The server lists so many tools and has something to say."""

    tools: int
    words: str


Behaviour = Callable[[Start], str | int | Warned]
"""Says what a start leads to: last words and an exit, a number of tools, or both a list and words."""


class PretendedProcess:
    """Implements sandbox.base.Process: answers like an MCP server, or ends with its last words."""

    breach = None

    def __init__(self, behaviour: str | int | Warned) -> None:
        self._words = behaviour if isinstance(behaviour, str) else ""
        self._behaviour = behaviour
        if isinstance(behaviour, Warned):
            self._behaviour, self._words = behaviour.tools, behaviour.words
        self._answers: list[bytes] = []

    async def write(self, data: bytes) -> None:
        message = json.loads(data)
        if not isinstance(self._behaviour, int) or "id" not in message:
            return
        tools = [{"name": f"pick_{number}"} for number in range(self._behaviour)]
        result = {"tools": tools} if message["method"] == "tools/list" else {"protocolVersion": "2025-11-25"}
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        self._answers.append(json.dumps(answer).encode() + b"\n")

    async def read(self, size: int) -> bytes:
        return self._answers.pop(0) if self._answers else b""

    async def ended(self) -> int:
        return 1

    def stderr_tail(self) -> str:
        return self._words

    def findings(self) -> tuple[Finding, ...]:
        return ()


@dataclass(slots=True)
class PretendedSandbox:
    """Implements sandbox.base.Sandbox and remembers every start."""

    behaviour: Behaviour
    starts: list[Start] = field(default_factory=list)
    name: str = "pretended"

    def place(self, source: Path, target: str) -> str:
        return f"{target}/{source.name}"

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        resolution, *arguments = program.argv
        start = Start(resolution=resolution, arguments=tuple(arguments), environment=program.environment)
        self.starts.append(start)
        yield PretendedProcess(self.behaviour(start))


@dataclass(frozen=True, slots=True)
class PretendedInstaller:
    """Implements install.base.Installer: the program's first word is the resolution's name."""

    misfits: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    """Dependencies that have no wheel."""
    code: str = ""
    """The text of its module."""
    note: str = ""

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        if resolution.name in self.misfits:
            raise InstallError(Reason.INSTALL_FAILED, "no such wheels", "try another")
        if self.lacking and resolution.omitted != self.lacking:
            raise InstallError(Reason.INSTALL_FAILED, "no wheels", "none", lacking=self.lacking)
        (into / "orchard.py").write_text(self.code, encoding="utf-8")
        program = Program(argv=(resolution.name,))
        return Installed(program=program, version="1.0", tree=into, sources=(into / "orchard.py",), note=self.note)

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        return (DATE, KNOWN)

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        return ()

    async def newest(self, package: Package) -> str | None:
        return "1.0"

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        return {package.name: "1.0" for package in packages}


def climb(
    tmp_path: Path,
    behaviour: Behaviour,
    installer: PretendedInstaller | None = None,
    server: ServerRef = SERVER,
) -> tuple[Observation, list[Start]]:
    sandbox = PretendedSandbox(behaviour)
    parts = Parts(
        sandbox=sandbox,
        installers={"pypi": installer or PretendedInstaller()},
        profiles=(),
        work=tmp_path,
        version="0",
    )
    return asyncio.run(Ladder(parts, Target(server=server), silent).climb()), sandbox.starts


def entries(observation: Observation) -> int:
    assert isinstance(observation.outcome, Listed)
    return len(observation.outcome.entries)


def failure(observation: Observation) -> NotListed:
    assert isinstance(observation.outcome, NotListed)
    return observation.outcome


def rungs(observation: Observation) -> list[tuple[str, str]]:
    return [(rung.name, rung.result) for rung in observation.rungs]


def test_a_server_that_lists_at_once_is_started_once(tmp_path: Path) -> None:
    observation, starts = climb(tmp_path, lambda start: 3)
    assert entries(observation) == 3
    assert len(starts) == 1
    assert rungs(observation) == [("install", "ok"), ("run", "ok")]


def test_drift_is_undone_as_of_the_release_date_first(tmp_path: Path) -> None:
    observation, _ = climb(
        tmp_path, lambda start: 2 if start.resolution == "release-date" else "ImportError: no Basket"
    )
    assert entries(observation) == 2
    assert [name for name, _ in rungs(observation)] == ["install", "run", "drift:release-date", "run:release-date"]


def test_dependencies_that_cannot_be_had_leave_the_next_ones_to_try(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        return 2 if start.resolution == "mcp<2" else "ImportError: no Basket"

    observation, _ = climb(tmp_path, behave, PretendedInstaller(misfits=("release-date",)))
    assert entries(observation) == 2
    assert ("drift:release-date", "failed") in rungs(observation)


def test_drift_that_cannot_be_undone_stays_the_reason(tmp_path: Path) -> None:
    installer = PretendedInstaller(misfits=("release-date", "mcp<2"))
    observation, _ = climb(tmp_path, lambda start: "ImportError: no Basket", installer)
    assert failure(observation).reason is Reason.DEPENDENCY_DRIFT
    assert "Basket" in failure(observation).detail


def test_drift_that_shows_once_the_server_is_configured_is_undone_then(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        if "ORCHARD_TOKEN" not in start.environment:
            return "ORCHARD_TOKEN is required"
        return 1 if start.resolution == "release-date" else "ImportError: no Basket"

    observation, starts = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert "ORCHARD_TOKEN" in starts[-1].environment


def test_variables_that_it_names_one_after_the_other_are_all_filled(tmp_path: Path) -> None:
    wanted = ["GATE_URL", "GATE_TOKEN", "GATE_ID"]

    def behave(start: Start) -> str | int:
        missing = [name for name in wanted if name not in start.environment]
        return f"{missing[0]} is required" if missing else 4

    observation, _ = climb(tmp_path, behave)
    assert entries(observation) == 4


def test_variables_that_it_does_not_name_are_read_from_its_source(tmp_path: Path) -> None:
    installer = PretendedInstaller(code="import os; os.environ['GATE_TOKEN']; os.environ['GATE_DEBUG']")
    observation, starts = climb(tmp_path, lambda s: 1 if "GATE_TOKEN" in s.environment else "it went wrong", installer)
    assert entries(observation) == 1
    assert "GATE_DEBUG" not in starts[-1].environment


def test_an_empty_list_is_asked_for_again_with_placeholders(tmp_path: Path) -> None:
    installer = PretendedInstaller(code="import os; os.environ['GATE_TOKEN']")
    observation, _ = climb(tmp_path, lambda start: 5 if "GATE_TOKEN" in start.environment else 0, installer)
    assert entries(observation) == 5


def test_a_server_that_truly_has_no_tools_is_listed_empty(tmp_path: Path) -> None:
    observation, starts = climb(tmp_path, lambda start: 0)
    assert entries(observation) == 0
    assert len(starts) == 1


def test_arguments_that_its_words_offer_are_tried_before_guesses(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        return 1 if start.arguments == ("start",) else "Usage: orchard COMMAND\n  start   Open the gate"

    observation, starts = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert len(starts) == 2


def test_a_refused_argument_that_names_the_right_one_is_listened_to(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        if start.arguments == ("start",):
            return 1
        return "unknown command, did you mean `start`?" if start.arguments else "Usage: orchard [options]"

    observation, starts = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert [start.arguments for start in starts] == [(), ("stdio",), ("start",)]


def test_what_is_said_in_the_end_is_about_the_server_not_about_a_guess(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        return f"Got unexpected extra argument {start.arguments}" if start.arguments else "Usage: orchard --gate NUMBER"

    observation, _ = climb(tmp_path, behave)
    assert failure(observation).reason is Reason.NEEDS_ARGUMENTS
    assert "--gate NUMBER" in failure(observation).detail


def test_a_crash_over_a_word_that_nobody_asked_for_says_nothing_about_the_server(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        return f"Error: cannot open {start.arguments[0]!r}" if start.arguments else "usage: orchard ADDRESS"

    observation, _ = climb(tmp_path, behave)
    assert failure(observation).reason is Reason.NEEDS_ARGUMENTS
    assert "usage: orchard ADDRESS" in failure(observation).detail


def test_words_that_refuse_an_argument_do_not_offer_it_again(tmp_path: Path) -> None:
    def behave(start: Start) -> str | int:
        if start.arguments == ("--transport", "stdio"):
            return 2
        if not start.arguments:
            return "usage: orchard [--stdio]"
        return f"usage: orchard\norchard: error: No such option: {start.arguments[0]}"

    observation, starts = climb(tmp_path, behave)
    assert entries(observation) == 2
    assert [start.arguments for start in starts] == [(), ("--stdio",), ("stdio",), ("--transport", "stdio")]


def test_the_arguments_of_a_known_server_are_not_second_guessed(tmp_path: Path) -> None:
    known = replace(SERVER, arguments=("--gate", "7"))
    observation, starts = climb(tmp_path, lambda start: "Usage: orchard stdio", server=known)
    assert failure(observation).reason is Reason.NEEDS_ARGUMENTS
    assert {start.arguments for start in starts} == {("--gate", "7")}


def test_a_known_server_starts_with_its_variables_filled(tmp_path: Path) -> None:
    known = replace(SERVER, environment=("GATE_TOKEN",))
    _, starts = climb(tmp_path, lambda start: 1, server=known)
    assert starts[0].environment["GATE_TOKEN"]


def test_a_server_that_never_has_enough_is_given_up(tmp_path: Path) -> None:
    observation, starts = climb(tmp_path, lambda s: f"GATE_{'X' * (1 + len(s.environment))}_TOKEN is required")
    assert failure(observation).reason is Reason.NEEDS_CREDENTIALS
    assert len(starts) <= 8


def names(observation: Observation) -> list[tuple[str, str]]:
    return [(rung.name, rung.result) for rung in observation.rungs]


def test_an_extra_that_the_package_asks_for_is_installed(tmp_path: Path) -> None:
    def behave(start: Start) -> int | str:
        return 1 if start.resolution == "extra:server" else "run: pip install 'Orchard[server]'"

    observation, _ = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert names(observation) == [
        ("install", "ok"),
        ("run", "failed"),
        ("extra:server", "ok"),
        ("run:extra:server", "ok"),
    ]


def test_an_extra_of_another_package_is_not_installed(tmp_path: Path) -> None:
    observation, _ = climb(tmp_path, lambda start: "run: pip install 'meadow[server]'")
    assert names(observation)[:2] == [("install", "ok"), ("run", "failed")]
    assert not any(name.startswith("extra:") for name, _ in names(observation))


def test_a_forgotten_sdk_is_added_and_its_drift_undone_with_it(tmp_path: Path) -> None:
    def behave(start: Start) -> int | str:
        if "with:mcp" not in start.resolution:
            return "ModuleNotFoundError: No module named 'mcp'"
        return 1 if start.resolution == f"with:mcp+{KNOWN.name}" else "ImportError: cannot import name 'Basket'"

    observation, _ = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert names(observation)[-1] == (f"run:with:mcp+{KNOWN.name}", "ok")


def test_an_sdk_that_is_there_and_still_missed_is_wanted_in_another_version(tmp_path: Path) -> None:
    def behave(start: Start) -> int | str:
        return 1 if start.resolution == f"with:mcp+{KNOWN.name}" else "Missing dependency: pip install 'mcp>=1.0'"

    observation, _ = climb(tmp_path, behave)
    assert entries(observation) == 1


def test_what_a_server_imports_and_does_not_have_is_never_installed(tmp_path: Path) -> None:
    _, starts = climb(tmp_path, lambda start: "ModuleNotFoundError: No module named 'reqeusts'")
    assert not any("reqeusts" in start.resolution for start in starts)


def test_a_package_runs_without_dependencies_that_have_no_wheel_and_its_list_may_be_partial(tmp_path: Path) -> None:
    observation, _ = climb(tmp_path, lambda start: 1, PretendedInstaller(lacking=("plough", "spade")))
    assert names(observation) == [
        ("install", "failed"),
        ("without:plough+spade", "ok"),
        ("run:without:plough+spade", "ok"),
    ]
    assert isinstance(observation.outcome, Listed)
    assert observation.outcome.maybe_partial
    assert "ran without plough, spade" in observation.outcome.problems[0].message


def test_a_package_that_cannot_be_installed_is_not_installed_again_for_each_guess(tmp_path: Path) -> None:
    observation, starts = climb(tmp_path, lambda start: 1, PretendedInstaller(misfits=("newest",)))
    assert names(observation) == [("install", "failed"), ("source", "failed")]
    assert starts == []


def test_what_a_subcommand_offers_comes_after_it(tmp_path: Path) -> None:
    def behave(start: Start) -> int | str:
        if start.arguments == ("mcp", "serve"):
            return 1
        if start.arguments == ("mcp",):
            return "usage: orchard mcp {serve,list}"
        return "usage: orchard {mcp,farm}"

    observation, _ = climb(tmp_path, behave)
    assert entries(observation) == 1
    assert names(observation)[-1] == ("arguments:mcp serve", "ok")


def test_what_there_is_to_know_about_the_release_stands_on_its_rung(tmp_path: Path) -> None:
    observation, _ = climb(tmp_path, lambda start: 1, PretendedInstaller(note="not the newest release"))
    assert observation.rungs[0].detail == "orchard 1.0 (not the newest release)"


def test_a_climb_leaves_no_files(tmp_path: Path) -> None:
    climb(tmp_path, lambda start: "ImportError: no Basket")
    assert list(tmp_path.iterdir()) == []


def test_a_list_beside_a_warning_that_credentials_are_missing_is_asked_for_again(tmp_path: Path) -> None:
    def behaviour(start: Start) -> int | Warned:
        if "ORCHARD_API_KEY" in start.environment:
            return 7
        return Warned(tools=2, words="ORCHARD_API_KEY is not set: only public tools\n")

    observation, _ = climb(tmp_path, behaviour)
    assert entries(observation) == 7
    assert [rung for rung, _ in rungs(observation)] == ["install", "run", "placeholders"]


def test_a_list_beside_a_warning_about_a_switch_is_taken_as_it_is(tmp_path: Path) -> None:
    observation, starts = climb(tmp_path, lambda _: Warned(tools=2, words="LOG_LEVEL is not set, using info\n"))
    assert entries(observation) == 2
    assert len(starts) == 1
