"""One conversation at a time with a host, and time between two requests to it."""

import asyncio

from catalog.crawl.hosts import Hosts
from catalog_testing.crawling import run


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_requests_to_one_host_start_some_time_apart() -> None:
    clock = Clock()
    hosts = Hosts(0.6, clock=clock, sleep=clock.sleep)

    async def ask() -> None:
        for _ in range(3):
            await hosts.turn("a.example")
        clock.now += 0.2
        await hosts.turn("a.example")
        clock.now += 60
        await hosts.turn("a.example")

    run(ask())
    assert clock.slept == [0.6, 0.6, 0.4]


def test_another_host_does_not_wait() -> None:
    clock = Clock()
    hosts = Hosts(0.6, clock=clock, sleep=clock.sleep)

    async def ask() -> None:
        await hosts.turn("a.example")
        await hosts.turn("b.example")

    run(ask())
    assert clock.slept == []


def test_those_who_ask_at_the_same_time_start_one_after_another() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(round(seconds, 6))

    hosts = Hosts(0.6, clock=lambda: 0.0, sleep=sleep)

    async def ask() -> None:
        await asyncio.gather(*(hosts.turn("a.example") for _ in range(4)))

    run(ask())
    assert waits == [0.6, 1.2, 1.8]


def test_a_host_has_one_conversation_at_a_time_and_another_host_its_own() -> None:
    hosts = Hosts(0)
    inside: list[str] = []
    seen: list[list[str]] = []

    async def visit(host: str, name: str) -> None:
        async with hosts.visit(host):
            inside.append(name)
            await asyncio.sleep(0)
            seen.append(sorted(inside))
            inside.remove(name)

    async def visit_all() -> None:
        await asyncio.gather(visit("a", "a1"), visit("a", "a2"), visit("b", "b1"))

    run(visit_all())
    assert not any({"a1", "a2"} <= set(together) for together in seen)
    assert ["a1", "b1"] in seen
