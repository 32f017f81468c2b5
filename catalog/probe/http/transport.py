"""Connect to exactly the addresses that the guard judged; the name stays in TLS and in the Host header.

Proxies of the environment are not used: a proxy looks names up by itself, so that nobody here could judge the answer.
"""

import httpx

from catalog.probe.http.bodies import Meter, bounded
from catalog.probe.http.guard import Guard

Origin = tuple[str, str, int]
"""Scheme, host and port (RFC 6454)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: httpx.URL) -> Origin:
    """Return the origin of an http or https address."""
    return url.scheme, url.raw_host.decode("ascii"), url.port or _DEFAULT_PORTS[url.scheme]


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests for one conversation; each origin is resolved once and stays where it was found."""

    def __init__(self, guard: Guard, meter: Meter, *, trusted: Origin | None) -> None:
        self._guard = guard
        self._meter = meter
        self._trusted = trusted
        self._found: dict[Origin, tuple[str, ...]] = {}
        # One pool an origin: a connection that was verified for one name must not serve another.
        self._pools: dict[Origin, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See ``httpx.AsyncBaseTransport``. Raises: RemoteError besides."""
        origin = origin_of(request.url)
        _, host, port = origin
        if origin not in self._found:
            trusted = origin == self._trusted
            self._found[origin] = await self._guard.addresses(host, port, trusted=trusted)
            self._pools[origin] = httpx.AsyncHTTPTransport(verify=self._guard.tls, trust_env=False)
        response = await self._send(request, origin)
        try:
            return bounded(response, self._meter)
        except BaseException:
            await response.aclose()
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def _send(self, request: httpx.Request, origin: Origin) -> httpx.Response:
        addresses = self._found[origin]
        for address in addresses:
            try:
                response = await self._pools[origin].handle_async_request(_to(request, address, origin[1]))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                # Where one address answered, the session lives.
                self._found[origin] = (address,)
                return response
        raise AssertionError(addresses)


def _to(request: httpx.Request, address: str, host: str) -> httpx.Request:
    """Return the same request, for the connection to ``address``; its Host header was written from the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
