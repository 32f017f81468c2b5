"""Servers and products that a curator wrote down in data/knowledge/servers: one product a file."""

import difflib
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import yaml
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from catalog.errors import KnowledgeError, UsageError
from catalog.model import DiscoveryProfile, ServerRef
from catalog.origin import Package
from catalog.sources.packages import parse_package
from catalog.sources.slugs import RESERVED
from knowledge import folder

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=80)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]


class _Discovery(BaseModel):
    """How a dispatcher tool explains itself; see model.DiscoveryProfile."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server_name: str
    tool: str
    selector: str
    group: str
    payload: str | None = None


class _Server(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug
    title: str
    package: str
    publisher: str | None = None
    homepage: WebAddress | None = None
    repository: WebAddress | None = None
    environment: tuple[VariableName, ...] = ()
    arguments: tuple[str, ...] = ()
    discovery: _Discovery | None = None


class _Product(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Slug
    title: str
    servers: tuple[_Server, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServers:
    """All curated servers."""

    servers: tuple[ServerRef, ...]
    profiles: tuple[DiscoveryProfile, ...]

    def resolve(self, target: str) -> Sequence[ServerRef]:
        """Return the server with this slug, or all servers of the product with this slug.

        Raises: UsageError with the closest names for any other word.
        """
        found = [s for s in self.servers if s.slug == target] or [s for s in self.servers if s.product == target]
        if found:
            return found
        names = sorted({s.slug for s in self.servers} | {s.product for s in self.servers if s.product})
        close = difflib.get_close_matches(target.lower(), names, n=3)
        meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise UsageError(
            f"unknown target {target!r}.{meant} Known servers: catalog list --known. "
            "Any other: pypi:NAME, npm:NAME, or -- COMMAND ARGUMENTS"
        )

    def of_package(self, package: Package) -> ServerRef | None:
        """Return the curated server that lives in ``package``, at the version asked for."""
        for server in self.servers:
            if isinstance(server.origin, Package) and _same_name(server.origin, package):
                return replace(server, origin=package)
        return None


@functools.cache
def load_known_servers() -> KnownServers:
    """Read data/knowledge/servers. Raises: KnowledgeError naming the file and what is wrong with it."""
    servers: dict[str, ServerRef] = {}
    profiles = []
    for file in sorted(folder("servers").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        try:
            product = _Product.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError) as error:
            raise KnowledgeError(f"data/knowledge/servers/{file.name} is not valid: {error}") from error
        for server in product.servers:
            if server.slug in servers or server.slug.startswith(RESERVED):
                raise KnowledgeError(f"data/knowledge/servers/{file.name}: the slug {server.slug!r} is taken")
            servers[server.slug] = _server_ref(product, server)
            if server.discovery:
                profiles.append(DiscoveryProfile(**server.discovery.model_dump()))
    return KnownServers(servers=tuple(servers.values()), profiles=tuple(profiles))


def _server_ref(product: _Product, server: _Server) -> ServerRef:
    package = parse_package(server.package)
    if package is None or package.version:
        raise KnowledgeError(f"server {server.slug!r}: package must be pypi:NAME or npm:NAME, not {server.package!r}")
    return ServerRef(
        slug=server.slug,
        title=server.title,
        origin=package,
        product=product.product,
        product_title=product.title,
        publisher=server.publisher,
        homepage=server.homepage,
        repository=server.repository,
        environment=server.environment,
        arguments=server.arguments,
    )


def _same_name(one: Package, other: Package) -> bool:
    if one.ecosystem != other.ecosystem:
        return False
    if one.ecosystem == "pypi":
        return canonicalize_name(one.name) == canonicalize_name(other.name)
    return one.name == other.name
