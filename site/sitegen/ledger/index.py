"""The index of the whole catalogue, streamed from the ledger."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from classifier.verdict import Category, Level
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.ledger.rows import (
    CHANGE_COLUMNS,
    ENTRY_COLUMNS,
    SERVER_COLUMNS,
    indexed_change,
    indexed_entry,
    indexed_server,
    kept,
    read,
)

_RANKED = "ORDER BY entry.risk DESC, entry.severity DESC, entry.confidence DESC, entry.server, entry.key"


class LedgerIndex:
    """Implements sitegen.index.Index; also finds namesakes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def as_of(self) -> datetime | None:
        """See ``Index.as_of``."""
        (latest,) = self._connection.execute("SELECT max(looked_at) FROM server").fetchone()
        return datetime.fromisoformat(latest) if latest else None

    @cached_property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """See ``Index.cells``."""
        rows = self._connection.execute("SELECT category, risk, count(*) FROM entry GROUP BY category, risk")
        return {(Category(category), Level(risk)): number for category, risk, number in rows}

    @cached_property
    def server_count(self) -> int:
        """See ``Index.server_count``."""
        return int(self._connection.execute("SELECT count(*) FROM server").fetchone()[0])

    @cached_property
    def action_count(self) -> int:
        """See ``Index.action_count``."""
        return int(self._connection.execute("SELECT coalesce(sum(is_action), 0) FROM entry").fetchone()[0])

    def servers(self) -> Iterator[IndexedServer]:
        """See ``Index.servers``."""
        yield from map(indexed_server, self._connection.execute(f"SELECT {SERVER_COLUMNS} FROM server ORDER BY slug"))  # noqa: S608  # our own words

    def entries(self) -> Iterator[IndexedEntry]:
        """See ``Index.entries``."""
        yield from self._entries("ORDER BY entry.server, entry.key")

    def ranked(self) -> Iterator[IndexedEntry]:
        """See ``Index.ranked``."""
        yield from self._entries(_RANKED)

    def of_risk(self, level: Level, most: int) -> Iterator[IndexedEntry]:
        """See ``Index.of_risk``."""
        yield from self._entries(f"WHERE entry.risk = ? {_RANKED} LIMIT ?", (int(level), most))

    def of_category(self, category: Category, most: int) -> Iterator[IndexedEntry]:
        """See ``Index.of_category``."""
        yield from self._entries(f"WHERE entry.category = ? {_RANKED} LIMIT ?", (category.value, most))

    def fired(self, rule: str, most: int) -> Iterator[IndexedEntry]:
        """See ``Index.fired``."""
        statement = (
            f"SELECT {ENTRY_COLUMNS} FROM "  # noqa: S608  # our own words
            "(SELECT server, key FROM fired WHERE rule = ? "
            "ORDER BY risk DESC, severity DESC, confidence DESC, server, key LIMIT ?) AS found "
            "CROSS JOIN entry ON entry.server = found.server AND entry.key = found.key "
            f"CROSS JOIN server ON server.slug = entry.server {_RANKED}"
        )
        yield from map(indexed_entry, self._connection.execute(statement, (rule, most)))

    def holding(self, trait_sets: Collection[tuple[str, ...]], most: int) -> Iterator[IndexedEntry]:
        """See ``Index.holding``."""
        wanted = [" ".join(traits) for traits in trait_sets]
        marks = ", ".join("?" * len(wanted))
        yield from self._entries(f"WHERE entry.traits IN ({marks}) {_RANKED} LIMIT ?", (*wanted, most))

    def rules(self) -> Mapping[str, int]:
        """See ``Index.rules``."""
        return dict(self._connection.execute("SELECT rule, count(*) FROM fired GROUP BY rule"))

    def trait_sets(self) -> Mapping[tuple[str, ...], int]:
        """See ``Index.trait_sets``."""
        rows = self._connection.execute("SELECT traits, count(*) FROM entry GROUP BY traits")
        return {tuple(traits.split()): number for traits, number in rows}

    def changes(self, most: int) -> Sequence[IndexedChange]:
        """See ``Index.changes``."""
        rows = self._connection.execute(
            f"SELECT {CHANGE_COLUMNS} FROM change JOIN server ON server.slug = change.server "  # noqa: S608  # our own words
            "ORDER BY change.at DESC, change.server, change.number LIMIT ?",
            (most,),
        )
        return [indexed_change(row) for row in rows]

    def named(self, name: str, most: int) -> list[IndexedEntry]:
        """Return the ``most`` riskiest entries with exactly this name."""
        return list(self._entries(f"WHERE entry.name = ? {_RANKED} LIMIT ?", (kept(name), most)))

    def servers_naming(self, name: str) -> list[str]:
        """Return the slugs of all servers that have an entry of this name."""
        rows = self._connection.execute("SELECT DISTINCT server FROM entry WHERE name = ?", (kept(name),))
        return [slug for (slug,) in rows]

    def keys(self, server: str) -> list[tuple[str, str]]:
        """Return the key and the name of each of a server's entries."""
        rows = self._connection.execute("SELECT key, name FROM entry WHERE server = ? ORDER BY key", (server,))
        return [(read(key), read(name)) for key, name in rows]

    def _entries(self, rest: str, values: tuple[object, ...] = ()) -> Iterator[IndexedEntry]:
        # CROSS JOIN keeps the order of the loops: entries as asked for, then each one's server.
        statement = f"SELECT {ENTRY_COLUMNS} FROM entry CROSS JOIN server ON server.slug = entry.server {rest}"  # noqa: S608  # our own words
        yield from map(indexed_entry, self._connection.execute(statement, values))
