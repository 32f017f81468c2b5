"""Traces that a program leaves with the kernel: a counter of its network namespace, and scratch that is full."""

import itertools
import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from catalog.facts import FindingKind
from catalog.sandbox.base import MIB
from catalog.sandbox.notes import Notes

# Bytes of a table of counters that are read; the longest is about 6 kB.
_TABLE = 64 * 1024


class NetworkCounters:
    """Notes that addresses outside were tried, where no call told which: the kernel counts what it has no route for."""

    def __init__(self, root: int, notes: Notes) -> None:
        """Open the counters of the namespace of the process ``root``; they outlive it."""
        self._notes = notes
        self._open = ExitStack()
        self._tables = []
        for name in ("snmp", "snmp6"):
            with suppress(OSError):  # a kernel without them, or the process is gone: nothing can be counted
                descriptor = os.open(f"/proc/{root}/net/{name}", os.O_RDONLY)
                self._open.callback(os.close, descriptor)
                self._tables.append(descriptor)

    def look(self) -> None:
        """Note it where the counters say so and nothing better is known."""
        if self._notes.has(FindingKind.NETWORK_ATTEMPT):
            return
        if any(_without_route(os.pread(table, _TABLE, 0).decode()) for table in self._tables):
            self._notes.add(FindingKind.NETWORK_ATTEMPT, "tried an address outside, which the kernel does not name")

    def close(self) -> None:
        """Let the namespace go."""
        self._open.close()


class FullScratch:
    """Notes which writable places are full."""

    def __init__(self, root: int, places: Sequence[str], size: int, notes: Notes) -> None:
        """Look at ``places`` of ``size`` bytes each, as the process ``root`` sees them."""
        self._root, self._places, self._size, self._notes = root, tuple(places), size, notes

    def look(self) -> None:
        """Note each place that has no byte left."""
        for place in self._places:
            with suppress(OSError):  # the process is gone
                status = os.statvfs(f"/proc/{self._root}/root{place}")
                # Before its own root is set up it sees the host's, which is larger.
                is_own = status.f_blocks * status.f_frsize < self._size + MIB
                if is_own and status.f_blocks and not status.f_bfree:
                    self._notes.add(FindingKind.LIMIT, f"filled {place} ({self._size // MIB} MiB)")


def _without_route(table: str) -> bool:
    """Say whether a table of counters (``snmp``: two lines a protocol; ``snmp6``: one a counter) has such attempts."""
    lines = table.splitlines()
    for names, values in itertools.pairwise(lines):
        if names.startswith("Ip:") and values.startswith("Ip:"):
            return dict(zip(names.split(), values.split(), strict=False)).get("OutNoRoutes", "0") != "0"
    return any(line.split()[1:] != ["0"] for line in lines if line.startswith("Ip6OutNoRoutes"))
