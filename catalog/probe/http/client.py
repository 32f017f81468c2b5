"""Send one request at a time: redirects are followed by hand, and the user's headers go to the typed origin only."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType

import httpx

from catalog.model import Reason
from catalog.origin import Remote
from catalog.probe.base import ProbeLimits
from catalog.probe.http.bodies import ENCODINGS, Meter
from catalog.probe.http.failures import SHOWN, RemoteError, failed, refused_address
from catalog.probe.http.guard import Guard
from catalog.probe.http.transport import GuardedTransport, origin_of

# Seconds until a connection stands, TLS included.
CONNECT_SECONDS = 10.0

# Seconds a connection may be silent, in either direction; above the longest answer that is waited for.
IDLE_SECONDS = 60.0

MOST_REDIRECTS = 5

# Bytes of a body that only explains a refusal.
EXPLANATION_BYTES = 64 * 1024

# What may follow a redirect to another origin; anything else may be a credential or name a session.
_NEUTRAL = frozenset(("accept", "content-type", "mcp-protocol-version"))

# 303 means: see something else (RFC 9110). That is no answer to a request of ours.
_REDIRECTS = frozenset((301, 302, 307, 308))

Turn = Callable[[str], Awaitable[None]]
"""Waits until the host may be sent a request."""


class HttpClient:
    """Sends the requests of one conversation, as an async context manager."""

    def __init__(
        self,
        remote: Remote,
        guard: Guard,
        limits: ProbeLimits,
        *,
        headers: Mapping[str, str],
        user_agent: str,
        turn: Turn,
    ) -> None:
        self.limits = limits
        self.meter = Meter(limits)
        self._turn = turn
        self._own_origin = origin_of(httpx.URL(remote.url))
        # As bytes: httpx would refuse what is not ASCII, and quote it.
        self._own = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers.items()]
        # httpx writes every address, with its query, to its log.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            transport=GuardedTransport(guard, self.meter, trusted=self._own_origin if remote.typed else None),
            timeout=httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": user_agent, "Accept-Encoding": ENCODINGS},
            trust_env=False,
            follow_redirects=False,
        )

    async def __aenter__(self) -> "HttpClient":
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and yield its answer, of any status but a redirect's; read the body inside.

        Args:
            method: The HTTP method; a redirect keeps it.
            url: An absolute address.
            headers: What this request says.
            body: What it carries.

        Raises: RemoteError for anything that goes wrong, also while the body is read inside.
        """
        try:
            async with self._redirected(method, _address(url), headers, body) as response:
                yield response
        except httpx.HTTPError as error:
            raise failed(error) from error
        except httpx.InvalidURL as error:
            raise refused_address(f"an address that is none: {error}"[:SHOWN], "report it upstream") from error

    @asynccontextmanager
    async def _redirected(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        first = origin_of(url)
        for _ in range(MOST_REDIRECTS + 1):
            origin = origin_of(url)
            kept = [
                (name.encode(), value.encode())
                for name, value in headers.items()
                if origin == first or name.lower() in _NEUTRAL
            ]
            ours = {name.lower() for name, _ in kept}
            own = [one for one in self._own if origin == self._own_origin and one[0].lower() not in ours]
            await self._turn(origin[1])
            self.meter.next_message()
            request = self._http.build_request(method, url, headers=[*own, *kept], content=body)
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    yield response
                    return
                url = _following(url, response.headers["location"])
            finally:
                await response.aclose()
        raise RemoteError(
            Reason.PROTOCOL_ERROR, f"more than {MOST_REDIRECTS} redirects", "check the address, it may lead in circles"
        )

    async def explanation(self, response: httpx.Response) -> bytes:
        """Return the beginning of a body that explains a refusal; empty where it cannot be read."""
        try:
            return await first_bytes(response, EXPLANATION_BYTES)
        except (httpx.HTTPError, RemoteError):
            return b""


async def first_bytes(response: httpx.Response, most: int) -> bytes:
    """Return at most ``most`` bytes of the body. Raises: RemoteError, httpx.HTTPError."""
    read = bytearray()
    async for chunk in response.aiter_bytes():
        read += chunk
        if len(read) >= most:
            break
    return bytes(read[:most])


def same_origin(one: str, other: str) -> bool:
    """Say whether two absolute http addresses have the same scheme, host and port."""
    try:
        return origin_of(_address(one)) == origin_of(_address(other))
    except (httpx.InvalidURL, RemoteError):
        return False


def shown(url: httpx.URL) -> str:
    """Return an address fit for a detail: without what may be a key, bounded."""
    return Remote(url=str(url)).public[:SHOWN]


def _address(url: str) -> httpx.URL:
    """Return ``url`` parsed. Raises: RemoteError where it is no http address; httpx.InvalidURL where it is none."""
    address = httpx.URL(url)
    if address.scheme not in ("http", "https") or not address.raw_host:
        raise refused_address(f"{shown(address)!r} is no http address", "report it to who published the address")
    return address


def _following(url: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads. Raises: RemoteError where it must not be followed; httpx.InvalidURL."""
    following = _address(str(url.join(location)))
    if url.scheme == "https" and following.scheme == "http":
        raise refused_address(
            f"a redirect from https to http ({shown(following)!r}) is not followed", "report it to who runs the server"
        )
    # A user name and password in it would be sent on.
    return following.copy_with(username=None, password=None, fragment=None)
