"""Judgements: missing, stale, replaced, and never attached to what they were not made for."""

import pytest

from catalog.model import Entry
from catalog.store.judging import Present
from catalog.store.repository import Store
from catalog_testing.database import execute, rows
from catalog_testing.samples import classification, entry, listed_observation, not_listed_observation, server_ref
from classifier.verdict import Category, Classification

COUNT, PICK = entry("count_apples"), entry("pick_apple")


def verdicts(judged: Present, category: Category = Category.READ) -> dict[str, Classification]:
    return {found.key: classification(category) for found in judged.entries}


def judge(store: Store, ruleset: str = "1") -> None:
    judged = store.present("orchard")
    assert store.judge(judged, ruleset, verdicts(judged))


def test_a_server_needs_judging_by_each_ruleset_once(store: Store) -> None:
    for slug in ("orchard", "meadow"):
        store.record(listed_observation([COUNT], server=server_ref(slug=slug)))
    assert store.unjudged("1") == ["meadow", "orchard"]

    judge(store, "1")

    assert store.unjudged("1") == ["meadow"]
    assert store.unjudged("2") == ["meadow", "orchard"]


def test_a_server_without_entries_needs_no_judging(store: Store) -> None:
    store.record(not_listed_observation())
    store.record(listed_observation([], server=server_ref(slug="meadow")))

    assert store.unjudged("1") == []


@pytest.mark.parametrize(
    "after",
    [[COUNT], [COUNT, PICK, entry("plant_tree")], [COUNT, entry("pick_apple", description="Picks a pear.")]],
    ids=["less", "more", "changed"],
)
def test_any_change_of_the_siblings_makes_judgements_stale(store: Store, after: list[Entry]) -> None:
    store.record(listed_observation([COUNT, PICK]))
    judge(store)

    store.record(listed_observation(after, day=1))

    assert store.unjudged("1") == ["orchard"]
    judge(store)
    assert store.unjudged("1") == []


def test_judgements_hold_while_the_entries_stay_as_they_are(store: Store) -> None:
    store.record(listed_observation([COUNT, PICK]))
    judge(store)

    store.record(listed_observation([PICK, COUNT], day=1))
    store.record(not_listed_observation(day=2))

    assert store.unjudged("1") == []


def test_verdicts_on_entries_that_have_changed_meanwhile_are_refused(store: Store) -> None:
    store.record(listed_observation([COUNT]))
    judged = store.present("orchard")
    store.record(listed_observation([entry("count_apples", description="Drops all apples.")], day=1))

    assert not store.judge(judged, "1", verdicts(judged))

    assert store.unjudged("1") == ["orchard"]
    assert store.entries("orchard") == []


@pytest.mark.parametrize("keys", [["count_apples"], ["count_apples", "pick_apple", "plant_tree"]])
def test_a_server_is_judged_whole_or_not_at_all(store: Store, keys: list[str]) -> None:
    store.record(listed_observation([COUNT, PICK]))

    with pytest.raises(ValueError, match=r"pick_apple|plant_tree"):
        store.judge(store.present("orchard"), "1", {key: classification() for key in keys})

    assert store.unjudged("1") == ["orchard"]


def test_a_new_verdict_replaces_the_old_one(store: Store) -> None:
    store.record(listed_observation([COUNT]))
    judge(store, "1")
    judged = store.present("orchard")

    assert store.judge(judged, "2", verdicts(judged, Category.WRITE))

    (row,) = store.entries("orchard")
    assert (row.classification, row.ruleset) == (classification(Category.WRITE), "2")


def test_deleted_judgements_can_be_made_again(store: Store, database_url: str) -> None:
    store.record(listed_observation([COUNT, PICK]))
    judge(store)
    before = store.entries("orchard")

    execute(database_url, "DELETE FROM judgement")

    assert store.unjudged("1") == ["orchard"]
    judge(store)
    assert store.entries("orchard") == before


def test_the_last_verdict_on_an_entry_that_is_gone_is_kept(store: Store, database_url: str) -> None:
    store.record(listed_observation([COUNT, PICK]))
    judge(store, "1")
    store.record(listed_observation([COUNT], day=1))
    judge(store, "2")

    query = "SELECT key, ruleset FROM presence JOIN judgement ON presence_id = presence.id ORDER BY key"
    assert rows(database_url, query) == [("count_apples", "2"), ("pick_apple", "1")]


def test_nothing_is_kept_for_a_server_that_is_not_there(store: Store) -> None:
    assert not store.judge(store.present("orchard"), "1", {})
