"""What an installer is: it fetches a package without running any of its code and says how to run its server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from catalog.facts import PackageFacts
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.base import Program

PACKAGE = "/opt/package"
"""Where every sandboxed program sees its package: the same on every machine, so that definitions are, too."""


class InstallError(Exception):
    """A package could not be made ready; carries what an observation needs."""

    def __init__(self, reason: Reason, detail: str, hint: str, *, lacking: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.hint = hint
        self.lacking = lacking
        """Names of dependencies that ship no wheel, so that only building them, which runs code, would install them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How dependencies are chosen: to undo drift, or to start at all."""

    name: str
    """For the rung's name, for example ``release-date``."""
    before: datetime | None = None
    """Only files uploaded before this moment."""
    constraints: tuple[str, ...] = ()
    """Requirement strings that bound dependencies, for example ``mcp<2``."""
    extras: tuple[str, ...] = ()
    """Extras of the package itself that its own words asked for."""
    also: tuple[str, ...] = ()
    """Packages that it forgot to name; only SDKs of the protocol, never what an error of its own names."""
    omitted: tuple[str, ...] = ()
    """Dependencies that are left out."""

    @property
    def additions(self) -> str:
        """Return the name of what is added and left out, whatever the versions are; empty for nothing."""
        kinds = (("without", self.omitted), ("extra", self.extras), ("with", self.also))
        return "+".join(f"{kind}:{'+'.join(names)}" for kind, names in kinds if names)

    def after(self, other: "Resolution") -> "Resolution":
        """Return this choice of versions, with what ``other`` adds and leaves out kept."""
        if not other.additions:
            return self
        return Resolution(
            name=f"{other.additions}+{self.name}",
            before=self.before,
            constraints=self.constraints,
            extras=(*other.extras, *self.extras),
            also=(*other.also, *self.also),
            omitted=(*other.omitted, *self.omitted),
        )


NEWEST = Resolution(name="newest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A package on disk and how to run its server."""

    program: Program
    version: str
    tree: Path
    """The folder that holds it. It may be shared with others: never change or delete it."""
    sources: tuple[Path, ...] = ()
    """The package's own files and folders, without its dependencies."""
    note: str = ""
    """What to know about the choice, for example that a newer release wants another Python."""
    facts: PackageFacts | None = None
    """What the package says of itself."""
    beside: Path | None = None
    """A folder that lives as long as the tree, for what is derived from it; None where the tree is not kept."""


class Installer(Protocol):
    """Fetches the packages of one ecosystem."""

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        """Fetch ``package``, or find it where it was kept. Raises: InstallError.

        ``into`` is an empty folder to work in. What is returned may be used as long as it exists: delete it when done.
        """
        ...

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        """Return other ways to choose dependencies, best first, for a server that the newest ones broke."""
        ...

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        """Return the unpacked files of a package that cannot be installed, to be read; empty where there are none."""
        ...

    async def newest(self, package: Package) -> str | None:
        """Return the newest version that the registry serves, without fetching it; None where that cannot be said."""
        ...

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        """Return the newest versions by name, for those that have one, with few runs of the client.

        For the next hour installing one of them asks no registry for its version.
        """
        ...
