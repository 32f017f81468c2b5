"""A server's stamp differs whenever a row about it may differ, and stays otherwise."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from catalog.model import Definition, Observation
from catalog.store.repository import Store
from catalog_testing.database import execute
from catalog_testing.samples import classification, entry, listed_observation, not_listed_observation, server_ref
from classifier.verdict import Category

COUNT, PICK = entry("count_apples"), entry("pick_apple")


def judge(store: Store, ruleset: str = "1", category: Category = Category.READ) -> None:
    judged = store.present("orchard")
    assert store.judge(judged, ruleset, {found.key: classification(category) for found in judged.entries})


def test_whatever_may_change_a_row_changes_the_stamp(store: Store, database_url: str) -> None:
    other = replace(server_ref(), title="Orchard 2")
    pears = replace(COUNT, definition=Definition(raw={**COUNT.definition.raw, "description": "Counts pears."}))

    def recorded(seen: Observation) -> Callable[[], object]:
        return lambda: store.record(seen)

    steps: dict[str, Callable[[], object]] = {
        "first listed": recorded(listed_observation([COUNT, PICK])),
        "judged": lambda: judge(store),
        "listed again": recorded(listed_observation([COUNT, PICK], day=1)),
        "not listed": recorded(not_listed_observation(day=2)),
        "another title": recorded(not_listed_observation(server=other, day=3)),
        "changed": recorded(listed_observation([pears, PICK], day=4)),
        "judged again": lambda: judge(store),
        "removed": recorded(listed_observation([pears], day=5)),
        "judged once more": lambda: judge(store),
        "judged by other rules": lambda: judge(store, "2"),
        "judged otherwise by the same rules": lambda: judge(store, "2", Category.DELETE),
    }
    stamps: dict[str, str] = {}
    for name, step in steps.items():
        step()
        stamps[name] = store.stamps()["orchard"]
    execute(database_url, "DELETE FROM judgement")
    judge(store, "2", Category.DELETE)  # the verdict on the entry that is gone is lost
    stamps["judged from nothing"] = store.stamps()["orchard"]

    assert len(set(stamps.values())) == len(steps) + 1, stamps


def test_a_stamp_stays_while_nothing_happens_to_its_server(store: Store, database_url: str) -> None:
    store.record(listed_observation([COUNT]))
    judge(store)
    before = store.stamps()

    store.record(listed_observation([COUNT, PICK], server=server_ref(slug="meadow")))

    with Store.open(database_url) as again:
        after = again.stamps()
    assert after["orchard"] == before["orchard"]
    assert after["meadow"] != after["orchard"]


def test_stamps_come_by_slug_for_every_server(store: Store) -> None:
    slugs = ["b-1", "b", "ba", "a2", "a-b", "a"]
    for slug in slugs:
        store.record(not_listed_observation(server=server_ref(slug=slug)))

    assert list(store.stamps()) == [server.slug for server in store.servers()] == sorted(slugs)


def test_a_catalogue_that_was_begun_anew_has_other_stamps(tmp_path: Path) -> None:
    stamps = []
    for name, day in (("old", 0), ("new", 7)):
        with Store.open(f"sqlite:///{tmp_path / name}.db") as store:
            store.record(listed_observation([COUNT], day=day))
            judge(store)
            stamps.append(store.stamps()["orchard"])

    assert stamps[0] != stamps[1]
