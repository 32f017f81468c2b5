"""Tools that a reader of one tool's page looks for next."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sitegen.catalogue import CataloguedEntry, order_of_risk

Key = TypeVar("Key")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")

# As many as fit beside the rest of the page.
_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """One related tool and what relates it."""

    entry: CataloguedEntry
    because: str


class Neighbours:
    """Finds the related tools of each entry of one server."""

    def __init__(self, entries: Sequence[CataloguedEntry]) -> None:
        self._actions: dict[str, list[CataloguedEntry]] = defaultdict(list)
        for entry in sorted(entries, key=order_of_risk):
            if entry.row.dispatch:
                self._actions[entry.row.dispatch.tool].append(entry)
        self._names = _grouped({entry.row.key: entry.name for entry in entries}, entries)
        self._resources = {entry.row.key: resource(entry) for entry in entries}
        self._by_resource = _grouped(self._resources, entries)
        self._by_category = _grouped({entry.row.key: entry.verdict.category for entry in entries}, entries)

    def of(self, entry: CataloguedEntry) -> tuple[Related, ...]:
        """Return the tools that undo this one, those on the same resource, and some of the same category.

        Of a dispatcher tool, the riskiest actions that it reaches.
        """
        verdict = entry.verdict
        found: dict[str, Related] = {}
        candidates = [(other, "undoes it") for other in self._names.get(verdict.inverse or "", [])[:1]]
        if entry.row.dispatch:
            candidates += [(other, "reaches it") for other in self._names.get(entry.row.dispatch.tool, [])[:1]]
        else:
            candidates += [(other, "an action of it") for other in self._actions.get(entry.name, ())]
        named = self._resources[entry.row.key]
        if named:
            candidates += [(other, "same resource") for other in self._by_resource[named]]
        alike = self._by_category[verdict.category][: _MOST + 1]
        candidates += [(other, f"also {verdict.category}") for other in alike]
        for other, because in candidates:
            if other.row.key != entry.row.key and len(found) < _MOST:
                found.setdefault(other.row.key, Related(entry=other, because=because))
        return tuple(found.values())


def resource(entry: CataloguedEntry) -> tuple[str, ...]:
    """Return what an entry acts on, so that two names of the same thing are equal: lower case, singular."""
    return tuple(word.lower().rstrip("s") for word in subject(entry))


def subject(entry: CataloguedEntry) -> tuple[str, ...]:
    """Return the words of an entry's name without its verb: the words that decided its category."""
    name = entry.name
    verbs = [
        (evidence.start, evidence.end)
        for evidence in entry.verdict.evidence
        if evidence.field == "name" and evidence.contributes == "category"
    ]
    return tuple(
        match.group()
        for match in _WORD.finditer(name)
        if not any(start < match.end() and match.start() < end for start, end in verbs)
    )


def _grouped(groups: Mapping[str, Key], entries: Sequence[CataloguedEntry]) -> Mapping[Key, list[CataloguedEntry]]:
    grouped: dict[Key, list[CataloguedEntry]] = defaultdict(list)
    for entry in entries:
        grouped[groups[entry.row.key]].append(entry)
    return grouped
