"""The ledger of one site: folders, the index, and what each owner has written.

All of one build is one transaction, so that a build that fails leaves the ledger as it was, like the site.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sitegen.ledger.index import LedgerIndex
from sitegen.ledger.rows import change_row, entry_row, kept, rank_row, read, server_row
from sitegen.ledger.schema import SCHEMA, VERSION
from sitegen.summary import Summary

LEDGER = ".catalog-site.db"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the site as it was written last."""

    hash: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a site has."""

    pages: int
    files: int
    size: int
    """Bytes."""


Files = Mapping[str, WrittenFile]
"""By path from the site's root."""


class LedgerError(Exception):
    """The file is no ledger of ours, or names what a site cannot hold."""


def is_inside(path: str) -> bool:
    """Say whether a path from the site's root stays in the site: others may have written what names it."""
    return not path.startswith("/") and ".." not in path and "\\" not in path


class Ledger:
    """An open ledger in a transaction of its own; it is kept only where ``commit`` is called."""

    def __init__(self, file: Path) -> None:
        """Open or make the ledger.

        Raises: LedgerError where the file is something else; sqlite3.OperationalError where it cannot be used now.
        """
        self._connection = sqlite3.connect(file, isolation_level=None)
        try:
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA temp_store = FILE")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            self._connection.execute("BEGIN IMMEDIATE")
            if version != VERSION:
                self._make_anew()
        except sqlite3.OperationalError:  # no room, no right to write, or a build that runs
            self._connection.close()
            raise
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise LedgerError(str(error)) from error
        self.index = LedgerIndex(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()  # rolls back what was not committed

    def commit(self) -> None:
        """Keep what was put, and begin the next transaction."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def meta(self, name: str) -> str | None:
        """Return a value by its name."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def put_meta(self, name: str, value: str) -> None:
        """Keep a value by its name."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def stamps(self) -> list[tuple[str, str]]:
        """Return each owner with the stamp of what it was made from last."""
        return self._connection.execute("SELECT name, stamp FROM owner ORDER BY name").fetchall()

    def counts(self) -> Counts:
        """Return how much of everything is there."""
        row = self._connection.execute("SELECT total(pages), total(number), total(bytes) FROM owner").fetchone()
        pages, files, size = map(int, row)
        return Counts(pages=pages, files=files, size=size)

    def files(self, owner: str) -> Files:
        """Return what an owner has written; nothing where it never did.

        Raises: LedgerError where a path leads out of the site.
        """
        row = self._connection.execute("SELECT files FROM owner WHERE name = ?", (owner,)).fetchone()
        return _files(row[0]) if row else {}

    def put_files(self, owner: str, stamp: str, files: Files) -> None:
        """Keep what an owner has written, and the stamp of what it was made from."""
        lines = "\n".join(f"{file.hash} {file.size} {path}" for path, file in files.items())
        pages = sum(path.endswith(".html") for path in files)
        size = sum(file.size for file in files.values())
        row = (owner, stamp, pages, len(files), size, lines)
        self._connection.execute("INSERT OR REPLACE INTO owner VALUES (?, ?, ?, ?, ?, ?)", row)

    def forget_owner(self, owner: str) -> None:
        """Forget what an owner has written."""
        self._connection.execute("DELETE FROM owner WHERE name = ?", (owner,))

    def folders(self, server: str) -> Mapping[str, str]:
        """Return the folder of each key that the server ever had. Raises: LedgerError where one is outside the site."""
        rows = self._connection.execute("SELECT key, folder FROM folder WHERE server = ?", (server,))
        return {read(key): _checked(folder) for key, folder in rows}

    def put_folders(self, server: str, folders: Mapping[str, str]) -> None:
        """Keep the folders of keys that have none yet."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO folder VALUES (?, ?, ?)",
            ((server, kept(key), folder) for key, folder in folders.items()),
        )

    def put_server(self, summary: Summary) -> None:
        """Put a server into the index in place of what was there, and keep its folders."""
        self.forget_server(summary.server.slug)
        execute = self._connection.executemany
        execute(f"INSERT INTO server VALUES ({_marks(17)})", [server_row(summary.server)])  # noqa: S608  # marks only
        execute(f"INSERT INTO entry VALUES ({_marks(14)})", map(entry_row, summary.entries))  # noqa: S608  # marks only
        fired = ((rule, *rank_row(entry)) for entry in summary.entries for rule in entry.rules)
        execute("INSERT INTO fired VALUES (?, ?, ?, ?, ?, ?)", fired)
        rows = (change_row(number, change) for number, change in enumerate(summary.changes))
        execute(f"INSERT INTO change VALUES ({_marks(11)})", rows)  # noqa: S608  # marks only
        self.put_folders(summary.server.slug, summary.folders)

    def forget_server(self, slug: str) -> None:
        """Take a server out of the index; its folders stay its own."""
        self._connection.execute("DELETE FROM server WHERE slug = ?", (slug,))
        for table in ("entry", "fired", "change"):
            self._connection.execute(f"DELETE FROM {table} WHERE server = ?", (slug,))  # noqa: S608  # our own words

    def _make_anew(self) -> None:
        """Drop tables of another version. Folders are kept for good, and what was written is still ours."""
        files: list[tuple[object, ...]] = []
        folders: list[tuple[object, ...]] = []
        with suppress(sqlite3.DatabaseError):
            files = self._connection.execute("SELECT name, '', 0, 0, 0, files FROM owner").fetchall()
            folders = self._connection.execute("SELECT server, key, folder FROM folder").fetchall()
        tables = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            self._connection.execute(f'DROP TABLE "{table}"')
        for statement in SCHEMA.split(";"):
            self._connection.execute(statement)
        self._connection.executemany("INSERT INTO owner VALUES (?, ?, ?, ?, ?, ?)", files)
        self._connection.executemany("INSERT INTO folder VALUES (?, ?, ?)", folders)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")


def _files(lines: str) -> Files:
    found = {}
    for line in lines.splitlines():
        try:
            hash_, size, path = line.split(" ", 2)
            found[_checked(path)] = WrittenFile(hash_, int(size))
        except ValueError as error:
            raise LedgerError(f"it holds the line {line!r}") from error
    return found


def _checked(path: str) -> str:
    if not is_inside(path):
        raise LedgerError(f"it names {path!r}, which is outside the site")
    return path


def _marks(number: int) -> str:
    return ", ".join("?" * number)
