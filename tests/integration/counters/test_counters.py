"""Counters in SQLite and in PostgreSQL: exact among many, whole or not at all, by the calendar."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.counters.base import Counters, CountersUnavailable
from catalog.counters.postgresql import PostgresqlCounters
from catalog.counters.sqlite import SqliteCounters
from catalog.policy.evaluate import Charge
from catalog.policy.model import Limit, Window

NOON = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)


def charge(counter: str, most: int, window: Window = "minute", amount: float = 1) -> Charge:
    return Charge(counter=counter, limit=Limit(max=most, window=window), amount=amount)


@pytest.fixture
def opened(database_url: str) -> Iterator[Callable[[], Counters]]:
    """Opens the same counters, as often as it is called."""
    found: list[Counters] = []

    def open_again() -> Counters:
        if database_url.startswith("sqlite:///"):
            found.append(SqliteCounters(Path(database_url.removeprefix("sqlite:///"))))
        else:
            found.append(PostgresqlCounters(database_url.replace("postgresql+psycopg://", "postgresql://")))
        return found[-1]

    yield open_again
    for one in found:
        one.close()


def test_a_charge_fits_until_its_limit_and_again_in_the_next_window(opened: Callable[[], Counters]) -> None:
    counters, twice = opened(), charge("a", 2)
    assert [counters.charge("s", [twice], NOON) for _ in range(3)] == [None, None, twice]
    assert counters.charge("s", [twice], NOON + timedelta(seconds=29)) == twice
    assert counters.charge("s", [twice], NOON + timedelta(seconds=30)) is None


@pytest.mark.parametrize(("window", "hours"), [("minute", 1 / 60), ("hour", 1), ("day", 12)])
def test_windows_are_the_calendars(opened: Callable[[], Counters], window: Window, hours: float) -> None:
    counters, once = opened(), charge("a", 1, window)
    start = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert counters.charge("s", [once], start + timedelta(hours=hours, seconds=-1)) is None
    assert counters.charge("s", [once], start + timedelta(hours=hours, seconds=-1)) == once
    assert counters.charge("s", [once], start + timedelta(hours=hours)) is None


def test_several_charges_count_together_or_not_at_all(opened: Callable[[], Counters]) -> None:
    counters, wide, narrow = opened(), charge("wide", 3), charge("narrow", 1)
    assert counters.charge("s", [wide, narrow], NOON) is None
    assert counters.charge("s", [wide, narrow], NOON) == narrow
    assert [counters.charge("s", [wide], NOON) for _ in range(3)] == [None, None, wide]


def test_a_refund_makes_room_in_its_own_window_alone(opened: Callable[[], Counters]) -> None:
    counters, once = opened(), charge("a", 1)
    counters.charge("s", [once], NOON)
    counters.refund("s", [once], NOON)
    assert counters.charge("s", [once], NOON) is None
    later = NOON + timedelta(minutes=1)
    assert counters.charge("s", [once], later) is None
    counters.refund("s", [once], NOON)
    assert counters.charge("s", [once], later) == once


def test_a_clock_that_goes_back_opens_no_new_window(opened: Callable[[], Counters]) -> None:
    counters, once = opened(), charge("a", 1)
    assert counters.charge("s", [once], NOON) is None
    assert counters.charge("s", [once], NOON - timedelta(minutes=5)) == once


def test_sums_and_owners_are_counted_apart(opened: Callable[[], Counters]) -> None:
    counters = opened()
    assert counters.charge("s", [charge("sum", 10, amount=7.5)], NOON) is None
    assert counters.charge("s", [charge("sum", 10, amount=2.75)], NOON) is not None
    assert counters.charge("s", [charge("sum", 10, amount=2.5)], NOON) is None
    assert counters.charge("t", [charge("sum", 10, amount=10)], NOON) is None


def test_among_many_exactly_as_many_pass_as_may(opened: Callable[[], Counters]) -> None:
    def run(_: int) -> int:
        counters = opened()
        both = [charge("a", 150), charge("b", 1_000)]
        return sum(counters.charge("s", both[:: 1 if number % 2 else -1], NOON) is None for number in range(60))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(run, range(8))) == 150


def test_what_cannot_be_opened_says_so() -> None:
    with pytest.raises(CountersUnavailable, match="cannot count calls in '/proc/none"):
        SqliteCounters(Path("/proc/none/counters.db"))
    with pytest.raises(CountersUnavailable, match="cannot count calls in PostgreSQL"):
        PostgresqlCounters("postgresql://127.0.0.1:1/none")
