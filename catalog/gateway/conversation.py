"""Joins one client with its servers: carries what the hub decides, for as long as there is a server to speak with."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from catalog.gateway.base import Channel, ChannelClosed
from catalog.gateway.hub import Addressed, Hub


class Client(Protocol):
    """Where messages for the client go."""

    def put(self, line: bytes) -> None:
        """Take one message; never blocks."""
        ...

    async def room(self) -> None:
        """Wait until so much has been taken off that more may come."""
        ...


class Conversation:
    """One client's session with the servers whose channels are open; closed with ``close``."""

    def __init__(self, hub: Hub, channels: Mapping[str, Channel], client: Client) -> None:
        """Begin to read what the servers say."""
        self._hub = hub
        self._channels = dict(channels)
        self._client = client
        self._reading = asyncio.gather(*(self._read(name, one) for name, one in channels.items()))

    @property
    def is_over(self) -> bool:
        """Say whether no server is left."""
        return not self._channels

    async def over(self) -> None:
        """Wait until no server is left, or the conversation was closed."""
        await asyncio.wait([self._reading])
        if not self._reading.cancelled():
            self._reading.result()

    async def from_client(self, line: bytes) -> None:
        """Take a message of the client."""
        await self._pass(self._hub.from_client(line))

    async def close(self) -> None:
        """End all connections to servers."""
        self._reading.cancel()
        channels = list(self._channels.values())
        self._channels.clear()
        await asyncio.gather(self._reading, *(one.close() for one in channels), return_exceptions=True)

    async def _read(self, name: str, channel: Channel) -> None:
        reason = "the server is gone"
        try:
            async for line in channel.messages():
                await self._pass(self._hub.from_server(name, line))
                await self._client.room()
        except ChannelClosed as error:
            reason = str(error)
        self._channels.pop(name, None)
        await self._pass(self._hub.lost(name, reason))
        await channel.close()

    async def _pass(self, messages: Sequence[Addressed]) -> None:
        for message in messages:
            if message.to is None:
                self._client.put(message.line)
            elif message.to not in self._channels:
                await self._pass(self._hub.lost(message.to, "the server is gone"))
            else:
                try:
                    await self._channels[message.to].send(message.line)
                except ChannelClosed as error:
                    await self._pass(self._hub.lost(message.to, str(error)))
