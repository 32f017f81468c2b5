"""Pass over servers that need not be looked at: done by this crawl before, or unchanged since they were last seen."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.crawl.freshness import Freshness, need_not_look
from catalog.install.base import Installer
from catalog.origin import Package
from catalog.sources.clones import clone_finding
from catalog.target import Target
from catalog.view import ServerRow

Newest = Callable[[Package], Awaitable[str | None]]
"""Asks the registry for the version of a package that it would serve now; None where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skimmer:
    """Implements crawler.Skim."""

    last: Callable[[str], ServerRow | None]
    """Returns a server as last known, by its slug."""
    newest: Newest
    wanted: Freshness
    done: Set[str] = frozenset()
    """Slugs of the servers that this crawl has looked at, before it was interrupted."""
    folds_clones: bool = False
    """Pass over republished copies: in a whole registry the original is there, too."""

    async def __call__(self, target: Target) -> str | None:
        """See ``Skim``."""
        if target.server.slug in self.done:
            return "seen before this crawl was interrupted"
        origin = target.server.origin
        if self.folds_clones and isinstance(origin, Package) and (clone := clone_finding(origin)):
            return clone.detail
        if self.wanted.fresh:
            return None
        last = self.last(target.server.slug)
        newest = origin.version if isinstance(origin, Package) else None
        if isinstance(origin, Package) and newest is None and last is not None and self.wanted.max_age is None:
            newest = await self.newest(origin)
        return need_not_look(target, last, newest, self.wanted, datetime.now(UTC))


def newest_of(installers: Mapping[str, Installer]) -> Newest:
    """Return what asks the installer of a package's ecosystem."""

    async def newest(package: Package) -> str | None:
        installer = installers.get(package.ecosystem)
        return await installer.newest(package) if installer else None

    return newest


async def look_up(
    targets: Iterable[Target], last: Callable[[str], ServerRow | None], installers: Mapping[str, Installer]
) -> None:
    """Let each installer look up at once the newest versions of the packages that are known: one client for many."""
    known: dict[str, list[Package]] = {}
    for target in targets:
        origin = target.server.origin
        if isinstance(origin, Package) and origin.version is None and last(target.server.slug) is not None:
            known.setdefault(origin.ecosystem, []).append(origin)
    for ecosystem, packages in known.items():
        if ecosystem in installers:
            await installers[ecosystem].newest_of_many(packages)
