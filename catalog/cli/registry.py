"""Read the servers of a registry for ``catalog sync --registry``, as a stream: its size does not matter."""

import os
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from catalog.model import Problem
    from catalog.sources.registry.entry import Withdrawn
    from catalog.store.repository import Store
    from catalog.target import Target

# Ends of the slugs that a registry's entry may have (catalog.sources.registry.mapping).
_KINDS = ("npm", "pypi", "oci", "mcpb", "nuget", "cargo", "remote")

_WITHDRAWN = "its publisher or the registry has withdrawn it"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRequest:
    """What is asked of a registry."""

    address: str
    since: datetime | None
    search: str | None

    @classmethod
    def of(cls, stated: str, since: str | None, search: str | None) -> "RegistryRequest":
        """Read the options. Raises: UsageError."""
        from catalog.sources.registry.address import registry_address

        moment: datetime | None = None
        if since is not None:
            try:
                moment = datetime.fromisoformat(since)
            except ValueError as error:
                raise UsageError(f"--since {since!r} is no date; write for example 2026-11-01") from error
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return cls(address=registry_address(stated or None, os.environ), since=moment, search=search)


async def registry_targets(request: RegistryRequest, store: "Store") -> "AsyncIterator[Target]":
    """Yield the servers of the registry; what cannot be looked at is a line on stderr, what was withdrawn is recorded.

    Raises: RegistryError where the registry does not answer or does not end.
    """
    import httpx

    from catalog.model import Problem
    from catalog.sources.registry.client import RegistryClient
    from catalog.sources.registry.entry import Withdrawn
    from catalog.sources.registry.limits import RegistryLimits
    from catalog.sources.registry.mapping import targets

    async with httpx.AsyncClient() as http:
        client = RegistryClient(request.address, client=http, limits=RegistryLimits())
        async for entry in client.entries(since=request.since, search=request.search):
            if isinstance(entry, Problem):
                _note(entry)
            elif isinstance(entry, Withdrawn):
                _withdraw(entry, store)
            else:
                for found in targets(entry):
                    if isinstance(found, Problem):
                        _note(found)
                    else:
                        yield found


def _note(problem: "Problem") -> None:
    from catalog.cli.console import notes
    from catalog.terminal import visible_name

    notes().print(visible_name(f"{problem.where}: {problem.message}"), markup=False, style="yellow", soft_wrap=True)


def _withdraw(entry: "Withdrawn", store: "Store") -> None:
    """Record once that a server was taken back, where the catalogue has it; what is known of it stays."""
    from catalog.model import NotListed, Observation, Reason, ServerRef
    from catalog.sources.slugs import registry_slug

    for kind in _KINDS:
        row = store.server(registry_slug(entry.name, kind))
        if row is None or row.latest.detail == _WITHDRAWN:
            continue
        now = datetime.now(UTC)
        outcome = NotListed(
            reason=Reason.NOT_FOUND,
            detail=_WITHDRAWN,
            hint="do not install it anew; see the registry's entry for the reason",
        )
        server = ServerRef(**{known.name: getattr(row, known.name) for known in fields(ServerRef)})
        store.record(Observation(server=server, started_at=now, finished_at=now, outcome=outcome))
