"""Build a site: see what changed, make those pages, move them into place.

The catalogue streams through: one server's rows are in memory at a time, and what pages about many servers need is in
the ledger. A build that fails leaves the old site alone.
"""

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catalog.errors import CatalogError, UsageError
from sitegen.compression import compressors
from sitegen.fingerprint import fingerprint
from sitegen.ledger.ledger import LEDGER, Ledger, LedgerError
from sitegen.links import external
from sitegen.moving import distrusts, moved, settle
from sitegen.output import Staging, claim, disown, publish
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.report import report_address
from sitegen.run import Progress, Run, rounded
from sitegen.searching import own_search, pagefind_search, suits_pagefind
from sitegen.workshop import Alone, Bench, OpenParts, Workshop, together

# Fewer servers are done before other processes have started.
_WORTH_PROCESSES = 40

_MADE_WITH = "made with"

_SEARCHED = "searched"
"""Set where the search knows all that the pages say."""


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
    _check(options, output)
    how = how or How()
    try:
        claim(output)
        is_first = not (output / LEDGER).exists()
        with ExitStack() as stack:
            if is_first:
                stack.callback(disown, output)
            ledger = stack.enter_context(Ledger(output / LEDGER))
            staging = Staging(output, compressors(options.precompress))
            stack.callback(staging.remove)
            staging.empty()
            stack.enter_context(_collecting_seldom())
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
        what = f" ({error.filename})" if error.filename else ""
        raise CatalogError(
            f"cannot write the site to {str(output)!r}: {error.strerror}{what}; "
            "make room or choose another directory with -o"
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
        made_with=made_with,
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
        ledger.put_meta(_MADE_WITH, made_with)
        ledger.put_meta(_SEARCHED, "")
    is_due = run.needs_search(wanted=how.search) and not ledger.meta(_SEARCHED)
    reads_pages = is_due and suits_pagefind(ledger.counts().pages)
    if is_due:
        how.progress("Indexing for search", 0, 0)
    if is_due and not reads_pages:
        run.search(own_search(ledger.index, renderer))
        ledger.put_meta(_SEARCHED, "yes")
    if run.busy or is_due:
        run.abandon(moved(output))
        _move(run, output, staging, ledger)
    if reads_pages:
        staging.empty()
        files, note = pagefind_search(output, ledger.index, renderer)
        run.search(files)
        ledger.put_meta(_SEARCHED, "yes")
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


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for circles of garbage less often: pages hold none, and looking costs a fifth of making one."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _check(options: SiteOptions, output: Path) -> None:
    if options.base_url is not None and not _is_root(options.base_url):
        raise UsageError(
            f"--base-url {options.base_url!r} is no address of a site: give one like 'https://example.org/catalog/'"
        )
    if options.report_url is not None and report_address(options.report_url) is None:
        raise UsageError(
            f"--report-url {options.report_url!r} is no address: give one like 'https://example.org/new' or a mailto:"
        )
    if options.templates is not None and options.templates.resolve() in (output.resolve(), *output.resolve().parents):
        raise UsageError(
            f"{str(output)!r} is inside the folder of templates {str(options.templates)!r}: build elsewhere"
        )


def _is_root(address: str) -> bool:
    """Say whether pages can stand below an address: a web address without query, fragment or user."""
    if external(address) is None or any(character.isspace() for character in address):
        return False
    parts = urlsplit(address)
    return not (parts.query or parts.fragment or parts.username)
