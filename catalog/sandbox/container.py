"""Run a container image through Docker or Podman: no network, nothing of the host, read-only, limits, gone at the end.

The container is made first and started then: its name is known before anything runs, and removing it by that name ends
every process in it. Values of variables travel in the environment of the engine's client, never on a command line.
"""

import asyncio
import functools
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from catalog.errors import SandboxUnavailable
from catalog.sandbox.base import Limits, Process, Program
from catalog.sandbox.process import ChildProcess, ended_on_leaving

# Programs that start images, the first that works is used.
ENGINES = ("docker", "podman")

# Seconds for the engine to say that it is there.
ANSWER_SECONDS = 10.0

# Seconds for making a container, whose image is there already.
CREATE_SECONDS = 60.0

# Seconds for killing and removing a container.
REMOVE_SECONDS = 60.0

CPUS = "2"
"""What all processes of a container may use at a time."""

INSTALL_HINT = "install Docker or Podman, start it, and see that `docker version` answers without an error"

# A writable home, since the root is not.
_HOME = "/tmp"

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# The client of the engine reads these itself: as a server's variables they would lead it elsewhere.
_CLIENT_S = re.compile(
    r"(DOCKER|CONTAINERS?|PODMAN|BUILDAH|BUILDKIT|COMPOSE|XDG|LD|DBUS)_.*|(HTTPS?|FTP|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)"
    r"|GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)|REGISTRY_AUTH_FILE|HOME|PATH|USER|TMPDIR",
    re.IGNORECASE,
)


class ContainerEngine:
    """Implements sandbox.base.Sandbox for images: a program's first word is the image, the others its arguments.

    Mounts are refused: an image brings what it needs, and sees nothing of the host.
    """

    def __init__(self, executable: Path) -> None:
        self.executable = executable
        """The client of the engine."""
        self.name = executable.name

    @classmethod
    def find(cls, seconds: float = ANSWER_SECONDS) -> "ContainerEngine":
        """Return the first engine that answers within ``seconds``. Raises: SandboxUnavailable with what to do."""
        failures = []
        for name in ENGINES:
            if found := shutil.which(name):
                failure = _failure(found, seconds)
                if failure is None:
                    return cls(Path(found))
                failures.append(f"{name}: {failure}")
        tried = "; ".join(failures) or f"neither {' nor '.join(ENGINES)} was found"
        raise SandboxUnavailable(f"no container can be started here ({tried}): {INSTALL_HINT}")

    def place(self, source: Path, target: str) -> str:
        """See ``Sandbox.place``: programs see only the target."""
        del source
        return target

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        """See ``Sandbox.start``; a container that cannot be made is a process that has ended and said why.

        Raises: ValueError for a program with mounts or an option for an image; SandboxUnavailable where the engine
            does not answer.
        """
        if program.mounts or program.argv[0].startswith("-"):
            raise ValueError("a container is made of an image, without mounts")
        async with ended_on_leaving(self._started(program, limits)) as process:
            yield process

    async def _started(self, program: Program, limits: Limits) -> ChildProcess:
        name = f"catalog-{secrets.token_hex(8)}"
        passed = passable(program.environment)
        argv = [*_creation(name, limits), *(word for variable in passed for word in ("--env", variable)), *program.argv]
        making = ChildProcess(await self._client(argv, passed), limits)
        try:
            async with asyncio.timeout(CREATE_SECONDS):
                code = await making.ended()
        except TimeoutError as error:
            await making.close()
            await self._remove(name)
            raise SandboxUnavailable(
                f"{self.name} did not make a container within {CREATE_SECONDS:g} s: {INSTALL_HINT}"
            ) from error
        if code != 0:
            return making
        await making.close()
        remove = functools.partial(self._remove, name)
        try:
            running = await self._client(["start", "--attach", "--interactive", name], {})
        except SandboxUnavailable:
            await remove()
            raise
        return _Container(running, limits, remove)

    async def _client(self, argv: list[str], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                self.executable,
                *argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # As the user has it: it says where the engine is. What comes from a server cannot change that.
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxUnavailable(f"cannot start {str(self.executable)!r} ({error}): {INSTALL_HINT}") from error

    async def _remove(self, name: str) -> None:
        """Kill and remove the container. Raises: SandboxUnavailable where the engine does not: it may still run."""
        try:
            child = await asyncio.create_subprocess_exec(
                *(self.executable, "rm", "--force", "--volumes", name),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise self._left(name, str(error)) from error
        try:
            async with asyncio.timeout(REMOVE_SECONDS):
                _, said = await child.communicate()
        except TimeoutError as error:
            raise self._left(name, f"no answer within {REMOVE_SECONDS:g} s") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        words = said.decode("utf-8", "replace").strip()
        # It was never made, or it is being removed since it ended.
        gone = "no such container" in words.lower() or "already in progress" in words.lower()
        if child.returncode != 0 and not gone:
            raise self._left(name, words[-300:])

    def _left(self, name: str, why: str) -> SandboxUnavailable:
        return SandboxUnavailable(
            f"{self.name} did not remove the container {name!r} ({why}), which may still run; "
            f"remove it: {self.name} rm --force {name}"
        )


class _Container(ChildProcess):
    """The client that is attached to a running container."""

    def __init__(
        self, child: asyncio.subprocess.Process, limits: Limits, remove: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(child, limits)
        self._remove = remove

    async def close(self) -> None:
        """End the container, then the client: its death alone ends nothing."""
        try:
            await self._remove()
        finally:
            await super().close()


def passable(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a container can get; those that the engine's own client reads are left out."""
    return {
        name: value
        for name, value in environment.items()
        if _NAME.fullmatch(name) and not _CLIENT_S.fullmatch(name) and "\0" not in value
    }


def _creation(name: str, limits: Limits) -> list[str]:
    """Return the options that make a container nobody has to trust."""
    return [
        *("create", "--name", name, "--pull", "never", "--rm", "--interactive", "--log-driver", "none"),
        *("--network", "none", "--read-only", "--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.scratch}"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--hostname", "sandbox"),
        *("--pids-limit", str(limits.processes), "--cpus", CPUS),
        *("--memory", str(limits.memory), "--memory-swap", str(limits.memory)),
        *("--ulimit", f"nofile={limits.open_files}", "--ulimit", f"fsize={limits.file_size}", "--ulimit", "core=0"),
        *("--env", f"HOME={_HOME}"),
        # Empty: otherwise the client passes the user's own on, and those may hold a password.
        *(word for proxy in _PROXIES for name in (proxy, proxy.upper()) for word in ("--env", f"{name}=")),
    ]


def _failure(engine: str, seconds: float) -> str | None:
    """Return why the engine does not answer, or None where it does."""
    try:
        done = subprocess.run([engine, "version"], capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:g} s"
    except OSError as error:
        return str(error)
    said = done.stderr.decode("utf-8", "replace").strip()
    return None if done.returncode == 0 else said[-300:] or f"exit code {done.returncode}"
