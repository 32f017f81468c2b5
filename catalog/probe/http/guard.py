"""Which addresses may be connected to: an address that comes from data must lead to the public internet.

The name is resolved here, once; every answer is judged, and the connection goes to exactly the addresses that were
judged (transport.py). So a name that answers differently the second time is of no use to anybody.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol

import httpx

from catalog.probe.http.failures import RemoteError, refused_address, unresolved

Address = IPv4Address | IPv6Address

# Seconds a name may take to be looked up; system resolvers give up after 10 to 30.
RESOLVE_SECONDS = 10.0

# Addresses of one name that are tried, in the resolver's order.
MOST_ADDRESSES = 4

# Services that are not HTTP and act on what they are sent (as browsers block them: WHATWG Fetch, port blocking).
_BLOCKED = (
    7,
    9,
    19,
    20,
    21,
    22,
    23,
    25,
    53,
    110,
    111,
    119,
    135,
    139,
    143,
    389,
    445,
    465,
    512,
    513,
    514,
    587,
    636,
    993,
    995,
)

# Databases and daemons that run whatever they are told.
_DAEMONS = (1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 6379, 6667, 11211, 27017)

REFUSED_PORTS = frozenset((*_BLOCKED, *_DAEMONS))

# The unicast space of IPv6 that is handed out (IANA); everything outside of it is special.
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

# What Python calls global in some versions or all: two clouds' metadata services (the first range is also for
# protocols, RFC 6890), the old relay of 6to4 (RFC 7526), IPv6 for protocols (RFC 2928) and for examples (RFC 9637).
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "168.63.129.16/32", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20"))
)


class Resolver(Protocol):
    """Looks host names up."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of ``host`` as text, best first. Raises: OSError, UnicodeError, TimeoutError."""
        ...


class SystemResolver:
    """Implements Resolver with the system's own resolver, so with its hosts file and search domains."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """See ``Resolver.addresses``."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]


def is_public(address: Address) -> bool:
    """Say whether ``address`` is on the public internet, also where an IPv4 one is wrapped in IPv6."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in _NOT_PUBLIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Resolves names and says where a connection may go."""

    resolver: Resolver = field(default_factory=SystemResolver)
    is_public: Callable[[Address], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context)
    """Which certificates are trusted. The default reads SSL_CERT_FILE and SSL_CERT_DIR of the environment."""

    async def addresses(self, host: str, port: int, *, trusted: bool) -> tuple[str, ...]:
        """Return the addresses to connect to, best first.

        Args:
            host: A name or an address, in ASCII.
            port: The TCP port.
            trusted: The user typed this place, so it may be anywhere.

        Raises: RemoteError where the name leads nowhere, or to a place that data must not lead to.
        """
        if not trusted and port in REFUSED_PORTS:
            raise refused_address(f"port {port} is not one of HTTP", "report it to who published the address")
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = tuple(dict.fromkeys(await self.resolver.addresses(host, port)))
        except TimeoutError:
            raise unresolved(host, OSError(socket.EAI_AGAIN, "no answer")) from None
        except (OSError, UnicodeError) as error:
            raise unresolved(host, error) from None
        if not found:
            raise unresolved(host, OSError(socket.EAI_NONAME, "no address"))
        if not trusted:
            for address in found:
                self._check(host, address)
        return found[:MOST_ADDRESSES]

    def _check(self, host: str, text: str) -> None:
        """Raises: RemoteError where ``text`` is no public address; one bad answer of several is enough."""
        if not self.is_public(ip_address(text)):
            leads = f"{host!r} leads to {text}" if host != text else text
            raise _private(leads)


def _private(leads: str) -> RemoteError:
    return refused_address(
        f"{leads}, which is no public address; nothing was sent",
        "an address that comes from data may not lead into this machine or its network; type it to allow it",
    )
