"""Crawls that go on where they were interrupted."""

from dataclasses import replace
from datetime import timedelta

from catalog.store.repository import Store
from catalog_testing.samples import NOON, listed_observation, server_ref


def test_a_crawl_that_was_interrupted_knows_what_it_has_done(store: Store) -> None:
    crawl = store.begin_crawl("all", NOON, fresh=False)
    store.record(listed_observation(server=server_ref(slug="orchard")), crawl.id)
    store.record(listed_observation(server=server_ref(slug="barn")))

    again = store.begin_crawl("all", NOON + timedelta(hours=1), fresh=False)
    assert again == replace(crawl, done=frozenset({"orchard"}))


def test_a_finished_crawl_is_not_gone_on_with(store: Store) -> None:
    crawl = store.begin_crawl("all", NOON, fresh=False)
    store.record(listed_observation(), crawl.id)
    store.end_crawl(crawl.id, NOON)

    again = store.begin_crawl("all", NOON + timedelta(hours=1), fresh=False)
    assert again.id != crawl.id
    assert again.done == frozenset()


def test_another_request_an_old_crawl_and_the_wish_for_a_fresh_one_begin_anew(store: Store) -> None:
    crawl = store.begin_crawl("all", NOON, fresh=False)

    assert store.begin_crawl("some", NOON, fresh=False).id != crawl.id
    assert store.begin_crawl("all", NOON + timedelta(days=30), fresh=False).id != crawl.id
    assert store.begin_crawl("all", NOON, fresh=True).id != crawl.id
