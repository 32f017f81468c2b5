"""What of a registry's list has come already: each version is given out once, and a list without an end is noticed."""

import hashlib
import json
from typing import Any

from catalog.model import Problem
from catalog.sources.registry.entry import RegistryEntry, Withdrawn
from catalog.sources.registry.limits import RegistryError


class Seen:
    """Hashes of what one reading has seen, so that it stays small."""

    def __init__(self, most_rows: int) -> None:
        self._most_rows = most_rows
        self._rows = 0
        self._versions: set[bytes] = set()
        self._names: set[bytes] = set()
        self._pages: set[bytes] = set()
        self._cursors: set[str] = set()

    def first(self, found: RegistryEntry | Withdrawn | Problem | None) -> RegistryEntry | Withdrawn | Problem | None:
        """Return ``found`` where it is new; a second latest version of one server is a problem."""
        if found is None or isinstance(found, Problem):
            return found
        version, name = _hash(f"{found.name} {found.version}"), _hash(found.name)
        if version in self._versions:
            return None
        self._versions.add(version)
        if isinstance(found, Withdrawn):
            return found
        if name in self._names:
            message = "another version came before it and neither is marked as replaced; that one was kept"
            return Problem(where=f"{found.name!r} {found.version[:60]!r}", message=message)
        self._names.add(name)
        return found

    def check_page(self, registry: str, number: int, rows: list[Any], *, last: bool) -> None:
        """Raise: RegistryError where a page is an earlier one again, holds nothing and is not the last, or too much."""
        self._rows += len(rows)
        if self._rows > self._most_rows:
            raise endless(registry, f"it has more than {self._most_rows} rows")
        if not rows:
            if not last:
                raise endless(registry, f"page {number} is empty and is not the last one")
            return
        digest = _hash(json.dumps(rows, sort_keys=True))
        if digest in self._pages:
            raise endless(registry, f"page {number} repeats an earlier one")
        self._pages.add(digest)

    def check_cursor(self, registry: str, number: int, cursor: str) -> None:
        """Raise: RegistryError where the next page was asked for already."""
        if cursor in self._cursors:
            raise endless(registry, f"page {number} leads back to an earlier one")
        self._cursors.add(cursor)


def endless(registry: str, what: str) -> RegistryError:
    """Return the error for a list that has no proper end."""
    return RegistryError(
        f"the list of the registry {registry!r} does not end properly: {what}; what came before is kept. "
        "Report it to who runs the registry"
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
