"""What can go wrong on the way to a remote server, and what that makes of its address; pure."""

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

from catalog.facts import RemoteState
from catalog.model import Reason
from catalog.probe.base import ProbeError

# Characters of an address or of an HTTP library's own words that go into a detail.
SHOWN = 200

LATER = "it may pass; try again later"

# OpenSSL's verify codes (X509_V_ERR_…) that are the server's own fault, whatever certificates this machine trusts.
_EXPIRED, _WRONG_NAME = 10, {62, 64}

# A name that does not exist, or has no address.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class RemoteError(ProbeError):
    """A conversation over HTTP failed; carries besides what that makes of the address."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        hint: str,
        *,
        state: RemoteState = RemoteState.UNKNOWN,
        passing: bool = False,
        retry_after: float | None = None,
        other_transport: bool = False,
        challenge: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(reason, detail, hint)
        self.state = state
        self.passing = passing
        """Asking once more may help."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait before that; None where it names none."""
        self.other_transport = other_transport
        """The other transport may be the one that is spoken here."""
        self.challenge = challenge
        """The ``WWW-Authenticate`` headers of a refusal; None where it was none."""


def unresolved(host: str, error: OSError | UnicodeError) -> RemoteError:
    """Say that a host's name led to no address."""
    if isinstance(error, UnicodeError) or error.errno in _NO_SUCH_NAME:
        hint = "the server has moved or is gone; see its homepage"
        return RemoteError(Reason.UNREACHABLE, f"DNS: no such name {host!r}", hint, state=RemoteState.DEAD)
    detail = f"DNS: the name {host!r} cannot be looked up now ({error.strerror})"
    return RemoteError(Reason.UNREACHABLE, detail, "check this machine's network and name server", passing=True)


def refused_address(detail: str, hint: str) -> RemoteError:
    """Say that the guard does not go there; nothing was sent."""
    return RemoteError(Reason.UNREACHABLE, detail, hint)


def failed(error: httpx.HTTPError) -> RemoteError:
    """Return what a failure of the HTTP library means. The user's own headers are never part of it."""
    match error:
        case httpx.ConnectTimeout():
            return RemoteError(Reason.TIMED_OUT, "no connection in time", LATER, passing=True)
        case httpx.TimeoutException():
            return RemoteError(Reason.TIMED_OUT, "no answer in time", LATER)
        case httpx.ConnectError():
            return _unconnected(error)
        case httpx.LocalProtocolError():
            # Its text quotes the header.
            hint = "a header that was passed holds characters that HTTP does not allow"
            return RemoteError(Reason.PROTOCOL_ERROR, "the request cannot be written", hint)
        case httpx.RemoteProtocolError():
            detail = f"the answer is not HTTP: {str(error)[:SHOWN]}"
            return RemoteError(Reason.PROTOCOL_ERROR, detail, "report it to who runs the server", passing=True)
        case _:
            detail = f"the connection broke ({type(error).__name__})"
            return RemoteError(Reason.UNREACHABLE, detail, LATER, passing=True)


def unwelcome(response: httpx.Response) -> RemoteError:
    """Return what a status that is no success means; ``response`` need not have been read."""
    status = response.status_code
    # The phrase of the standard, not the server's own words.
    said = f"HTTP {status} {httpx.codes.get_reason_phrase(status)}".strip()
    if status in (401, 403):
        challenge = tuple(response.headers.get_list("www-authenticate"))
        hint = "it lists nothing without a credential; pass one with --header 'Authorization: Bearer TOKEN'"
        return RemoteError(Reason.GATED, said, hint, state=RemoteState.GATED, challenge=challenge)
    if status == 402:
        return RemoteError(Reason.GATED, said, "it wants to be paid first", state=RemoteState.GATED)
    if status in (429, 503):
        seconds = response.headers.get("retry-after", "")
        later = float(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 8 else None
        return RemoteError(
            Reason.UNREACHABLE,
            f"{said}, asks to come back {'later' if later is None else f'in {later:g} s'}",
            LATER,
            state=RemoteState.FLAKY,
            passing=True,
            retry_after=later,
        )
    if status >= 500:
        return RemoteError(
            Reason.UNREACHABLE, said, "the server is broken at the moment; try again later", passing=True
        )
    return not_mcp(said, other_transport=status in (400, 404, 405, 406))


def not_mcp(detail: str, *, other_transport: bool = False) -> RemoteError:
    """Say that something answers, and that it is no MCP server."""
    hint = "no MCP server answers there; check the address, it often ends in /mcp or /sse"
    return RemoteError(Reason.NOT_MCP, detail, hint, state=RemoteState.NOT_MCP, other_transport=other_transport)


def _unconnected(error: httpx.ConnectError) -> RemoteError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(cause)
        if isinstance(cause, ssl.SSLError):
            detail = f"TLS: {cause.reason or 'the handshake failed'}"
            return RemoteError(Reason.UNREACHABLE, detail, "the port may not speak TLS", passing=True)
        if isinstance(cause, ConnectionRefusedError):
            hint = "nothing listens there; check the address"
            return RemoteError(Reason.UNREACHABLE, "connection refused", hint, state=RemoteState.DEAD, passing=True)
        if isinstance(cause, OSError) and cause.errno is not None:
            detail = f"no connection: {errno.errorcode.get(cause.errno, cause.errno)}"
            return RemoteError(Reason.UNREACHABLE, detail, "check this machine's network", passing=True)
    return RemoteError(Reason.UNREACHABLE, "no connection", "check this machine's network", passing=True)


def _untrusted(error: ssl.SSLCertVerificationError) -> RemoteError:
    if error.verify_code == _EXPIRED:
        detail, state = "TLS: its certificate has expired", RemoteState.DEAD
    elif error.verify_code in _WRONG_NAME:
        detail, state = "TLS: its certificate is for another name", RemoteState.DEAD
    else:
        # A network that signs traffic anew looks the same: that says nothing about the server.
        detail, state = f"TLS: its certificate is not trusted ({error.verify_message[:SHOWN]})", RemoteState.UNKNOWN
    hint = "it has to be mended by who runs the server; where your own network signs TLS, set SSL_CERT_FILE"
    return RemoteError(Reason.UNREACHABLE, detail, hint, state=state)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to ``error``, innermost last; every library on the way wraps it once."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
