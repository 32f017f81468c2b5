"""Build a site: see what changed, make those pages, move them into place.

The catalogue streams through: one server's rows are in memory at a time, and what pages about many servers need is in
the ledger. A build that fails leaves the old site alone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import CatalogError, UsageError
from sitegen.compression import compressors
from sitegen.fingerprint import fingerprint
from sitegen.ledger.ledger import LEDGER, Ledger, LedgerError
from sitegen.links import external
from sitegen.moving import distrusts, moved, settle
from sitegen.output import Staging, claim, publish
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.run import Progress, Run, rounded
from sitegen.searching import own_search, pagefind_search, suits_pagefind
from sitegen.workshop import Alone, Bench, OpenParts, Workshop, together

# Fewer servers are done before other processes have started.
_WORTH_PROCESSES = 40

_MADE_WITH = "made with"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """What a build made."""

    output: Path
    servers: int
    entries: int
    pages: int
    files: int
    size: int
    """Bytes of all files together."""
    rendered: int
    """Servers whose pages were made again."""
    changed: int
    unchanged: int
    removed: int
    note: str = ""
    """What the publisher may want to know; empty for most builds."""


def _silent(doing: str, done: int, total: int) -> None:
    del doing, done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to build: besides from what, and where to."""

    fresh: bool = False
    """Make and write everything, whatever an earlier build wrote."""
    search: bool = True
    """Whether the search index is made again: it is made whole, whatever changed."""
    jobs: int = 1
    """Processes; more than one need ``open_parts``."""
    open_parts: OpenParts | None = None
    progress: Progress = _silent


def build_site(parts: Parts, options: SiteOptions, output: Path, how: How | None = None) -> SiteReport:
    """Build the site into ``output``.

    Raises: UsageError where ``output`` is not ours to write or an option is not usable; CatalogError where the disk
    refuses. Then the old site is as it was, unless the disk fails while files move.
    """
    _check(options)
    how = how or How()
    try:
        claim(output)
        with ExitStack() as stack:
            ledger = stack.enter_context(Ledger(output / LEDGER))
            staging = Staging(output, compressors(options.precompress))
            stack.callback(staging.remove)
            staging.empty()
            return _built(parts, options, how, ledger=ledger, staging=staging, output=output)
    except sqlite3.OperationalError as error:
        raise CatalogError(
            f"cannot keep track of the site in {str(output)!r} ({error}): "
            "make room, or wait for the build that runs there"
        ) from error
    except (LedgerError, sqlite3.DatabaseError) as error:
        raise UsageError(
            f"{str(output / LEDGER)!r} is damaged ({error}): delete {str(output)!r} and build again"
        ) from error
    except OSError as error:
        raise CatalogError(
            f"cannot write the site to {str(output)!r}: {error.strerror}; make room or choose another directory with -o"
        ) from error


def _built(
    parts: Parts, options: SiteOptions, how: How, *, ledger: Ledger, staging: Staging, output: Path
) -> SiteReport:
    stamps = parts.view.stamps()
    size = rounded(len(stamps))
    made_with = fingerprint(parts, options, size)
    run = Run(
        ledger,
        staging,
        output,
        stamps,
        trusted=not how.fresh and not distrusts(output),
        same=ledger.meta(_MADE_WITH) == made_with,
    )
    renderer = Renderer(options, size)
    bench = Bench(parts=parts, options=options, renderer=renderer, staging=staging)
    with _workshop(how, len(run.changed), bench, options, size) as workshop:
        run.servers(workshop, how.progress)
    note = ""
    if run.busy:
        how.progress("Writing lists", 0, 0)
        run.whole(parts, options, renderer)
        wants_search = how.search or not run.has_search()
        reads_pages = wants_search and suits_pagefind(ledger.counts().pages)
        if wants_search:
            how.progress("Indexing for search", 0, 0)
        if wants_search and not reads_pages:
            run.search(own_search(ledger.index, renderer))
        ledger.put_meta(_MADE_WITH, made_with)
        run.abandon(moved(output))
        _move(run, output, staging, ledger)
        if reads_pages:
            staging.empty()
            files, note = pagefind_search(output, ledger.index, renderer)
            run.search(files)
            _move(run, output, staging, ledger)
    counts = ledger.counts()
    return SiteReport(
        output=output,
        servers=ledger.index.server_count,
        entries=sum(ledger.index.cells.values()),
        pages=counts.pages,
        files=counts.files,
        size=counts.size,
        rendered=run.rendered,
        changed=run.written,
        unchanged=counts.files - run.written,
        removed=run.removed,
        note=note,
    )


def _move(run: Run, output: Path, staging: Staging, ledger: Ledger) -> None:
    run.removed += publish(output, staging, run.vanished)
    ledger.commit()
    settle(output)
    run.vanished.clear()


@contextmanager
def _workshop(how: How, servers: int, bench: Bench, options: SiteOptions, size: str) -> Iterator[Workshop]:
    if how.jobs < 2 or how.open_parts is None or servers < _WORTH_PROCESSES:
        yield Alone(bench)
        return
    with together(how.open_parts, options, size, bench.staging, how.jobs) as workshop:
        yield workshop


def _check(options: SiteOptions) -> None:
    for option, address in (("--base-url", options.base_url), ("--report-url", options.report_url)):
        mailed = option == "--report-url" and address is not None and address.startswith("mailto:")
        if address is not None and not mailed and external(address) is None:
            raise UsageError(f"{option} {address!r} is no address: give one like 'https://example.org/catalog/'")
