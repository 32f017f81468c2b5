"""Makes the pages of servers, here or in processes of their own.

A process opens the catalogue by itself: what is sent to and fro is small, a server's place and the hashes of its files.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol, TypeVar

from catalog.errors import CatalogError
from sitegen.catalogue import Place, catalogued, server_of
from sitegen.ledger.ledger import Files, WrittenFile
from sitegen.output import Staging, Writer
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.serverfiles import server_files
from sitegen.summary import Summary, summary

OpenParts = Callable[[], AbstractContextManager[Parts]]
"""Opens the catalogue and what judges it; a function that other processes find by its name."""

# Servers that one process is given at a time.
_CHUNK = 8

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSummarise:
    """A server to be put into the index."""

    slug: str
    folder: str
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRender:
    """A server whose pages are wanted."""

    slug: str
    place: Place
    known: Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What became of a server's pages."""

    slug: str
    files: Mapping[str, WrittenFile]
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a worker has at hand."""

    parts: Parts
    options: SiteOptions
    renderer: Renderer
    staging: Staging

    def summarise(self, task: ToSummarise) -> Summary:
        """Put one server into words."""
        return summary(task.slug, task.folder, task.kept, self.parts)

    def render(self, task: ToRender) -> Rendered:
        """Make the pages of one server and write what changed of them. Raises: OSError."""
        writer = Writer(self.staging, task.known)
        server = catalogued(server_of(self.parts.view, task.slug), task.place, self.parts)
        for path, content in server_files(server, self.parts, self.options, self.renderer):
            writer.put(path, content)
        return Rendered(slug=task.slug, files=writer.files, changed=writer.changed)


class Workshop(Protocol):
    """Does the same to many servers; results come in the order of the tasks."""

    def summaries(self, tasks: Iterator[ToSummarise]) -> Iterator[Summary]:
        """Put servers into words."""
        ...

    def rendered(self, tasks: Iterator[ToRender]) -> Iterator[Rendered]:
        """Make the pages of servers."""
        ...


class Alone:
    """Does everything in this process."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def summaries(self, tasks: Iterator[ToSummarise]) -> Iterator[Summary]:
        """See ``Workshop.summaries``."""
        return map(self._bench.summarise, tasks)

    def rendered(self, tasks: Iterator[ToRender]) -> Iterator[Rendered]:
        """See ``Workshop.rendered``."""
        return map(self._bench.render, tasks)


class Together:
    """Spreads servers over processes."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: int) -> None:
        self._pool = pool
        self._jobs = jobs

    def summaries(self, tasks: Iterator[ToSummarise]) -> Iterator[Summary]:
        """See ``Workshop.summaries``."""
        return self._spread(_summarise, tasks)

    def rendered(self, tasks: Iterator[ToRender]) -> Iterator[Rendered]:
        """See ``Workshop.rendered``."""
        return self._spread(_render, tasks)

    def _spread(self, do: Callable[[list[Task]], list[Result]], tasks: Iterator[Task]) -> Iterator[Result]:
        """Yield results in order; only a few chunks wait, so that memory stays flat."""
        waiting = []
        for chunk in _chunks(tasks):
            waiting.append(self._pool.submit(do, chunk))
            if len(waiting) > 2 * self._jobs:
                yield from waiting.pop(0).result()
        for future in waiting:
            yield from future.result()


@contextmanager
def together(
    open_parts: OpenParts, options: SiteOptions, index_size: str, staging: Staging, jobs: int
) -> Iterator[Together]:
    """Start ``jobs`` processes."""
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(open_parts, options, index_size, staging)
    ) as pool:
        try:
            yield Together(pool, jobs)
        except BrokenProcessPool as error:
            raise CatalogError("a process of the build was ended, perhaps for want of memory: try --jobs 1") from error


# A worker process's own bench, or why it has none; what it opened is open until it ends.
_bench: list[Bench | CatalogError] = []
_open_things = ExitStack()


def _open(open_parts: OpenParts, options: SiteOptions, index_size: str, staging: Staging) -> None:
    gc.set_threshold(100_000, 50, 100)  # pages hold no circles
    try:
        parts = _open_things.enter_context(open_parts())
    except CatalogError as error:
        _bench.append(error)  # told by the first task: what fails here, a pool only calls broken
        return
    _bench.append(Bench(parts=parts, options=options, renderer=Renderer(options, index_size), staging=staging))


def _summarise(tasks: list[ToSummarise]) -> list[Summary]:
    return [_own().summarise(task) for task in tasks]


def _render(tasks: list[ToRender]) -> list[Rendered]:
    return [_own().render(task) for task in tasks]


def _own() -> Bench:
    (bench,) = _bench
    if isinstance(bench, CatalogError):
        raise bench
    return bench


def _chunks(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    for task in tasks:
        chunk.append(task)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
