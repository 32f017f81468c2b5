"""A clock that jumps while a server is looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from catalog.crawl import crawler, ladder
from catalog.crawl.crawler import crawl
from catalog.crawl.events import Event, Observed
from catalog.crawl.look import Looker
from catalog.crawl.parts import Parts
from catalog.model import Changes, Observation
from catalog.target import Target
from catalog_testing.crawling import run


class Jumping(datetime):
    """A clock that goes back by a day whenever it is read."""

    times: Iterator[datetime]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return next(cls.times).astimezone(tz)


def test_a_clock_that_jumps_back_makes_no_look_end_before_it_began(
    parts: Parts, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(Jumping, "times", (noon - timedelta(days=day) for day in range(100)), raising=False)
    for module in (crawler, ladder):
        monkeypatch.setattr(module, "datetime", Jumping)
    seen: list[Observation] = []

    def sink(event: Event) -> None:
        if isinstance(event, Observed):
            seen.append(event.observation)

    class Broken:
        async def __call__(self, target: Target, sink: Any) -> Observation:
            raise OSError(28, "No space left on device")

    for look in (Looker(parts), Broken()):
        run(crawl([Target(server=serve("a"))], look, record=lambda _: Changes(), sink=sink, concurrency=1))
    assert len(seen) == 2
    assert all(timedelta(0) <= one.finished_at - one.started_at < timedelta(hours=1) for one in seen)
