"""Which folder each entry of a server has: chosen once, kept for good."""

from collections.abc import Mapping, Sequence

from catalog.view import EntryRow, RemovedRow
from sitegen.slugs import unique_slugs

RESERVED = ("page",)
"""Folders of a server's page that are no entry's: further pages of its list."""


def folders(entries: Sequence[EntryRow], removed: Sequence[RemovedRow], kept: Mapping[str, str]) -> Mapping[str, str]:
    """Return the folder of each key, present or gone; ``kept`` are those of earlier builds."""
    return unique_slugs(names(entries, removed).items(), kept, RESERVED)


def names(entries: Sequence[EntryRow], removed: Sequence[RemovedRow]) -> Mapping[str, str]:
    """Return the name of each key, present or gone."""
    return {row.key: row.definition.name for row in removed} | {row.key: row.definition.name for row in entries}
