"""The newest versions that a registry was asked for lately: one answer for many packages, used one by one."""

import time
from collections.abc import Callable, Mapping

from catalog.origin import Package

FRESH_SECONDS = 3600.0
"""How long an answer counts: a release of the last hour can wait."""


class Lookups:
    """Remembers versions while the process runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[str, tuple[float, str]] = {}

    def remember(self, versions: Mapping[str, str]) -> None:
        """Remember ``versions`` by name."""
        now = self._clock()
        self._found.update((name, (now, version)) for name, version in versions.items())

    def version(self, package: Package) -> str | None:
        """Return what was remembered within the last hour."""
        found = self._found.get(package.name)
        return found[1] if found is not None and self._clock() - found[0] < FRESH_SECONDS else None
