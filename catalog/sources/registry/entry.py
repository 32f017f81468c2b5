"""One server as a registry describes it, whatever the generation of its server.json."""

from dataclasses import dataclass
from datetime import datetime

from catalog.model import Problem
from catalog.origin import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPackage:
    """A package that an entry names."""

    where: str
    """For example ``packages[0]``."""
    kind: str
    """The registry's word for where it lives: ``npm``, ``pypi``, ``oci``, ``mcpb``, ``nuget``, ``cargo`` or another."""
    identifier: str
    """A name, an image reference or an address."""
    version: str | None
    base: str | None
    """The address of the package registry, where the entry says one."""
    sha256: str | None
    transport: str
    """How the started program speaks MCP; nearly always ``stdio``."""
    environment: tuple[str, ...]
    """Names of the variables that a user has to fill in."""
    arguments: tuple[str, ...]
    """Words for its command line that stand there literally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRemote:
    """An address at which an entry's server runs."""

    where: str
    url: str
    transport: Transport | None
    """None where the entry names none that is known."""
    headers: tuple[str, ...]
    """Names of the HTTP headers that it wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """The latest version of one server."""

    name: str
    """Reverse DNS: ``namespace/name``."""
    version: str
    title: str | None
    repository: str | None
    homepage: str | None
    published_at: datetime | None
    updated_at: datetime | None
    packages: tuple[RegistryPackage, ...]
    remotes: tuple[RegistryRemote, ...]
    problems: tuple[Problem, ...] = ()
    """What in it was left out."""

    @property
    def namespace(self) -> str:
        """Return who publishes it, as the registry has verified: ``io.github.owner`` or a domain, reversed."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A version that its publisher or the registry took back: deleted, or deprecated."""

    name: str
    version: str
    status: str
