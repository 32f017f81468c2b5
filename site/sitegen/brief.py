"""A change in short, for the index and for feeds: both name it the same, so that it has one identity."""

from collections.abc import Callable

from catalog.view import ChangeKind, ChangeRow
from sitegen.index import IndexedChange
from sitegen.visible import LONGEST_NAME, one_line


def indexed_change(change: ChangeRow, *, title: str, page: str, path_of: Callable[[str], str | None]) -> IndexedChange:
    """Return a change of the server with this ``title`` and ``page``; ``path_of`` finds an entry's page by its key."""
    keys = [change.new_key, change.key] if change.new_key is not None else [change.key]
    return IndexedChange(
        server=change.server,
        server_title=title,
        server_path=page,
        name=_name(change),
        new_name=_shown(change.after.name) if change.kind is ChangeKind.RENAMED and change.after else "",
        path=next(filter(None, map(path_of, keys)), page),
        at=change.at,
        kind=change.kind,
        effect=change.effect,
        category=change.category,
        risk=change.risk,
        risk_before=change.risk_before,
    )


def _name(change: ChangeRow) -> str:
    definition = change.before or change.after
    return _shown(definition.name if definition else change.key)


def _shown(name: str) -> str:
    return one_line(name, LONGEST_NAME) or "(no name)"
