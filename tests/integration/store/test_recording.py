"""What is recorded: servers, definitions, observations, and the intervals in which entries are present."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.exc import StatementError

from catalog.model import Changes, Declared, Entry, Listed, Observation, Problem, Provenance, Reason
from catalog.origin import Command, Package
from catalog.store.repository import Store
from catalog_testing.database import rows
from catalog_testing.samples import action, definition, entry, listed_observation, not_listed_observation, server_ref

INTERVALS = "SELECT key, opened_by, last_seen, closed_by FROM presence ORDER BY id"
HOSTILE = "nul \x00, lone \ud800 and \udfff, both \\u0000 and \\, \x1b[31m, \u202e, 😀"


def present(store: Store, server: str = "orchard") -> list[str]:
    return [found.key for found in store.present(server).entries]


def test_entries_that_are_listed_again_extend_their_intervals(store: Store, database_url: str) -> None:
    for day in range(3):
        store.record(listed_observation([entry("count_apples"), entry("pick_apple")], day=day))

    assert rows(database_url, INTERVALS) == [("count_apples", 1, 3, None), ("pick_apple", 1, 3, None)]


def test_an_entry_that_is_no_longer_listed_is_closed_and_comes_back_as_a_new_interval(
    store: Store, database_url: str
) -> None:
    for names in (["count_apples", "pick_apple"], ["count_apples"], ["count_apples", "pick_apple"]):
        store.record(listed_observation([entry(name) for name in names]))

    assert rows(database_url, INTERVALS) == [
        ("count_apples", 1, 3, None),
        ("pick_apple", 1, 1, 2),
        ("pick_apple", 3, 3, None),
    ]


@pytest.mark.parametrize(
    "after",
    [
        entry("count_apples", description="Counts pears."),
        entry("count_apples", provenance=Provenance.RECORDED),
    ],
)
def test_a_changed_entry_closes_one_interval_and_opens_the_next(store: Store, database_url: str, after: Entry) -> None:
    store.record(listed_observation([entry("count_apples")]))
    store.record(listed_observation([after]))

    assert rows(database_url, INTERVALS) == [("count_apples", 1, 1, 2), ("count_apples", 2, 2, None)]


def test_a_server_that_could_not_be_asked_loses_no_entry(store: Store, database_url: str) -> None:
    store.record(listed_observation([entry("count_apples")]))
    store.record(not_listed_observation(day=1))

    assert rows(database_url, INTERVALS) == [("count_apples", 1, 1, None)]


def declared_observation(*names: str, day: int = 0) -> Observation:
    entries = tuple(entry(name, provenance=Provenance.DECLARED) for name in names)
    said = Declared(entries=entries, reason=Reason.CRASHED, detail="it fell over", hint="none")
    return replace(listed_observation(day=day), outcome=said)


def test_a_list_that_may_be_partial_closes_nothing_that_it_does_not_mention(store: Store) -> None:
    store.record(listed_observation([entry("pick"), entry("count")]))
    seen = listed_observation([entry("pick", description="Picks."), entry("sell")], day=1)
    assert isinstance(seen.outcome, Listed)
    changes = store.record(replace(seen, outcome=replace(seen.outcome, maybe_partial=True)))

    assert changes == Changes(added=("sell",), changed=("pick",))
    assert [found.key for found in store.present("orchard").entries] == ["count", "pick", "sell"]


def test_recording_tells_what_is_new_changed_and_gone(store: Store) -> None:
    first = store.record(listed_observation([entry("pick"), entry("count")]))
    second = store.record(listed_observation([entry("pick", description="Picks."), entry("sell")], day=1))
    same = store.record(listed_observation([entry("pick", description="Picks."), entry("sell")], day=2))

    assert first == Changes(added=("pick", "count"))
    assert second == Changes(added=("sell",), changed=("pick",), removed=("count",))
    assert same == Changes()


def test_another_day_in_a_description_is_no_change(store: Store) -> None:
    store.record(listed_observation([entry("pick", description="Ripe since 2026-03-01.")]))
    changes = store.record(listed_observation([entry("pick", description="Ripe since 2026-03-02.")], day=1))

    assert changes == Changes()
    (found,) = store.present("orchard").entries
    assert found.definition.raw["description"] == "Ripe since 2026-03-01."


def test_what_a_source_declares_is_kept_until_the_server_itself_lists_its_tools(store: Store) -> None:
    store.record(declared_observation("pick", "count"))
    store.record(listed_observation([entry("pick")], day=1))

    (found,) = store.present("orchard").entries
    assert (found.key, found.provenance) == ("pick", Provenance.LIVE)


def test_what_a_source_declares_does_not_displace_what_the_server_itself_listed(store: Store) -> None:
    store.record(listed_observation([entry("pick")]))
    changes = store.record(declared_observation("count", day=1))

    assert changes == Changes()
    assert [found.key for found in store.present("orchard").entries] == ["pick"]


def test_an_entry_keeps_the_run_that_showed_it(store: Store) -> None:
    store.record(listed_observation([replace(entry("pick"), run="placeholders")]))

    assert [found.run for found in store.present("orchard").entries] == ["placeholders"]


def test_a_server_that_lists_nothing_has_no_entry_any_more(store: Store) -> None:
    store.record(listed_observation([entry("count_apples")]))
    store.record(listed_observation([], day=1))

    assert present(store) == []


def test_a_definition_that_many_servers_publish_is_stored_once(store: Store, database_url: str) -> None:
    for slug in ("orchard", "meadow", "garden"):
        store.record(listed_observation([entry("count_apples")], server=server_ref(slug=slug)))

    assert rows(database_url, "SELECT hash FROM definition") == [(definition("count_apples").hash,)]


def test_an_entry_that_is_listed_twice_counts_once_and_is_reported(store: Store) -> None:
    first, second = entry("count_apples"), entry("count_apples", description="Counts pears.")

    store.record(listed_observation([first, second], problems=[Problem(where="page 2", message="slow")]))

    assert store.present("orchard").entries == (first,)
    server = store.server("orchard")
    assert server is not None
    assert server.latest.problems == (
        Problem(where="page 2", message="slow"),
        Problem(where="entry 'count_apples'", message="listed again; the first one was kept"),
    )


def test_hostile_text_survives_wherever_a_server_can_put_it(store: Store) -> None:
    tool = entry(HOSTILE, description=HOSTILE, properties={HOSTILE: {"type": HOSTILE}})
    said = Listed(
        server_name=HOSTILE,
        server_version=HOSTILE,
        protocol_version=HOSTILE,
        entries=(tool, action(HOSTILE, tool=HOSTILE)),
        problems=(Problem(where=HOSTILE, message=HOSTILE),),
    )
    server_at = server_ref(origin=Command(argv=("serve", HOSTILE)))

    store.record(replace(listed_observation(server=server_at), outcome=said))

    assert store.present("orchard").entries == said.entries
    server = store.server("orchard")
    assert server is not None
    assert server.origin == Command(argv=("serve", HOSTILE))
    assert server.latest.problems == (Problem(where=HOSTILE, message=HOSTILE),)
    assert (server.latest.server_name, server.latest.server_version) == (HOSTILE, HOSTILE)


def test_stored_definitions_keep_their_hash_and_the_order_of_their_members(store: Store) -> None:
    published = entry(HOSTILE, properties={"weight": {"minimum": 1.0}, "colour": {"enum": ["\x00", None, 10**30]}})

    store.record(listed_observation([published]))

    (stored,) = store.present("orchard").entries
    assert stored.definition.hash == published.definition.hash
    assert str(stored.definition.raw) == str(published.definition.raw)


def test_a_name_of_a_million_characters_is_a_name(store: Store) -> None:
    name = "".join(chr(0x4E00 + number % 20_000) for number in range(1_000_000))  # hard to compress

    store.record(listed_observation([entry(name)]))

    assert present(store) == [name]


def test_what_is_known_of_a_server_follows_the_latest_observation(store: Store) -> None:
    store.record(listed_observation([], server=server_ref()))
    store.record(not_listed_observation(server=replace(server_ref(origin=Command(argv=("serve",))), title="Orchard 2")))

    server = store.server("orchard")
    assert server is not None
    assert (server.title, server.origin) == ("Orchard 2", Command(argv=("serve",)))


def test_the_order_of_recording_counts_whatever_the_clock_says(store: Store) -> None:
    store.record(listed_observation([entry("count_apples")], day=9))
    store.record(not_listed_observation(Reason.TIMED_OUT, day=0))

    server = store.server("orchard")
    assert server is not None
    assert server.latest.reason is Reason.TIMED_OUT


def test_an_observation_that_cannot_be_written_leaves_nothing_behind(store: Store, database_url: str) -> None:
    seen = listed_observation([entry("count_apples")])

    with pytest.raises(StatementError, match="without a time zone"):
        store.record(replace(seen, finished_at=datetime(2026, 3, 1)))  # noqa: DTZ001 — the mistake under test

    assert rows(database_url, "SELECT * FROM server") == []
    store.record(seen)
    assert present(store) == ["count_apples"]


def test_an_unpinned_package_has_no_version(store: Store) -> None:
    origin = Package(ecosystem="pypi", name="orchard-mcp")
    store.record(listed_observation([], server=server_ref(origin=origin)))

    server = store.server("orchard")
    assert server is not None
    assert server.origin == origin
