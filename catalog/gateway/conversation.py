"""Joins one client with its servers: carries what the hub decides, for as long as there is a server to speak with."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from catalog.gateway.base import Channel, ChannelClosed
from catalog.gateway.hub import Addressed, Hub

# Seconds that one of several servers may take to say its first word: packages are fetched and compiled in them.
SILENT_SECONDS = 60.0


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

    def __init__(
        self,
        hub: Hub,
        channels: Mapping[str, Channel],
        client: Client,
        *,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        """Begin to read what the servers say."""
        self._silent_seconds = silent_seconds
        self._hub = hub
        self._channels = dict(channels)
        self._client = client
        self._silent = set(channels) if len(channels) > 1 else set()
        self._watching: dict[str, asyncio.Task[None]] = {}
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
        for watching in self._watching.values():
            watching.cancel()
        channels = list(self._channels.values())
        self._channels.clear()
        await asyncio.gather(self._reading, *(one.close() for one in channels), return_exceptions=True)

    async def _read(self, name: str, channel: Channel) -> None:
        reason = "the server is gone"
        try:
            async for line in channel.messages():
                self._silent.discard(name)
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
                self._watch(message.to)
                try:
                    await self._channels[message.to].send(message.line)
                except ChannelClosed as error:
                    await self._pass(self._hub.lost(message.to, str(error)))

    def _watch(self, name: str) -> None:
        """Do without one of several servers that does not answer the first thing it is told: all others wait for it."""
        if name in self._silent and name not in self._watching:
            self._watching[name] = asyncio.create_task(self._end_if_silent(name, self._channels[name]))

    async def _end_if_silent(self, name: str, channel: Channel) -> None:
        await asyncio.sleep(self._silent_seconds)
        if name in self._silent:
            await channel.close()
