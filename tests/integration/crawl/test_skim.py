"""Servers that need not be looked at are passed over; trouble that may pass is waited out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.crawl.crawler import MOST_LOOKS, crawl
from catalog.crawl.events import Event, Observed, PassedOver, Retried, Sink
from catalog.crawl.freshness import Freshness
from catalog.crawl.skim import Skimmer, newest_of
from catalog.install.base import NEWEST, Installed, Resolution
from catalog.model import Changes, Listed, NotListed, Observation, Reason, ServerRef
from catalog.origin import Command, Package
from catalog.store.repository import Store
from catalog.target import Target
from catalog_testing.crawling import run
from catalog_testing.jobs import LISTED, seen

TINY = ServerRef(slug="pypi-tiny", title="tiny", origin=Package(ecosystem="pypi", name="tiny"))
COPY = ServerRef(slug="pypi-mseep-tiny", title="copy", origin=Package(ecosystem="pypi", name="mseep-tiny"))
LOCAL = ServerRef(slug="command-local", title="local", origin=Command(argv=("local",)))


class Index:
    """An installer that only says what the newest version is, and remembers what it was asked."""

    def __init__(self, version: str | None) -> None:
        self.version = version
        self.asked: list[str] = []

    async def newest(self, package: Package) -> str | None:
        self.asked.append(package.name)
        return self.version

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        raise AssertionError(packages)

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        raise AssertionError(package)

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        raise AssertionError(package)

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        raise AssertionError(package)


def crawled(store: Store, servers: Sequence[ServerRef], skim: Skimmer) -> tuple[list[str], dict[str, str]]:
    """Return which servers were looked at, and why the others were passed over."""
    looked: list[str] = []
    passed: dict[str, str] = {}

    async def look(target: Target, sink: Sink) -> Observation:
        del sink
        looked.append(target.server.slug)
        return replace(seen(target.server), version="1.0")

    def sink(event: Event) -> None:
        if isinstance(event, PassedOver):
            passed[event.server.slug] = event.reason

    targets = [Target(server=server) for server in servers]
    run(crawl(targets, look, record=store.record, sink=sink, concurrency=1, skim=skim))
    return looked, passed


def skimmer(store: Store, index: Index, wanted: Freshness | None = None) -> Skimmer:
    return Skimmer(last=store.server, newest=newest_of({"pypi": index}), wanted=wanted or Freshness())


def test_only_what_may_have_changed_is_looked_at_again(store: Store) -> None:
    index = Index("1.0")
    servers = [TINY, LOCAL]
    assert crawled(store, servers, skimmer(store, index)) == (["pypi-tiny", "command-local"], {})
    # Of a server that nobody has seen the index is not asked.
    assert index.asked == []
    assert crawled(store, servers, skimmer(store, index)) == (["command-local"], {"pypi-tiny": "1.0 is unchanged"})
    assert index.asked == ["tiny"]
    index.version = "1.1"
    assert crawled(store, servers, skimmer(store, index)) == (["pypi-tiny", "command-local"], {})
    index.version = None
    assert crawled(store, [TINY], skimmer(store, index)) == (["pypi-tiny"], {})


def test_who_wants_all_anew_gets_it_and_no_index_is_asked(store: Store) -> None:
    index = Index("1.0")
    crawled(store, [TINY], skimmer(store, index))
    assert crawled(store, [TINY], skimmer(store, index, Freshness(fresh=True))) == (["pypi-tiny"], {})
    assert index.asked == []


def test_what_this_crawl_has_seen_is_passed_over_even_where_all_is_wanted_anew(store: Store) -> None:
    skim = replace(skimmer(store, Index("1.0"), Freshness(fresh=True)), done=frozenset([TINY.slug]))
    looked, passed = crawled(store, [TINY, LOCAL], skim)
    assert looked == ["command-local"]
    assert passed == {"pypi-tiny": "seen before this crawl was interrupted"}


def test_a_copy_is_passed_over_in_a_whole_registry_and_nowhere_else(store: Store) -> None:
    skim = skimmer(store, Index("1.0"))
    looked, passed = crawled(store, [COPY, TINY], replace(skim, folds_clones=True))
    assert looked == ["pypi-tiny"]
    assert "tiny" in passed["pypi-mseep-tiny"]
    assert crawled(store, [COPY], skim)[0] == ["pypi-mseep-tiny"]


class Shaky:
    """Looks at a server whose index is unreachable so many times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.looks = 0

    async def __call__(self, target: Target, sink: Sink) -> Observation:
        del sink
        self.looks += 1
        gone = NotListed(reason=Reason.UNREACHABLE, detail="the index does not answer", hint="try again")
        return seen(target.server, gone if self.looks <= self.failures else LISTED)


def looked_at(look: Shaky) -> tuple[Observation, list[float], list[float]]:
    """Return what was recorded, the pauses that were made, and those that were told."""
    recorded: list[Observation] = []
    pauses: list[float] = []
    told: list[float] = []

    def record(observation: Observation) -> Changes:
        recorded.append(observation)
        return Changes()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    def sink(event: Event) -> None:
        if isinstance(event, Retried):
            told.append(event.after)

    run(crawl([Target(server=TINY)], look, record=record, sink=sink, concurrency=1, pause=pause))
    (observation,) = recorded
    return observation, pauses, told


def test_an_index_that_comes_back_is_waited_for_and_only_the_last_look_is_recorded() -> None:
    observation, pauses, told = looked_at(Shaky(1))
    assert isinstance(observation.outcome, Listed)
    assert pauses == told
    assert len(pauses) == 1
    assert pauses[0] >= 2


def test_an_index_that_stays_away_is_given_up_as_unreachable() -> None:
    look = Shaky(100)
    observation, pauses, _ = looked_at(look)
    assert isinstance(observation.outcome, NotListed)
    assert observation.outcome.reason is Reason.UNREACHABLE
    assert (look.looks, len(pauses)) == (MOST_LOOKS, MOST_LOOKS - 1)


def test_a_failure_that_lasts_is_not_waited_for() -> None:
    class Broken:
        looks = 0

        async def __call__(self, target: Target, sink: Sink) -> Observation:
            del sink
            self.looks += 1
            return seen(target.server, NotListed(reason=Reason.CRASHED, detail="", hint=""))

    look = Broken()
    told: list[Event] = []
    run(crawl([Target(server=TINY)], look, record=lambda _: Changes(), sink=told.append, concurrency=1))
    assert look.looks == 1
    assert [type(event) for event in told] == [Observed]
