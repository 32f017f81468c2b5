"""All that looks at one run from outside: calls that are told, decoys, counters, full scratch. It decides nothing."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from catalog.sandbox.decoys import Decoys
from catalog.sandbox.notes import Notes
from catalog.sandbox.traces import FullScratch, NetworkCounters
from catalog.sandbox.watch import Watch


class Observer:
    """Looks at one run until ``resources`` are closed; without what the machine lacks, there are fewer findings."""

    def __init__(self, home: str, scratch: Sequence[str]) -> None:
        """Observe a program whose home is ``home`` and that may write to ``scratch`` (which holds it)."""
        self.notes = Notes()
        self.resources = AsyncExitStack()
        self._scratch = tuple(scratch)
        self._decoys = Decoys(home, self.notes)
        # In a thread: the kernel lets the last look at a file go only after some 10 ms.
        self.resources.push_async_callback(asyncio.to_thread, self._decoys.close)
        self._watch = Watch(self.notes, scratch)
        self.resources.callback(self._watch.stop)

    @property
    def tell(self) -> Callable[[int], None]:
        """Return what takes the listener of the program's calls."""
        return self._watch.serve

    def options(self) -> list[str]:
        """Return the arguments for bubblewrap that show the decoys."""
        return self._decoys.options()

    def looks(self, root: int, size: int) -> Sequence[Callable[[], None]]:
        """Return what notes the traces of ``root``, the first process inside; ``size``: bytes of a scratch place."""
        self._decoys.shown_to(root)
        counters = NetworkCounters(root, self.notes)
        self.resources.callback(counters.close)
        return (self._decoys.look, counters.look, FullScratch(root, self._scratch, size, self.notes).look)

    def release(self, gate: int) -> None:
        """Let the program begin: see ``Watch.release``. Raises: BrokenPipeError where it is gone."""
        self._watch.release(gate)
