"""Sessions with a client: a home of its own, the recording server behind it, the stand-in before it."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.export.merge import merge
from catalog.policy.target import Export
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.clients.standin import Conversation, Outcome, Wanted, serving
from catalog.verify.engines.recording import recording_server

# Calls in one session: a client sends the whole conversation with each, so that long ones are slow.
BATCH = 120

SECONDS = 600

# Characters of a client's output that are told.
_SAID = 600

# What every client takes for a tool's name; one that it does not take could cost all the server's tools.
_DECLARED = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Folders of one client, and what it starts as the server."""

    home: Path
    project: Path
    server: Mapping[str, object]
    """``command`` and ``args``."""
    log: Path
    """Where the server writes down what reaches it."""

    @property
    def state(self) -> Path:
        """Return where the hook program counts."""
        return self.home / ".local" / "share" / "mcp-catalog" / "hook.db"

    def watch(self) -> tuple[bool, bool]:
        """Say whether a call reached the server since the last look, and whether one was counted; and forget it.

        Each call is to be decided on its own, so nothing stays counted and no session stays tainted.
        """
        reached = self.log.exists() and self.log.stat().st_size > 0
        self.log.write_text("", encoding="utf-8")
        if not self.state.exists():
            return reached, False
        with closing(sqlite3.connect(self.state, timeout=10)) as state, state:
            tables = {name for (name,) in state.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counted = "counter" in tables and state.execute("DELETE FROM counter WHERE total > 0").rowcount > 0
            if "tainted" in tables:
                state.execute("DELETE FROM tainted")
        return reached, counted

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a client: nothing of whoever runs this."""
        programs = os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin"))
        return {"PATH": programs, "HOME": str(self.home), **more}


@contextmanager
def place(calls: Sequence[Call]) -> Iterator[Place]:
    """Make the folders for one session, outside any repository: clients look for its root. They are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        home, project = root / "home", root / "project"
        home.mkdir()
        project.mkdir()
        # Near misses of names are real tools there: a client must not let them through because they are at hand.
        server, log = recording_server(root, [call for call in calls if _DECLARED.fullmatch(call.tool)])
        yield Place(home=home, project=project, server=server, log=log)


def converse(
    where: Place, wanted: Sequence[Wanted], command: Callable[[int], tuple[Sequence[str], Mapping[str, str]]]
) -> Sequence[Outcome]:
    """Let a client work through calls, in as many sessions as it takes; returns what became of each.

    ``command`` makes the client's command line and environment from the stand-in's port.
    Raises: EngineUnavailable where the client does not get through.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        conversation = Conversation(wanted=batch, watch=where.watch)
        with serving(conversation) as port:
            argv, environment = command(port)
            said = _run(argv, environment, where.project)
        if len(conversation.outcomes) != len(batch):
            done = len(conversation.outcomes)
            raise EngineUnavailable(f"the client left after {done} of {len(batch)} calls: {said}")
        outcomes += conversation.outcomes
    return outcomes


def _run(argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    """Run a client to its end; returns the last that it said."""
    try:
        ran = subprocess.run(
            argv,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {SECONDS} s"
    return f"exit {ran.returncode}: {ran.stdout[-_SAID:]} {ran.stderr[-_SAID:]}"


def install(folder: Path, export: Export, format_: str, existing: Mapping[str, str]) -> None:
    """Merge an export into the settings of a client, as ``catalog export --merge`` does; ``existing`` are before it."""
    for name, text in existing.items():
        write(folder, name, text)
    for file in export.files:
        write(folder, file.filename, merge(existing.get(file.filename, ""), file, format_))


def write(folder: Path, name: str, text: str) -> None:
    """Write a file below a folder, with the folders on the way."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
