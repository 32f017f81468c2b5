"""What the parts of the gateway pass to each other: JSON-RPC messages as lines, and who each is for.

Deciding is apart from input and output: a `Filter` is told what came from either side and says what goes where. So one
filter serves pipes and HTTP alike, and a test needs neither.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Side = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to pass on: a line of JSON without the line break at its end."""

    to: Side
    line: bytes


class Filter(Protocol):
    """Decides about the messages between one client session and one server. Not safe for threads."""

    def from_client(self, line: bytes) -> Sequence[Outgoing]:
        """Return what follows from a message of the client, in order; nothing where it is dropped."""
        ...

    def from_server(self, line: bytes) -> Sequence[Outgoing]:
        """Return what follows from a message of the server, in order."""
        ...

    def lost(self, reason: str) -> Sequence[Outgoing]:
        """Return what follows where the server is gone: an error for every request that waits for it.

        Requests can come after that; then it is called again.
        """
        ...


class Channel(Protocol):
    """A connection to one peer that carries JSON-RPC messages both ways, whatever it is made of."""

    async def send(self, line: bytes) -> None:
        """Send one message. Raises: ChannelClosed once the peer is gone."""
        ...

    def messages(self) -> AsyncIterator[bytes]:
        """Yield the peer's messages until it is gone; for one reader. Raises: ChannelClosed where it is known how."""
        ...

    async def close(self) -> None:
        """End the connection; what it is made of is gone afterwards."""
        ...


class ChannelClosed(Exception):
    """The peer is gone; says how, as far as is known."""
