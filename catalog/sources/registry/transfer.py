"""One page of a registry over HTTP: size and time bounded, asked again where that may help, not sent when unchanged."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from catalog.sources.registry.limits import RegistryError, RegistryLimits

# Answers after which the same question may get another one.
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))

_REDIRECTS = frozenset((301, 302, 303, 307, 308))


# Characters. A cursor is a server's name and version, an ETag a hash.
LONGEST_CURSOR = 4096
LONGEST_ETAG = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedPage:
    """A page that was given out whole."""

    etag: str
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer to one question."""

    rows: list[Any] | None
    """None where it has not changed."""
    next_cursor: str | None
    etag: str | None = None


class _PassingTrouble(Exception):
    """Something that may be gone the next time."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
        """Seconds that the registry asks to wait."""


class PageReader:
    """Reads the pages of one registry."""

    def __init__(
        self,
        servers: httpx.URL,
        client: httpx.AsyncClient,
        limits: RegistryLimits,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._servers = servers
        self._client = client
        self._limits = limits
        self._sleep = sleep
        self.shown = f"{servers.scheme}://{servers.netloc.decode('ascii').rpartition('@')[2]}"
        """The registry's address as errors name it, without user name and password."""

    async def page(self, url: httpx.URL, remembered: RememberedPage | None) -> Page:
        """Return the page at ``url``. Raises: RegistryError where it cannot be had, or is none."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_PassingTrouble),
            stop=stop_after_attempt(self._limits.attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    return await self._ask(url, remembered)
        except _PassingTrouble as trouble:
            raise RegistryError(
                f"the registry {self.shown!r} did not answer in {self._limits.attempts} attempts ({trouble}); "
                "what it gave before is kept: try again later"
            ) from trouble
        raise AssertionError("tenacity ends by a result or an exception")

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds until the next attempt: those that the registry asks for, else doubling with chance."""
        trouble = state.outcome.exception() if state.outcome is not None else None
        if isinstance(trouble, _PassingTrouble) and trouble.after is not None:
            return trouble.after
        backoff = wait_random_exponential(multiplier=self._limits.backoff_seconds, max=self._limits.longest_wait)
        return float(backoff(state))

    async def _ask(self, url: httpx.URL, remembered: RememberedPage | None) -> Page:
        # No compression: its bytes could not be counted before they are there.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if remembered is not None:
            headers["If-None-Match"] = remembered.etag
        seconds = self._limits.request_seconds
        try:
            async with asyncio.timeout(seconds):
                for _ in range(self._limits.redirects + 1):
                    request = self._client.build_request("GET", url, headers=headers, timeout=seconds)
                    response = await self._client.send(request, stream=True, follow_redirects=False)
                    try:
                        if response.status_code not in _REDIRECTS:
                            return await self._read(response, remembered)
                        url = self._redirected(response)
                    finally:
                        await response.aclose()
        except TimeoutError as error:
            raise _PassingTrouble(f"no whole answer within {seconds:g} s") from error
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        raise RegistryError(
            f"the registry {self.shown!r} redirects more than {self._limits.redirects} times; check its address"
        )

    def _redirected(self, response: httpx.Response) -> httpx.URL:
        try:
            url = response.url.join(response.headers.get("Location", ""))
        except httpx.InvalidURL as error:
            raise RegistryError(f"the registry {self.shown!r} redirects to no address; check its address") from error
        if (url.scheme, url.host, url.port) != (self._servers.scheme, self._servers.host, self._servers.port):
            raise RegistryError(
                f"the registry {self.shown!r} redirects to {str(url)[:200]!r}, which is another place; "
                "if it has moved, name it: --registry URL"
            )
        return url

    async def _read(self, response: httpx.Response, remembered: RememberedPage | None) -> Page:
        status = response.status_code
        if status == 304 and remembered is not None:
            return Page(rows=None, next_cursor=remembered.next_cursor)
        if status in _PASSING:
            after = _retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            if after is not None and after > self._limits.longest_wait:
                raise RegistryError(
                    f"the registry {self.shown!r} asks to come back in {after:.0f} s; what it gave before is kept"
                )
            raise _PassingTrouble(f"HTTP {status}", after=after)
        if status != 200:
            raise RegistryError(
                f"the registry {self.shown!r} answers HTTP {status} to /v0.1/servers; "
                "check that its address is that of an MCP registry"
            )
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise RegistryError(f"the registry {self.shown!r} sends compressed pages although it was asked not to")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._limits.page_bytes:
                raise RegistryError(
                    f"a page of the registry {self.shown!r} has more than {self._limits.page_bytes} bytes; "
                    "no honest page is that large"
                )
        rows, next_cursor = self._parsed(bytes(body))
        return Page(rows=rows, next_cursor=next_cursor, etag=_etag(response))

    def _parsed(self, body: bytes) -> tuple[list[Any], str | None]:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            data = None
        rows = data.get("servers") if isinstance(data, dict) else None
        # Go writes null for a list of none.
        if rows is None and isinstance(data, dict) and "servers" in data:
            rows = []
        if not isinstance(data, dict) or not isinstance(rows, list):
            raise RegistryError(
                f"the registry {self.shown!r} answers with something that is no list of servers; "
                "check that its address is that of an MCP registry"
            )
        return rows, self._cursor(data.get("metadata"))

    def _cursor(self, metadata: object) -> str | None:
        """Return where the next page begins, or None at the end."""
        cursor = None
        if isinstance(metadata, dict):
            cursor = metadata.get("nextCursor") or metadata.get("next_cursor")
        if not isinstance(cursor, str):
            return None
        if len(cursor) > LONGEST_CURSOR or not cursor.isprintable():
            raise RegistryError(f"the registry {self.shown!r} names a next page that cannot be asked for")
        return cursor

    def _unreachable(self, error: httpx.TransportError) -> Exception:
        """Say why there is no connection; a certificate does not mend itself, other things may."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return RegistryError(
                    f"the certificate of the registry {self.shown!r} is not trusted ({cause.verify_message}); "
                    "check the address, or name the authority that signed it with SSL_CERT_FILE"
                )
            if isinstance(cause, ssl.SSLError):
                return RegistryError(
                    f"the registry {self.shown!r} cannot be spoken to over TLS ({cause.reason}); "
                    "check whether its address begins with https:// or http://"
                )
            cause = cause.__cause__ or cause.__context__
        return _PassingTrouble(str(error)[:200] or type(error).__name__)


def _etag(response: httpx.Response) -> str | None:
    """Return what identifies this state of the page, where it can be sent back."""
    etag: str | None = response.headers.get("ETag")
    return etag if etag and len(etag) <= LONGEST_ETAG and etag.isascii() and etag.isprintable() else None


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), None where it does not."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
