"""For any history of listings, the intervals say at every observation exactly what was listed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count, groupby
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model import Definition, Dispatch, Entry, Provenance
from catalog.store.repository import Store
from catalog_testing.database import rows
from catalog_testing.samples import listed_observation, not_listed_observation, server_ref
from classifier.definition import JsonObject

ANY_TEXT = st.text(st.characters(codec=None, categories=["L", "Cs", "Cc", "P", "So"]), max_size=6)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3))


def as_parsed(name: str, schema: object) -> JsonObject:
    """Return a definition as a JSON parser would give it; parsers join two halves of a surrogate pair."""
    parsed: JsonObject = json.loads(json.dumps({"name": name, "inputSchema": schema}))
    return parsed


NAMES = st.sampled_from(["count", "pick", "plant", "nul \x00", "lone \ud800", "count/pick"]) | ANY_TEXT
DEFINITIONS = st.builds(lambda name, schema: Definition(raw=as_parsed(name, schema)), NAMES, VALUES)
DISPATCHES = st.none() | st.builds(
    lambda tool, action: Dispatch(tool=tool, selector={"action": action}), NAMES, st.sampled_from(["pick", "plant"])
)
ENTRIES = st.builds(
    lambda definition, provenance, dispatch: Entry(definition=definition, provenance=provenance, dispatch=dispatch),
    DEFINITIONS,
    st.sampled_from([Provenance.LIVE, Provenance.EXPANDED]),
    DISPATCHES,
)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Entry] | None]:
    """Draw listings that have much in common; None is an attempt that could not list the server."""
    known = draw(st.lists(ENTRIES, min_size=1, max_size=6))
    return draw(st.lists(st.none() | st.lists(st.sampled_from(known), max_size=6), min_size=1, max_size=6))


def kept(listing: Sequence[Entry]) -> dict[str, Entry]:
    return {entry.key: entry for entry in reversed(listing)}  # of one key the first one counts


def test_intervals_say_at_every_observation_what_was_listed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    servers = (f"server-{number}" for number in count())  # each history has a server of its own
    with closing(Store.open(url)) as store:
        every_history_is_kept(store, url, servers)


def every_history_is_kept(store: Store, url: str, servers: Iterator[str]) -> None:
    @settings(max_examples=60, deadline=None)
    @given(histories())
    def check(history: list[list[Entry] | None]) -> None:
        server = server_ref(slug=next(servers))
        for listing in history:
            seen = (
                not_listed_observation(server=server) if listing is None else listed_observation(listing, server=server)
            )
            store.record(seen)

        its = f"WHERE server_id = (SELECT id FROM server WHERE slug = '{server.slug}')"
        observed = [number for (number,) in rows(url, f"SELECT id FROM observation {its} ORDER BY id")]
        columns = "key_hash, opened_by, last_seen, coalesce(closed_by, 999999999), definition"
        intervals = rows(url, f"SELECT {columns} FROM presence {its} ORDER BY key_hash, id")

        for number, listing in zip(observed, history, strict=True):
            if listing is not None:
                present = sorted(row[4] for row in intervals if row[1] <= number < row[3])
                assert present == sorted(entry.definition.hash for entry in kept(listing).values())
                assert all(number <= row[2] for row in intervals if row[1] <= number < row[3])
        for _, same_key in groupby(intervals, key=lambda row: row[0]):
            moments = [moment for row in same_key for moment in (row[1], row[3])]
            assert moments == sorted(moments)  # one interval ends before the next of its key begins

        last = next((listing for listing in reversed(history) if listing is not None), [])
        stored = {entry.key: entry for entry in store.present(server.slug).entries}
        assert stored == kept(last)
        assert {key: entry.definition.hash for key, entry in stored.items()} == {
            key: entry.definition.hash for key, entry in kept(last).items()
        }

    check()
