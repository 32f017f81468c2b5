"""A server and its entries in a few words each: the rows of the index."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.server_profile import profile
from catalog.view import ChangeRow, EntryRow, ServerRow
from classifier.grade import Grade
from classifier.verdict import Level
from sitegen.brief import indexed_change
from sitegen.catalogue import Place, server_of
from sitegen.folders import folders
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.parts import Parts
from sitegen.standing import standing
from sitegen.visible import LONGEST_NAME, bounded, one_line

SUMMARY = 150
"""Characters of a description in lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One server for the index."""

    server: IndexedServer
    entries: tuple[IndexedEntry, ...]
    changes: tuple[IndexedChange, ...]
    folders: Mapping[str, str]


def summary(slug: str, folder: str, kept: Mapping[str, str], parts: Parts) -> Summary:
    """Read a server and say in short what it has; ``kept`` are the folders it has already."""
    row = server_of(parts.view, slug)
    rows, history, removed = parts.view.entries(slug), parts.view.history(slug), parts.view.removed(slug)
    place = Place(path=f"servers/{folder}/", folders=folders(rows, removed, kept))
    server = _server(row, place.path, rows, history)
    return Summary(
        server=server,
        entries=tuple(_entry(entry, server, place) for entry in rows),
        changes=tuple(
            indexed_change(change, title=server.title, page=server.path, path_of=place.find) for change in history
        ),
        folders=place.folders,
    )


def _server(row: ServerRow, path: str, rows: Sequence[EntryRow], history: Sequence[ChangeRow]) -> IndexedServer:
    how, known = standing(row, rows), profile(rows)
    risks = Counter(entry.classification.risk for entry in rows)
    return IndexedServer(
        slug=row.slug,
        path=path,
        title=one_line(row.title, LONGEST_NAME) or row.slug,
        origin=bounded(row.origin.public, LONGEST_NAME),
        publisher=one_line(row.publisher or "", LONGEST_NAME),
        product=row.product or "",
        product_title=one_line(row.product_title or row.product or "", LONGEST_NAME),
        known_from=how.kind,
        maybe_partial=how.partial,
        reason=row.latest.reason or "",
        tools=row.tools,
        actions=row.actions,
        tokens=known.tokens,
        grade=known.grade.letter if isinstance(known.grade, Grade) else "",
        risks=(risks[Level.LOW], risks[Level.MEDIUM], risks[Level.HIGH], risks[Level.CRITICAL]),
        looked_at=row.latest.finished_at,
        changed_at=max(
            (*(entry.first_seen for entry in rows), *(change.at for change in history)),
            default=row.latest.finished_at,
        ),
    )


def _entry(entry: EntryRow, server: IndexedServer, place: Place) -> IndexedEntry:
    verdict, tool = entry.classification, entry.definition.tool
    return IndexedEntry(
        server=server.slug,
        server_title=server.title,
        server_path=server.path,
        key=entry.key,
        name=one_line(tool.name, LONGEST_NAME) or "(no name)",
        path=place.of(entry.key),
        summary=one_line(tool.description, SUMMARY),
        category=verdict.category,
        risk=verdict.risk,
        severity=verdict.severity,
        confidence=verdict.confidence,
        traits=tuple(verdict.traits),
        rules=tuple(dict.fromkeys(evidence.rule for evidence in verdict.evidence)),
        provenance=entry.provenance.value,
        is_action=entry.dispatch is not None,
        changed_at=entry.first_seen,
    )
