"""A process and its descendants, asked of the kernel directly: this runs ten times a second for every server."""

import contextlib
import os
from collections.abc import Iterator


def tree(root: int, most: int) -> Iterator[int]:
    """Yield ``root`` and its descendants, at most ``most`` of them.

    Asks the kernel for the children of each process. psutil lists all processes of the machine, and while a fork
    bomb runs, that takes so long that it is never stopped.
    """
    waiting = [root]
    for _ in range(most):
        if not waiting:
            return
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):  # it is gone, and its children are others' now
            waiting += children(pid)


def resident(root: int, most: int) -> Iterator[int]:
    """Yield the resident bytes of ``root`` and its descendants, at most ``most`` numbers."""
    page = os.sysconf("SC_PAGESIZE")
    for pid in tree(root, most):
        with contextlib.suppress(OSError):  # it is gone, which is no breach
            yield int(_read(f"/proc/{pid}/statm").split()[1]) * page


def is_at_work(pid: int) -> bool:
    """Say whether a thread of the process ``pid`` runs, or waits for a processor or a disk."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  # as in _children
            # Behind its name, which is in brackets and may hold any: the state.
            if _read(f"/proc/{pid}/task/{thread}/stat").rpartition(b") ")[2][:1] in {b"R", b"D"}:
                return True
    return False


def children(pid: int) -> list[int]:
    """Return the children of a process, oldest first. Raises: OSError where it is gone."""
    return [
        int(child)
        for thread in os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  # ten times a second for every server
        for child in _read(f"/proc/{pid}/task/{thread}/children").split()
    ]


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as above
        return file.read()
