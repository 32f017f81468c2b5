"""Read a registry's list of servers over its API, page by page, whatever it answers.

A page is given out before the next one is asked for, so memory stays flat, and what came before a failure is kept.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from catalog.model import Problem
from catalog.sources.registry.entry import RegistryEntry, Withdrawn
from catalog.sources.registry.limits import RegistryLimits
from catalog.sources.registry.reading import read_row
from catalog.sources.registry.seen import Seen, endless
from catalog.sources.registry.transfer import PageReader, RememberedPage


@dataclass(slots=True, kw_only=True)
class PageMemory:
    """What the caller keeps between two syncs of the same question, so that unchanged pages are not sent again."""

    pages: dict[str, RememberedPage] = field(default_factory=dict)
    """By address with query."""
    unchanged: int = 0
    """Pages that the last sync did not get again, since nothing on them has changed."""


class RegistryClient:
    """Reads one registry."""

    def __init__(
        self,
        base: str,
        *,
        client: httpx.AsyncClient,
        limits: RegistryLimits,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``base`` is the address before ``/v0.1`` (see registry_address); ``client`` stays the caller's."""
        self._servers = httpx.URL(base.rstrip("/") + "/v0.1/servers")
        self._limits = limits
        self._reader = PageReader(self._servers, client, limits, sleep)

    async def entries(
        self, *, since: datetime | None, search: str | None, memory: PageMemory | None = None
    ) -> AsyncGenerator[RegistryEntry | Withdrawn | Problem, None]:
        """Yield each server once, in its latest version, and what was withdrawn; a row that is neither is a Problem.

        Args:
            since: Only what was updated after this moment (timezone-aware), with what was deleted since.
            search: Only servers whose name holds this text.
            memory: What the last call with the same ``since`` and ``search`` has kept; unchanged pages yield nothing.

        Raises: RegistryError where the list is not complete: no answer, not its API, pages without an end.
        """
        asked = {"limit": str(self._limits.page_size), "version": "latest"}
        if since is not None:
            asked["updated_since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            asked["include_deleted"] = "true"
        if search:
            asked["search"] = search
        memory = memory if memory is not None else PageMemory()
        memory.unchanged = 0
        seen = Seen(self._limits.rows)
        cursor: str | None = None
        for number in range(1, self._limits.pages + 1):
            url = self._servers.copy_merge_params(asked if cursor is None else {**asked, "cursor": cursor})
            page = await self._reader.page(url, memory.pages.get(str(url)))
            if page.rows is None:
                memory.unchanged += 1
            else:
                seen.check_page(self._reader.shown, number, page.rows, last=page.next_cursor is None)
                for index, row in enumerate(page.rows):
                    if (found := seen.first(read_row(row, f"page {number}, servers[{index}]"))) is not None:
                        yield found
            if page.etag is not None:
                # Not before: a page of which the caller took half must come again.
                memory.pages[str(url)] = RememberedPage(etag=page.etag, next_cursor=page.next_cursor)
            if page.next_cursor is None:
                return
            seen.check_cursor(self._reader.shown, number, page.next_cursor)
            cursor = page.next_cursor
        raise endless(self._reader.shown, f"it has more than {self._limits.pages} pages")
