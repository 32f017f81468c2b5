"""A bound on tasks that the kernel keeps, for root: no limit of a process's own binds that user (setrlimit(2)).

The pids controller of cgroups, version 1 or 2, counts processes and threads. Where it cannot be used (no controller, a
read-only cgroup file system in a container) the watch on the process tree is what stops a fork bomb.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "catalog-sandbox-"


@dataclass(frozen=True, slots=True)
class TaskBound:
    """A cgroup of its own for one program."""

    folder: Path

    @classmethod
    def of(cls, most: int) -> "TaskBound | None":
        """Make one for ``most`` tasks; None for a user whom RLIMIT_NPROC binds, and where none can be made."""
        if os.geteuid() != 0:
            return None
        for parent in _parents():
            bound = cls(parent / f"{_PREFIX}{secrets.token_hex(8)}")
            try:
                bound.folder.mkdir()
                (bound.folder / "pids.max").write_text(str(most), encoding="ascii")
            except OSError:
                bound.remove()
            else:
                return bound
        return None

    def hold(self, pid: int) -> bool:
        """Put a process into it, and with it all that it will start; say whether that worked."""
        try:
            (self.folder / "cgroup.procs").write_text(str(pid), encoding="ascii")
        except OSError:
            return False
        return True

    def remove(self) -> None:
        """Delete it once its processes are gone; until then the kernel refuses."""
        with suppress(OSError):
            self.folder.rmdir()


def sweep() -> None:
    """Delete what killed crawlers left: only a cgroup without processes can be."""
    if os.geteuid() == 0:
        for parent in _parents():
            for folder in parent.glob(f"{_PREFIX}*"):
                TaskBound(folder).remove()


def _parents() -> Iterator[Path]:
    """Yield our own cgroups that may count tasks (cgroups(7), /proc/PID/cgroup and /proc/PID/mountinfo)."""
    own = dict(_own())
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            mount, _, rest = line.partition(" - ")
            kind, _, options = rest.split(" ")[:3]
            place = Path(mount.split(" ")[4])
            if kind == "cgroup" and "pids" in options.split(",") and "pids" in own:
                yield place / own["pids"].lstrip("/")
            elif kind == "cgroup2" and "" in own:
                yield place / own[""].lstrip("/")


def _own() -> Iterator[tuple[str, str]]:
    """Yield controller and path of each of our cgroups; version 2 has the empty name for all controllers."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            yield from ((controller, path) for controller in controllers.split(","))
