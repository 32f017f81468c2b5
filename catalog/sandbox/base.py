"""What a sandbox is: it starts one program isolated, enforces limits, and leaves no process behind."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from catalog.facts import Finding

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one server's process tree. Measured servers stay below 200 MB and 20 processes (docs/sandbox.md)."""

    memory: int = 2048 * MIB
    """Resident bytes of the whole tree; also each process's data segment."""
    processes: int = 256
    """Processes of the whole tree; threads are bounded at four times this number."""
    cpu_seconds: int = 120
    """CPU seconds of each process."""
    file_size: int = 64 * MIB
    """Bytes of one written file."""
    scratch: int = 128 * MIB
    """Bytes of each writable place (home and temporary folder), all of it in memory."""
    open_files: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file or folder of the host that the program may read, and where it sees it."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command line and all that it may see."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of the sandbox's own few variables; nothing of the caller's environment is passed."""
    mounts: tuple[Mount, ...] = ()
    hidden: tuple[str, ...] = ()
    """Folders inside the mounts that are shown empty."""
    masked: tuple[str, ...] = ()
    """Files inside the mounts that are shown empty."""


class Process(Protocol):
    """A running server: its standard streams and how it ended."""

    async def write(self, data: bytes) -> None:
        """Send bytes to its standard input. Raises: BrokenPipeError, ConnectionResetError when it is gone."""
        ...

    async def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of its standard output; empty at the end."""
        ...

    async def ended(self) -> int:
        """Wait until it ended by itself and return its exit code (negative: the signal that killed it)."""
        ...

    def stderr_tail(self) -> str:
        """Return the last lines of its standard error so far: untrusted, bounded."""
        ...

    @property
    def breach(self) -> str | None:
        """Say which limit it broke when the sandbox had to kill it."""
        ...

    def findings(self) -> tuple[Finding, ...]:
        """Return what it tried and must not, so far or in all: bounded, each once, safe to show.

        None is no proof that it tried nothing: a sandbox notes what its machine lets it see (docs/sandbox.md).
        """
        ...


class Sandbox(Protocol):
    """Starts programs isolated."""

    name: str

    def place(self, source: Path, target: str) -> str:
        """Return the path at which a program sees ``source`` when it is mounted at ``target``."""
        ...

    def start(self, program: Program, limits: Limits) -> AbstractAsyncContextManager[Process]:
        """Start ``program``; on leaving, its whole process tree is gone. Raises: SandboxUnavailable."""
        ...
