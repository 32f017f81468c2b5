"""Look at one remote server: ask over the likelier transport, then the other, once more where that may help.

Nothing is run, so there is no sandbox; what is sent is the handshake and requests for lists. What went wrong says what
the address is (docs/crawl.md, Remote servers): a timeout or a plea to come back later never makes it dead.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from catalog.crawl.events import RungEnded, RungStarted, Sink
from catalog.crawl.hosts import Hosts
from catalog.crawl.placeholders import is_credential
from catalog.crawl.redaction import Redaction
from catalog.crawl.tries import TRIES, may_pass, state_of_failed, state_of_listed, wait
from catalog.facts import RemoteFacts, RemoteState
from catalog.model import DiscoveryProfile, Listed, NotListed, Observation, Outcome, Problem, Reason, Rung
from catalog.origin import Remote, Transport
from catalog.probe.base import ProbeError, ProbeLimits, Session
from catalog.probe.dispatcher import expand
from catalog.probe.http.authorization import Authorization, Challenge, parse_challenge, read_authorization
from catalog.probe.http.client import HttpClient
from catalog.probe.http.failures import RemoteError
from catalog.probe.http.guard import Guard
from catalog.probe.http.sse import sse_session
from catalog.probe.http.streamable import streamable_session
from catalog.probe.listing import CLIENT_NAME, list_tools
from catalog.target import Target

# Query values that are as long are keys, whatever their name is.
KEY_LENGTH = 16

# Parts of a header's value, such as one cookie's, that are as long are secrets of their own.
PART_LENGTH = 8

_OTHER: Mapping[Transport, Transport] = {"streamable-http": "sse", "sse": "streamable-http"}


async def look_at_remote(
    target: Target,
    *,
    limits: ProbeLimits,
    guard: Guard,
    hosts: Hosts,
    version: str,
    profiles: Sequence[DiscoveryProfile],
    sink: Sink,
) -> Observation:
    """Return what was seen of a remote server.

    Args:
        target: The server, whose origin is a Remote, and the headers that it gets; those are never kept.
        limits: Bounds on each of at most two conversations.
        guard: Which addresses may be connected to.
        hosts: Shared by all looks of a crawl; waits for the host to be free.
        version: Catalog's own version, for the handshake.
        profiles: Dispatchers whose documented discovery calls may be made; empty to call no tool.
        sink: Is told of every rung.

    Raises: TypeError where the server is no remote one; nothing for the server's sake.
    """
    origin = target.server.origin
    if not isinstance(origin, Remote):
        raise TypeError(f"{origin} is not reached over HTTP")
    look = _Look(
        target=target,
        remote=origin,
        limits=limits,
        guard=guard,
        hosts=hosts,
        version=version,
        profiles=profiles,
        sink=sink,
        redaction=Redaction.of(_secrets(target.headers, origin.url)),
    )
    async with hosts.visit(urlsplit(origin.url).hostname or ""):
        return await look.observe()


@dataclass(slots=True, kw_only=True)
class _Look:
    target: Target
    remote: Remote
    limits: ProbeLimits
    guard: Guard
    hosts: Hosts
    version: str
    profiles: Sequence[DiscoveryProfile]
    sink: Sink
    redaction: Redaction
    rungs: list[Rung] = field(default_factory=list)
    failures: list[ProbeError] = field(default_factory=list)
    """Of the conversations, one each."""

    async def observe(self) -> Observation:
        started = datetime.now(UTC)
        outcome, facts = await self._outcome()
        return Observation(
            server=self.target.server,
            started_at=started,
            finished_at=datetime.now(UTC),
            outcome=outcome,
            rungs=tuple(self.rungs),
            remote=facts,
        )

    async def _outcome(self) -> tuple[Outcome, RemoteFacts]:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            retry=retry_if_exception(may_pass),
            wait=wait,
            sleep=self.hosts.pause,
            reraise=True,
        )
        try:
            found: tuple[Listed, Transport] = await retrying(self._converse)
        except ProbeError as failure:
            return await self._not_listed(failure)
        listed, transport = found
        facts = RemoteFacts(state=state_of_listed(self.remote, transport, self.failures), transport=transport)
        if self.target.headers and facts.state is RemoteState.OPEN:
            facts = await self._without_headers(facts)
        return self.redaction.listing(listed), facts

    async def _converse(self) -> tuple[Listed, Transport]:
        """Return the tools and how they were asked for. Raises: ProbeError, which is remembered."""
        first: Transport = self.remote.transport or "streamable-http"
        deadline = asyncio.get_running_loop().time() + self.limits.total_seconds
        try:
            try:
                return await self._rung(first, deadline), first
            except RemoteError as failure:
                if not failure.other_transport:
                    raise
                return await self._other(_OTHER[first], deadline, failure), _OTHER[first]
        except ProbeError as failure:
            self.failures.append(failure)
            raise

    async def _other(self, transport: Transport, deadline: float, failure: RemoteError) -> Listed:
        """Try the other transport; where that is not spoken either, the first refusal says more."""
        try:
            return await self._rung(transport, deadline)
        except RemoteError as second:
            if second.reason is Reason.NOT_MCP:
                raise failure from second
            raise

    async def _rung(self, transport: Transport, deadline: float) -> Listed:
        name = f"{transport}:again" if self.failures else transport
        began = self._begin(name)
        try:
            listed = await self._ask(transport, deadline)
        except ProbeError as error:
            self._end(name, began, ok=False, detail=f"{error.reason}: {self.redaction.words(error.detail)}"[:300])
            raise
        self._end(name, began, ok=True, detail=f"{len(listed.entries)} entries")
        return replace(listed, entries=tuple(replace(entry, run=name) for entry in listed.entries))

    async def _ask(self, transport: Transport, deadline: float) -> Listed:
        """Return the tools and what is behind them; ``deadline`` by the loop's clock. Raises: ProbeError."""
        listed: Listed | None = None
        async with self._client(self.target.headers) as client, AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    session = await stack.enter_async_context(_session(client, transport, self.remote.url))
                    listed = await list_tools(session, self.limits, self.version)
                    return await expand(session, listed, self.profiles, self.limits, calls=bool(self.profiles))
            except TimeoutError:
                if listed is None:
                    raise self._late() from None
                late = f"not done within {self.limits.total_seconds:g} s; actions are missing"
                return replace(listed, problems=(*listed.problems, Problem(where="discovery", message=late)))

    def _late(self) -> RemoteError:
        detail = f"no complete list within {self.limits.total_seconds:g} s"
        return RemoteError(Reason.TIMED_OUT, detail, "it answers too slowly; try it by itself")

    async def _not_listed(self, failure: ProbeError) -> tuple[Outcome, RemoteFacts]:
        facts = RemoteFacts(state=state_of_failed(self.failures))
        hint = failure.hint
        if isinstance(failure, RemoteError) and failure.challenge is not None:
            found = await self._authorization(parse_challenge(failure.challenge))
            facts = self._facts(facts, found)
            hint += self.redaction.text(_how_to_get_in(found))
        detail = self.redaction.words(failure.detail)
        return NotListed(reason=failure.reason, detail=detail, hint=hint), facts

    async def _without_headers(self, facts: RemoteFacts) -> RemoteFacts:
        """Learn whether the server would have let in anybody: the list alone does not say so."""
        began = self._begin("auth")
        challenge: Challenge | None = None
        try:
            async with (
                asyncio.timeout(self.limits.total_seconds),
                self._client({}) as client,
                _session(client, facts.transport or "streamable-http", self.remote.url) as session,
            ):
                await list_tools(session, self.limits, self.version)
            said, state = "it lists without the headers, too", facts.state
        except TimeoutError:
            said, state = "no answer without the headers", RemoteState.UNKNOWN
        except ProbeError as failure:
            said, state = f"without the headers: {failure.detail}", RemoteState.UNKNOWN
            if isinstance(failure, RemoteError) and failure.challenge is not None:
                state, challenge = RemoteState.GATED, parse_challenge(failure.challenge)
        self._end("auth", began, ok=True, detail=self.redaction.words(said)[:300])
        facts = replace(facts, state=state)
        return facts if challenge is None else self._facts(facts, await self._authorization(challenge))

    async def _authorization(self, challenge: Challenge) -> Authorization:
        began = self._begin("auth")
        async with self._client({}) as client:
            found = await read_authorization(client, self.remote.url, challenge)
        self._end("auth", began, ok=True, detail=f"{len(found.authorization_servers)} authorization servers")
        return found

    def _facts(self, facts: RemoteFacts, found: Authorization) -> RemoteFacts:
        """Add what is known of getting in; a server may repeat there what it was sent."""
        text = self.redaction.text
        return replace(
            facts,
            resource_metadata=text(found.resource_metadata) if found.resource_metadata else None,
            authorization_servers=tuple(map(text, found.authorization_servers)),
            scopes=tuple(map(text, found.scopes)),
        )

    def _client(self, headers: Mapping[str, str]) -> HttpClient:
        return HttpClient(
            self.remote,
            self.guard,
            self.limits,
            headers=headers,
            user_agent=f"{CLIENT_NAME}/{self.version}",
            turn=self.hosts.turn,
        )

    def _begin(self, rung: str) -> float:
        self.sink(RungStarted(server=self.target.server, rung=rung))
        return time.monotonic()

    def _end(self, name: str, began: float, *, ok: bool, detail: str) -> None:
        rung = Rung(name=name, result="ok" if ok else "failed", seconds=time.monotonic() - began, detail=detail)
        self.rungs.append(rung)
        self.sink(RungEnded(server=self.target.server, rung=rung))


def _session(client: HttpClient, transport: Transport, url: str) -> AbstractAsyncContextManager[Session]:
    return sse_session(client, url) if transport == "sse" else streamable_session(client, url)


def _secrets(headers: Mapping[str, str], url: str) -> list[str]:
    """Return what must not be kept: header values, also without their scheme, their long parts, keys in the query."""
    values = [part for value in headers.values() for part in (value, value.partition(" ")[2].strip())]
    parts = [part for value in headers.values() for part in re.split(r"[\s;,=]+", value) if len(part) >= PART_LENGTH]
    query = parse_qsl(urlsplit(url).query)
    keys = [value for name, value in query if is_credential(name.upper()) or len(value) >= KEY_LENGTH]
    return [*values, *parts, *keys]


def _how_to_get_in(found: Authorization) -> str:
    """Return what to add to a hint: who issues tokens, for which scopes; a few of each."""
    said = ""
    if found.authorization_servers:
        said += f"; tokens come from {', '.join(found.authorization_servers[:3])}"
    if found.scopes:
        said += f"; scopes {', '.join(found.scopes[:5])}"
    return said[:600]
