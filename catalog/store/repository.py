"""The store: what the crawler records, what the rules judge, and the view that outputs read.

Each method is one transaction. A process that is killed leaves what was committed; two processes wait for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from catalog.history import history, removed
from catalog.model import Changes, Observation
from catalog.store import crawls, judging, reading, recording
from catalog.store.crawls import CrawlProgress
from catalog.store.database import Database
from catalog.store.history import past, stamps
from catalog.store.judging import Present
from catalog.store.schema import ensure_current
from catalog.view import ChangeRow, EntryRow, RemovedRow, ServerRow
from classifier.verdict import Classification


class Store:
    """One database of observations and judgements; also a catalog.view.CatalogView.

    Every method may raise StoreError where the database cannot be used: a full disk, a lost connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at an SQLAlchemy URL; create its tables or upgrade them where needed.

        Raises:
            StoreError: it is no database, cannot be reached or written, or has a newer schema.
        """
        database = Database(url)
        try:
            ensure_current(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @property
    def place(self) -> str:
        """Return where the database is, fit to show: no password."""
        return self._database.place

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def record(self, observation: Observation, crawl: int | None = None) -> Changes:
        """Keep one observation, made by ``crawl``, and what it says is present, all or nothing; return what changed."""
        with self._database.writing() as connection:
            return recording.record(connection, observation, crawl)

    def begin_crawl(self, request: str, now: datetime, *, fresh: bool) -> CrawlProgress:
        """Begin a crawl, or go on with one of the same ``request`` that did not finish, unless ``fresh``."""
        with self._database.writing() as connection:
            return crawls.begin(connection, request, now, fresh=fresh)

    def end_crawl(self, crawl: int, now: datetime) -> None:
        """Say that a crawl is done."""
        with self._database.writing() as connection:
            crawls.end(connection, crawl, now)

    def unjudged(self, ruleset: str) -> list[str]:
        """Return the slugs, sorted, of servers whose present entries are not all judged by ``ruleset`` as they are."""
        with self._database.reading() as connection:
            return judging.unjudged(connection, ruleset)

    def present(self, server: str) -> Present:
        """Return the entries present on a server, to judge them; none where no server has this slug."""
        with self._database.reading() as connection:
            return judging.present(connection, server)

    def judge(self, judged: Present, ruleset: str, classifications: Mapping[str, Classification]) -> bool:
        """Keep the verdicts on all entries of ``judged``, by entry key, in place of earlier ones.

        Returns:
            False where the server's entries have changed since ``judged`` was read: nothing is kept, and the server is
            still unjudged.

        Raises:
            ValueError: ``classifications`` has other keys than the entries.
        """
        with self._database.writing() as connection:
            return judging.judge(connection, judged, ruleset, classifications)

    def servers(self) -> Sequence[ServerRow]:
        """Return every server that was ever looked at, sorted by slug."""
        with self._database.reading() as connection:
            return reading.servers(connection)

    def server(self, slug: str) -> ServerRow | None:
        """Return one server, or None."""
        with self._database.reading() as connection:
            return next(iter(reading.servers(connection, slug)), None)

    def entries(self, server: str) -> Sequence[EntryRow]:
        """Return the entries present now on one server, sorted by key, that have a judgement."""
        with self._database.reading() as connection:
            return reading.entries(connection, server)

    def stamps(self) -> Mapping[str, str]:
        """Return for each server, by slug in order, a text that differs whenever a row about it may differ."""
        with self._database.reading() as connection:
            return stamps(connection)

    def history(self, server: str) -> Sequence[ChangeRow]:
        """Return the changes of one server's entries, the latest first, then by key."""
        with self._database.reading() as connection:
            return history(past(connection, server))

    def removed(self, server: str) -> Sequence[RemovedRow]:
        """Return the entries that one server no longer has, by key."""
        with self._database.reading() as connection:
            return removed(past(connection, server))
