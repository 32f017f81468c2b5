"""What every HTTP request to the gateway is held to before anything of it is read: where from, by whom, how large."""

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from catalog.gateway.bounds import MIB, REQUEST_BYTES

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Who may speak with the gateway, and from where."""

    hosts: Collection[str] = LOOPBACK
    """The names that it is reached by, without ports. A page in a browser that leads another name here is refused, in
    the Host header and in Origin (DNS rebinding)."""
    token: str | None = field(default=None, repr=False)
    """What clients must show as ``Authorization: Bearer``; None where nothing is asked for."""

    def refusal(self, request: Request) -> Response | None:
        """Return why ``request`` is not served; None where it is."""
        if _host(f"//{request.headers.get('host', '')}") not in self.hosts:
            return PlainTextResponse(
                "This name is not one of the gateway's: start it with --allowed-host NAME.\n", status_code=421
            )
        origin = request.headers.get("origin")
        if origin is not None and _host(origin) not in self.hosts:
            return PlainTextResponse("Pages of this origin may not use the gateway.\n", status_code=403)
        if self.token is not None and not _shows(request.headers.get("authorization", ""), self.token):
            return PlainTextResponse(
                "Give the gateway's token: Authorization: Bearer TOKEN.\n",
                status_code=401,
                headers={"www-authenticate": "Bearer"},
            )
        return None


async def body_of(request: Request, serve: Callable[[bytes], Awaitable[Response]]) -> Response:
    """Serve the body of a request; one that is too large is not read to its end."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return PlainTextResponse("Send messages as application/json.\n", status_code=415)
    declared = request.headers.get("content-length", "0")
    body = bytearray()
    if declared.isdecimal() and int(declared) <= REQUEST_BYTES:
        async for chunk in request.stream():
            body += chunk
            if len(body) > REQUEST_BYTES:
                break
        else:
            return await serve(bytes(body))
    return PlainTextResponse(
        f"A message may have {REQUEST_BYTES // MIB} MiB.\n", status_code=413, headers={"connection": "close"}
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _shows(header: str, token: str) -> bool:
    scheme, _, shown = header.partition(" ")
    # As bytes: headers are read as Latin-1, whatever the client meant.
    same = hmac.compare_digest(shown.strip().encode("latin-1"), token.encode("utf-8", "surrogateescape"))
    return same and scheme.lower() == "bearer"
