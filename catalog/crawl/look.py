"""Look at one server in the way that fits how it is reached."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from catalog.crawl.events import Sink
from catalog.crawl.hosts import Hosts
from catalog.crawl.ladder import Ladder
from catalog.crawl.parts import Parts
from catalog.crawl.remote import look_at_remote
from catalog.crawl.source_tree import read_tree
from catalog.facts import Finding
from catalog.model import NotListed, Observation, Outcome, Reason
from catalog.origin import Bundle, Command, Image, Package, Recording, Remote, Source
from catalog.probe.http.guard import Guard
from catalog.sources.clones import clone_finding
from catalog.sources.registry.identity import identity
from catalog.target import Target


class Looker:
    """Implements crawler.Look."""

    def __init__(self, parts: Parts, *, guard: Guard | None = None, hosts: Hosts | None = None) -> None:
        """Look with ``parts``; ``guard`` says where HTTP may lead, ``hosts`` how often each host is asked."""
        self._parts = parts
        self._guard = guard or Guard()
        self._hosts = hosts or Hosts()

    async def __call__(self, target: Target, sink: Sink) -> Observation:
        """See ``Look``."""
        match target.server.origin:
            case Package() as package:
                observation = await Ladder(self._parts, target, sink).climb()
                found = (clone_finding(package), _disagreement(observation))
                return replace(observation, findings=(*observation.findings, *filter(None, found)))
            case Command() | Bundle() | Image():
                return await Ladder(self._parts, target, sink).climb()
            case Recording(name=name):
                hint = "import a newer list: catalog import FILE"
                return _at_once(target, NotListed(reason=Reason.NOT_FOUND, detail=f"{name!r} is a record", hint=hint))
            case Remote():
                return await look_at_remote(
                    target,
                    limits=self._parts.probe_limits,
                    guard=self._guard,
                    hosts=self._hosts,
                    version=self._parts.version,
                    # No discovery calls: what a call to a stranger's live server does is not ours to try.
                    profiles=(),
                    sink=sink,
                )
            case Source() as source:
                return await read_tree(target, source, self._parts, sink)
            case _ as never:
                assert_never(never)


def _disagreement(observation: Observation) -> Finding | None:
    """Return a finding where registry, repository and package do not agree on who publishes the server."""
    server = observation.server
    namespace = server.publisher if server.slug.startswith("registry-") else None
    return identity(namespace=namespace, repository=server.repository, package=observation.package)


def _at_once(target: Target, outcome: Outcome) -> Observation:
    now = datetime.now(UTC)
    return Observation(server=target.server, started_at=now, finished_at=now, outcome=outcome)
