"""What a probe needs: a conversation with one server, bounded in time and size."""

from dataclasses import dataclass
from typing import Protocol

from catalog.model import Reason
from classifier.definition import JsonObject, JsonValue

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLimits:
    """Bounds on one conversation. The largest real list of 210 servers had 353 tools and frames below 1 MiB."""

    initialize_seconds: float = 45.0
    """Until the answer to initialize: imports of large servers take 5 to 20 seconds on a busy machine."""
    request_seconds: float = 20.0
    """Until the answer to any other request."""
    total_seconds: float = 90.0
    """The whole conversation."""
    frame_bytes: int = 8 * MIB
    """One line of standard output."""
    total_bytes: int = 32 * MIB
    """All of standard output."""
    pages: int = 200
    tools: int = 20_000
    discovery_calls: int = 200
    """Calls a dispatcher's discovery may make."""


class ProbeError(Exception):
    """The conversation failed; carries what an observation needs."""

    def __init__(self, reason: Reason, detail: str, hint: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.hint = hint


class RequestRefusedError(Exception):
    """The server answered a request with a JSON-RPC error. ``code`` is its number, 0 where it sent none."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method}: {message[:300]} (code {code})")
        self.code = code


class Session(Protocol):
    """A conversation with one server."""

    async def request(self, method: str, params: JsonObject, *, seconds: float) -> JsonValue:
        """Send a request and return its result, verbatim.

        Raises: RequestRefusedError for a JSON-RPC error; ProbeError when the server is gone, silent or too loud.
        """
        ...

    async def notify(self, method: str) -> None:
        """Send a notification. Raises: ProbeError when the server is gone."""
        ...
