"""What need not be looked at, because nothing about it can have changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.crawl.freshness import Freshness, need_not_look
from catalog.model import Reason, ServerRef
from catalog.origin import Command, Package
from catalog.target import Target
from catalog.view import ServerRow
from catalog_testing.view import LOOKED_AT, observation_row, server_row

NOW = LOOKED_AT + timedelta(hours=2)
LAST = server_row("orchard")
TARGET = Target(server=ServerRef(slug="orchard", title="Orchard", origin=LAST.origin))
ANY = Freshness()


def why(
    target: Target = TARGET,
    last: ServerRow | None = LAST,
    newest: str | None = "1.4.0",
    wanted: Freshness = ANY,
    now: datetime = NOW,
) -> str | None:
    return need_not_look(target, last, newest, wanted, now)


def test_an_unchanged_package_is_passed_over() -> None:
    assert why() == "1.4.0 is unchanged"


def test_a_newer_release_is_looked_at() -> None:
    assert why(newest="1.5.0") is None


def test_a_server_whose_newest_release_nobody_knows_is_looked_at() -> None:
    assert why(newest=None) is None


def test_a_server_that_nobody_has_seen_is_looked_at() -> None:
    assert why(last=None) is None


def test_who_asks_for_all_gets_all() -> None:
    assert why(wanted=Freshness(fresh=True)) is None


@pytest.mark.parametrize(
    "given", [replace(TARGET, environment={"TOKEN": "x"}), replace(TARGET, headers={"Authorization": "x"})]
)
def test_values_of_the_user_may_change_a_list(given: Target) -> None:
    assert why(target=given) is None


def test_another_way_to_reach_a_server_is_looked_at() -> None:
    other = replace(TARGET.server, origin=Package(ecosystem="pypi", name="orchard"))
    assert why(target=Target(server=other)) is None


def test_a_command_has_no_version_so_it_is_looked_at() -> None:
    origin = Command(argv=("serve",))
    target = Target(server=replace(TARGET.server, origin=origin))
    assert why(target=target, last=replace(LAST, origin=origin), newest=None) is None


def test_what_could_not_be_listed_today_is_passed_over_today_and_tried_again_tomorrow() -> None:
    failed = replace(LAST, latest=observation_row(Reason.CRASHED))
    assert why(last=failed) == "1.4.0 is unchanged"
    assert why(last=failed, now=NOW + timedelta(days=1)) is None


def test_an_age_decides_alone_whatever_the_registry_serves() -> None:
    wanted = Freshness(max_age=timedelta(hours=3))
    assert why(newest="1.5.0", wanted=wanted) == f"seen {LOOKED_AT:%Y-%m-%d %H:%M} UTC"
    assert why(wanted=wanted, now=NOW + timedelta(hours=2)) is None


def test_a_look_in_the_future_is_a_clock_that_jumped_and_counts_as_none() -> None:
    wanted = Freshness(max_age=timedelta(days=999))
    assert why(wanted=wanted, now=datetime(2001, 1, 1, tzinfo=UTC)) is None
    assert why(now=datetime(2001, 1, 1, tzinfo=UTC)) is None
