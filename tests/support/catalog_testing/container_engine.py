"""A stand-in for ``docker``: it takes the same commands, writes down what it was told, and runs a program instead.

As with the real one, what runs is no child of the client, so that only ``rm`` ends it.
"""

import contextlib
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IDENTIFIER = "sha256:" + "ab" * 32


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The stand-in as a test sees it."""

    state: Path

    @property
    def told(self) -> list[list[str]]:
        """Return the command lines that it was started with, without its own name."""
        log = self.state / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def commands(self, name: str) -> list[list[str]]:
        """Return what was told of one command."""
        return [words[1:] for words in self.told if words[0] == name]

    def answers(self, command: str, *, code: int = 1, stderr: str = "", hangs: bool = False) -> None:
        """Let ``command`` fail from now on, or never end."""
        (self.state / f"answer-{command}").write_text(json.dumps({"code": code, "stderr": stderr, "hangs": hangs}))


def engine(folder: Path, program: Sequence[str], *, name: str = "docker") -> Engine:
    """Write a stand-in into ``folder``, which is to be on PATH; its containers run ``program`` with their arguments."""
    state = folder / f"{name}-state"
    state.mkdir()
    (state / "program").write_text(json.dumps(list(program)))
    words = (sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(state))
    (folder / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    (folder / name).chmod(0o755)
    return Engine(state=state)


def _main(state: Path, command: str, words: list[str]) -> int:
    with (state / "log").open("a") as log:
        log.write(json.dumps([command, *words]) + "\n")
    answer = state / f"answer-{command}"
    if answer.exists():
        said = json.loads(answer.read_text())
        sys.stderr.write(said["stderr"] + "\n")
        if said["hangs"]:
            signal.pause()
        return int(said["code"])
    if command == "image":
        sys.stdout.write(IDENTIFIER + "\n")
    if command == "create":
        return _create(state, words)
    if command == "start":
        return _start(state, words[-1])
    if command == "rm":
        return _remove(state, words[-1])
    return 0


def _create(state: Path, words: list[str]) -> int:
    image = words.index(IDENTIFIER)
    variables = [words[at + 1] for at in range(image) if words[at] == "--env"]
    pairs = (one if "=" in one else f"{one}={os.environ[one]}" for one in variables)
    environment = dict(pair.split("=", 1) for pair in pairs)
    container: Mapping[str, Any] = {"environment": environment, "arguments": words[image + 1 :]}
    (state / words[words.index("--name") + 1]).write_text(json.dumps(container))
    sys.stdout.write("0" * 64 + "\n")
    return 0


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Do one thing at a time, as a daemon does."""
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(state: Path, name: str) -> int:
    with _locked(state):
        if not (state / name).exists():
            return _unknown(name)
        container = json.loads((state / name).read_text())
        program = json.loads((state / "program").read_text())
        child = subprocess.Popen(
            [*program, *container["arguments"]], env=container["environment"], start_new_session=True
        )
        (state / f"{name}.pid").write_text(str(child.pid))
    return child.wait()


def _remove(state: Path, name: str) -> int:
    with _locked(state):
        if not (state / name).exists():
            return _unknown(name)
        (state / name).unlink()
        number = state / f"{name}.pid"
        if number.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(number.read_text()), signal.SIGKILL)
    return 0


def _unknown(name: str) -> int:
    sys.stderr.write(f"Error response from daemon: No such container: {name}\n")
    return 1


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
