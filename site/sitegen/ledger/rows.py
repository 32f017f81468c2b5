"""Index rows to database rows and back. Text of servers is kept as bytes: it may hold what no database calls text."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from catalog.view import ChangeKind, Effect
from classifier.verdict import Category, Level
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer

Row = tuple[Any, ...]

# Every build reads all entries, and these are much quicker than asking an enumeration or parsing a moment again.
_CATEGORIES = {category.value: category for category in Category}
_LEVELS = {int(level): level for level in Level}
_moment = lru_cache(1_000)(datetime.fromisoformat)

SERVER_COLUMNS = (
    "slug, path, title, origin, publisher, product, product_title, known_from, maybe_partial, reason, tools, actions, "
    "tokens, grade, risks, looked_at, changed_at"
)
ENTRY_COLUMNS = (
    "entry.server, server.title, server.path, entry.key, entry.name, entry.path, entry.summary, entry.category, "
    "entry.risk, entry.severity, entry.confidence, entry.traits, entry.rules, entry.provenance, entry.is_action, "
    "entry.changed_at"
)
CHANGE_COLUMNS = (
    "change.server, server.title, server.path, change.name, change.new_name, change.path, change.at, change.kind, "
    "change.effect, change.category, change.risk, change.risk_before"
)


def kept(text: str) -> bytes:
    """Return text as it is stored."""
    return text.encode("utf-8", "surrogatepass")


def read(stored: bytes) -> str:
    """Return text as it was before ``kept``."""
    return stored.decode("utf-8", "surrogatepass")


def server_row(server: IndexedServer) -> Row:
    """Return a server in the order of SERVER_COLUMNS."""
    return (
        server.slug,
        server.path,
        kept(server.title),
        kept(server.origin),
        kept(server.publisher),
        server.product,
        kept(server.product_title),
        server.known_from,
        server.maybe_partial,
        server.reason,
        server.tools,
        server.actions,
        server.tokens,
        server.grade,
        " ".join(map(str, server.risks)),
        server.looked_at.isoformat(),
        server.changed_at.isoformat(),
    )


def indexed_server(row: Row) -> IndexedServer:
    """Return the server of a row."""
    low, medium, high, critical = map(int, row[14].split())
    return IndexedServer(
        slug=row[0],
        path=row[1],
        title=read(row[2]),
        origin=read(row[3]),
        publisher=read(row[4]),
        product=row[5],
        product_title=read(row[6]),
        known_from=row[7],
        maybe_partial=bool(row[8]),
        reason=row[9],
        tools=row[10],
        actions=row[11],
        tokens=row[12],
        grade=row[13],
        risks=(low, medium, high, critical),
        looked_at=datetime.fromisoformat(row[15]),
        changed_at=datetime.fromisoformat(row[16]),
    )


def entry_row(entry: IndexedEntry) -> Row:
    """Return an entry in the order of the table's columns; the server's title and path are in its own row."""
    return (
        entry.server,
        kept(entry.key),
        kept(entry.name),
        entry.path,
        kept(entry.summary),
        entry.category.value,
        int(entry.risk),
        int(entry.severity),
        entry.confidence,
        " ".join(entry.traits),
        " ".join(entry.rules),
        entry.provenance,
        entry.is_action,
        entry.changed_at.isoformat(),
    )


def rank_row(entry: IndexedEntry) -> Row:
    """Return what an entry is ranked by, and what it is found by: risk, severity, confidence, server, key."""
    return int(entry.risk), int(entry.severity), entry.confidence, entry.server, kept(entry.key)


def indexed_entry(row: Row) -> IndexedEntry:
    """Return the entry of a row with ENTRY_COLUMNS."""
    return IndexedEntry(
        server=row[0],
        server_title=read(row[1]),
        server_path=row[2],
        key=read(row[3]),
        name=read(row[4]),
        path=row[5],
        summary=read(row[6]),
        category=_CATEGORIES[row[7]],
        risk=_LEVELS[row[8]],
        severity=_LEVELS[row[9]],
        confidence=row[10],
        traits=tuple(row[11].split()),
        rules=tuple(row[12].split()),
        provenance=row[13],
        is_action=bool(row[14]),
        changed_at=_moment(row[15]),
    )


def change_row(number: int, change: IndexedChange) -> Row:
    """Return a change in the order of the table's columns; ``number`` tells the server's changes apart."""
    return (
        change.server,
        number,
        kept(change.name),
        kept(change.new_name),
        change.path,
        change.at.isoformat(),
        change.kind.value,
        change.effect.value if change.effect else None,
        change.category.value if change.category else None,
        change.risk,
        change.risk_before,
    )


def indexed_change(row: Row) -> IndexedChange:
    """Return the change of a row with CHANGE_COLUMNS."""
    return IndexedChange(
        server=row[0],
        server_title=read(row[1]),
        server_path=row[2],
        name=read(row[3]),
        new_name=read(row[4]),
        path=row[5],
        at=datetime.fromisoformat(row[6]),
        kind=ChangeKind(row[7]),
        effect=Effect(row[8]) if row[8] else None,
        category=Category(row[9]) if row[9] else None,
        risk=Level(row[10]) if row[10] else None,
        risk_before=Level(row[11]) if row[11] else None,
    )
