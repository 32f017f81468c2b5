"""For any past of a server, its changes undone one by one lead from what is present back to the first list."""

from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model import Dispatch, Entry
from catalog.store.repository import Store
from catalog.view import ChangeKind, ChangeRow
from catalog_testing.samples import entry, listed_observation, server_ref

DISPATCHES = st.none() | st.builds(
    lambda tool, action: Dispatch(tool=tool, selector={"action": action}),
    st.sampled_from(["barn", "shed"]),
    st.sampled_from(["pick", "sow"]),
)
# Few words, so that definitions are often alike but for their names.
ENTRIES = st.builds(
    lambda name, description, dispatch: entry(name, description=description, dispatch=dispatch),
    st.sampled_from(["barn", "shed", "pick", "sow"]),
    st.sampled_from(["", "Counts apples.", "Counts pears."]),
    DISPATCHES,
)
LISTS = st.lists(ENTRIES, max_size=6, unique_by=lambda found: found.key)

State = dict[str, str]
"""Entry key to definition hash."""


def state(entries: Sequence[Entry]) -> State:
    return {found.key: found.definition.hash for found in entries}


def undo(change: ChangeRow, now: State) -> None:
    """Turn ``now`` into what was before ``change``; what it says there is must be there."""
    if change.after is not None:
        assert now.pop(change.new_key or change.key) == change.after.hash
    if change.before is not None:
        assert change.key not in now
        now[change.key] = change.before.hash


def test_changes_lead_back_to_the_first_list_and_removed_entries_are_those_not_present(tmp_path: Path) -> None:
    slugs = (f"server-{number}" for number in count())
    with closing(Store.open(f"sqlite:///{tmp_path / 'catalog.db'}")) as store:

        @settings(max_examples=80, deadline=None)
        @given(st.lists(LISTS, min_size=1, max_size=5))
        def check(lists: list[list[Entry]]) -> None:
            server = server_ref(slug=next(slugs))
            for day, entries in enumerate(lists):
                store.record(listed_observation(entries, server=server, day=day))
            changes, removed = store.history(server.slug), store.removed(server.slug)

            now = state(lists[-1])
            for change in changes:
                undo(change, now)
            assert now == state(lists[0])

            ever = {found.key for entries in lists for found in entries}
            present = {found.key for found in lists[-1]}
            assert [row.key for row in removed] == sorted(ever - present)
            renamed = {change.key for change in changes if change.kind is ChangeKind.RENAMED}
            for row in removed:
                assert row.new_key is None or (row.new_key in present and row.key in renamed)

        check()
