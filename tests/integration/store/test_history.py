"""What changed of a server's entries, and which are gone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from catalog.model import Declared, Definition, Entry, Listed, Observation, Provenance, Reason
from catalog.store.repository import Store
from catalog.view import ChangeKind, ChangeRow, Effect, RemovedRow
from catalog_testing.samples import (
    NOON,
    action,
    classification,
    entry,
    listed_observation,
    not_listed_observation,
    server_ref,
)
from classifier.definition import JsonObject, JsonValue
from classifier.verdict import Category, Level

COUNT, PICK = entry("count_apples"), entry("pick_apple", description="Picks an apple.")
HOSTILE = "nul \x00, lone \ud800, \x1b[31m, \u202e"


def declared_observation(*entries: Entry, day: int = 0) -> Observation:
    read = tuple(replace(found, provenance=Provenance.DECLARED) for found in entries)
    said = Declared(entries=read, reason=Reason.CRASHED, detail="it fell over", hint="none")
    return replace(listed_observation(day=day), outcome=said)


def partial_observation(*entries: Entry, day: int = 0) -> Observation:
    seen = listed_observation(entries, day=day)
    assert isinstance(seen.outcome, Listed)
    return replace(seen, outcome=replace(seen.outcome, maybe_partial=True))


def record(store: Store, *lists: Sequence[Entry]) -> None:
    for day, entries in enumerate(lists):
        store.record(listed_observation(entries, day=day))


def judge(store: Store, ruleset: str = "1", **categories: Category) -> None:
    judged = store.present("orchard")
    verdicts = {found.key: classification(categories.get(found.key, Category.READ)) for found in judged.entries}
    assert store.judge(judged, ruleset, verdicts)


def told(store: Store) -> list[tuple[int, ChangeKind, str]]:
    """Return each change as its day, its kind and its key, or both keys of a renamed one."""
    return [
        ((row.at - NOON).days, row.kind, f"{row.key} → {row.new_key}" if row.new_key else row.key)
        for row in store.history("orchard")
    ]


def test_what_the_first_list_shows_is_no_change(store: Store) -> None:
    store.record(not_listed_observation())
    store.record(listed_observation([COUNT, PICK], day=1))
    store.record(listed_observation([PICK, COUNT], day=2))

    assert store.history("orchard") == []
    assert store.removed("orchard") == []


def test_a_server_that_nobody_looked_at_has_no_history(store: Store) -> None:
    assert store.history("orchard") == []
    assert store.removed("orchard") == []


def test_changes_come_latest_first_and_then_by_key(store: Store) -> None:
    changed = entry("pick_apple", description="Picks a pear.")
    record(store, [COUNT, PICK], [COUNT, changed, entry("Sell"), action("plant")], [changed])

    assert told(store) == [
        (2, ChangeKind.REMOVED, "Sell"),
        (2, ChangeKind.REMOVED, "count_apples"),
        (2, ChangeKind.REMOVED, "orchard/plant"),
        (1, ChangeKind.ADDED, "Sell"),
        (1, ChangeKind.ADDED, "orchard/plant"),
        (1, ChangeKind.CHANGED, "pick_apple"),
    ]


def test_the_order_of_recording_counts_whatever_the_clock_says(store: Store) -> None:
    for day, entries in ((9, [COUNT]), (5, [COUNT, PICK]), (7, [COUNT])):
        store.record(listed_observation(entries, day=day))

    assert told(store) == [(7, ChangeKind.REMOVED, "pick_apple"), (5, ChangeKind.ADDED, "pick_apple")]


def test_a_change_shows_both_definitions_and_what_was_judged(store: Store) -> None:
    before, after = COUNT, entry("count_apples", description="Drops all apples.")
    record(store, [before, PICK])
    judge(store)
    store.record(listed_observation([after], day=1))
    judge(store, count_apples=Category.DELETE)

    at = listed_observation(day=1).finished_at
    assert store.history("orchard") == [
        ChangeRow(
            server="orchard",
            at=at,
            key="count_apples",
            kind=ChangeKind.CHANGED,
            effect=Effect.RISK_RAISED,
            before=before.definition,
            after=after.definition,
            category=Category.DELETE,
            risk=Level.CRITICAL,
            risk_before=Level.LOW,
        ),
        ChangeRow(
            server="orchard",
            at=at,
            key="pick_apple",
            kind=ChangeKind.REMOVED,
            before=PICK.definition,
            category=Category.READ,
            risk=Level.LOW,
        ),
    ]


def test_an_entry_that_vanished_and_came_back_was_removed_and_added(store: Store) -> None:
    record(store, [COUNT, PICK], [COUNT], [COUNT, PICK])

    assert told(store) == [(2, ChangeKind.ADDED, "pick_apple"), (1, ChangeKind.REMOVED, "pick_apple")]
    assert store.removed("orchard") == []


def test_a_failed_or_partial_look_removes_nothing(store: Store) -> None:
    store.record(listed_observation([COUNT, PICK]))
    store.record(not_listed_observation(day=1))
    store.record(partial_observation(PICK, entry("sell"), day=2))

    assert told(store) == [(2, ChangeKind.ADDED, "sell")]


def test_another_day_in_a_default_is_no_change_even_where_the_list_comes_another_way(store: Store) -> None:
    def dated(day: str, provenance: Provenance) -> Entry:
        return entry("count_apples", properties={"day": {"default": day}}, provenance=provenance)

    record(store, [dated("2026-03-01", Provenance.RECORDED)], [dated("2026-03-02", Provenance.LIVE)])

    assert store.history("orchard") == []


class TestDeclaredAndListed:
    """What a server's source declares, and what the server itself lists, are two ways to know the same tools."""

    def test_from_declared_to_listed_is_no_change_where_the_key_stays(self, store: Store) -> None:
        store.record(declared_observation(entry("count_apples", description="")))
        store.record(listed_observation([COUNT], day=1))

        assert store.history("orchard") == []

    def test_what_the_first_list_of_the_server_itself_shows_was_not_added(self, store: Store) -> None:
        store.record(declared_observation(COUNT))
        store.record(listed_observation([COUNT, PICK], day=1))
        store.record(listed_observation([COUNT, PICK, entry("sell")], day=2))

        assert told(store) == [(2, ChangeKind.ADDED, "sell")]

    def test_a_declared_tool_that_the_server_does_not_list_is_removed(self, store: Store) -> None:
        store.record(declared_observation(COUNT, PICK))
        store.record(listed_observation([COUNT], day=1))

        assert told(store) == [(1, ChangeKind.REMOVED, "pick_apple")]
        assert [row.key for row in store.removed("orchard")] == ["pick_apple"]

    def test_a_declared_tool_that_came_back_with_the_first_list_was_added(self, store: Store) -> None:
        store.record(declared_observation(COUNT, PICK))
        store.record(declared_observation(COUNT, day=1))
        store.record(listed_observation([COUNT, PICK], day=2))

        assert told(store) == [(2, ChangeKind.ADDED, "pick_apple"), (1, ChangeKind.REMOVED, "pick_apple")]

    def test_a_source_that_changes_changes_what_it_declares(self, store: Store) -> None:
        store.record(declared_observation(COUNT))
        store.record(declared_observation(entry("count_apples", description="Counts pears."), PICK, day=1))

        assert told(store) == [(1, ChangeKind.CHANGED, "count_apples"), (1, ChangeKind.ADDED, "pick_apple")]


class TestRenamed:
    """The same definition under another name."""

    def test_only_the_name_and_titles_may_differ(self, store: Store) -> None:
        def titled(name: str, title: str) -> Entry:
            raw = {**COUNT.definition.raw, "name": name, "title": title, "annotations": {"title": title}}
            return replace(COUNT, definition=Definition(raw=raw))

        before, after = titled("count_apples", "Count"), titled("apples_count", "Apples")
        record(store, [before, PICK])
        judge(store)
        store.record(listed_observation([after, PICK], day=1))
        judge(store, apples_count=Category.DELETE)

        (row,) = store.history("orchard")
        assert (row.kind, row.key, row.new_key, row.effect) == (
            ChangeKind.RENAMED,
            "count_apples",
            "apples_count",
            None,
        )
        assert (row.before, row.after) == (before.definition, after.definition)
        assert (row.risk_before, row.risk, row.category) == (Level.LOW, Level.CRITICAL, Category.DELETE)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ([entry("a")], [entry("b", description="Counts pears.")]),
            ([entry("a")], [entry("b", properties={"row": {"type": "string"}})]),
            ([entry("a", description="")], [entry("b", description="")]),
            ([entry("a"), entry("b")], [entry("c")]),
            ([entry("a")], [entry("b"), entry("c")]),
            ([entry("a")], [action("b")]),
            ([action("a", tool="barn")], [action("a", tool="shed")]),
        ],
        ids=["words", "parameters", "no description", "two before", "two after", "tool to action", "dispatcher"],
    )
    def test_what_may_be_another_tool_was_removed_and_added(
        self, store: Store, before: list[Entry], after: list[Entry]
    ) -> None:
        record(store, before, after)

        kinds = [row.kind for row in store.history("orchard")]
        assert sorted(kinds) == [ChangeKind.ADDED] * len(after) + [ChangeKind.REMOVED] * len(before)

    def test_a_tool_that_appears_later_is_another(self, store: Store) -> None:
        record(store, [COUNT, PICK], [PICK], [PICK, entry("apples_count")])

        assert told(store) == [(2, ChangeKind.ADDED, "apples_count"), (1, ChangeKind.REMOVED, "count_apples")]

    def test_an_action_is_renamed_behind_its_dispatcher(self, store: Store) -> None:
        record(
            store,
            [action("a", tool="barn"), action("a", tool="shed")],
            [action("b", tool="barn"), action("a", tool="shed")],
        )

        assert told(store) == [(1, ChangeKind.RENAMED, "barn/a → barn/b")]

    def test_a_dispatcher_that_is_renamed_takes_its_actions_along(self, store: Store) -> None:
        before, after = (
            [entry(tool), action("pick", tool=tool), action("sow", tool=tool)] for tool in ("barn", "shed")
        )
        record(store, before, after)

        assert told(store) == [
            (1, ChangeKind.RENAMED, "barn → shed"),
            (1, ChangeKind.RENAMED, "barn/pick → shed/pick"),
            (1, ChangeKind.RENAMED, "barn/sow → shed/sow"),
        ]


def parameter(**more: JsonValue) -> Mapping[str, JsonValue]:
    return {"row": {"type": "string", **more}}


def hinted(*, title: str, read_only: bool) -> Entry:
    hints: JsonObject = {"title": title, "readOnlyHint": read_only}
    raw = {**COUNT.definition.raw, "annotations": hints}
    return replace(COUNT, definition=Definition(raw=raw))


class TestEffect:
    """What another definition of the same entry means."""

    @pytest.mark.parametrize(
        ("before", "after", "effect"),
        [
            (COUNT, entry("count_apples", description="Counts pears."), Effect.COSMETIC),
            (
                entry("count_apples", properties=parameter(description="A row.", title="Row")),
                entry("count_apples", properties=parameter(description="The row of trees.")),
                Effect.COSMETIC,
            ),
            (
                entry("count_apples", description="Counts.", properties=parameter(default="/home/ann/orchard")),
                entry("count_apples", properties=parameter(default="/root/orchard")),
                Effect.COSMETIC,
            ),
            (hinted(title="Count", read_only=True), hinted(title="Apples", read_only=True), Effect.COSMETIC),
            (hinted(title="Count", read_only=True), hinted(title="Count", read_only=False), Effect.INTERFACE),
            (COUNT, entry("count_apples", properties=parameter()), Effect.INTERFACE),
            (
                entry("count_apples", properties={"title": {"type": "string"}}),
                entry("count_apples", properties={"title": {"type": "integer"}}),
                Effect.INTERFACE,
            ),
            (
                entry("count_apples", properties={"x": {"default": {"title": "Elm"}}}),
                entry("count_apples", properties={"x": {"default": {"title": "Oak"}}}),
                Effect.INTERFACE,
            ),
        ],
        ids=[
            "description",
            "words of a parameter",
            "a path",
            "title",
            "hint",
            "parameter",
            "a parameter called title",
            "default",
        ],
    )
    def test_at_the_same_risk_it_depends_on_what_differs(
        self, store: Store, before: Entry, after: Entry, effect: Effect
    ) -> None:
        record(store, [before])
        judge(store)
        store.record(listed_observation([after], day=1))
        judge(store)

        assert [row.effect for row in store.history("orchard")] == [effect]

    def test_an_action_that_is_selected_otherwise_has_another_interface(self, store: Store) -> None:
        before = action("pick")
        assert before.dispatch is not None
        after = replace(before, dispatch=replace(before.dispatch, selector={"operation": "pick"}))
        record(store, [before])
        judge(store)
        store.record(listed_observation([after], day=1))
        judge(store)

        assert [row.effect for row in store.history("orchard")] == [Effect.INTERFACE]

    @pytest.mark.parametrize(
        ("before", "after", "effect"),
        [
            (Category.READ, Category.DELETE, Effect.RISK_RAISED),
            (Category.DELETE, Category.READ, Effect.RISK_LOWERED),
        ],
    )
    def test_another_risk_wins_over_what_differs(
        self, store: Store, before: Category, after: Category, effect: Effect
    ) -> None:
        record(store, [COUNT])
        judge(store, count_apples=before)
        store.record(listed_observation([entry("count_apples", description="Counts pears.")], day=1))
        judge(store, count_apples=after)

        assert [row.effect for row in store.history("orchard")] == [effect]

    def test_it_is_unknown_where_a_definition_was_never_judged(self, store: Store) -> None:
        record(store, [COUNT], [entry("count_apples", description="Counts pears.")])
        (row,) = store.history("orchard")
        assert (row.effect, row.category, row.risk, row.risk_before) == (None, None, None, None)

        judge(store)

        (row,) = store.history("orchard")
        assert (row.effect, row.category, row.risk, row.risk_before) == (None, Category.READ, Level.LOW, None)

    def test_it_is_unknown_where_other_rules_judged_the_new_definition(self, store: Store) -> None:
        record(store, [COUNT])
        judge(store, "1")
        store.record(listed_observation([entry("count_apples", description="Counts pears.")], day=1))
        judge(store, "2", count_apples=Category.DELETE)

        (row,) = store.history("orchard")
        assert (row.effect, row.risk, row.risk_before) == (None, Level.CRITICAL, None)

    def test_later_rules_do_not_change_what_a_change_meant(self, store: Store) -> None:
        record(store, [COUNT])
        judge(store, "1")
        store.record(listed_observation([entry("count_apples", description="Drops apples."), PICK], day=1))
        judge(store, "1", count_apples=Category.DELETE)
        before = store.history("orchard")

        judge(store, "2")

        assert store.history("orchard") == before
        assert before[0].effect is Effect.RISK_RAISED


class TestRemoved:
    """Entries that a server no longer has."""

    def test_it_tells_the_last_definition_and_what_was_judged(self, store: Store) -> None:
        early, late = action("pick"), action("pick")
        late = replace(late, definition=entry("pick", description="Picks a pear.").definition)
        for day, entries in enumerate([[early, COUNT], [late, COUNT], [late, COUNT]]):
            store.record(listed_observation(entries, day=day))
        judge(store, "1", **{early.key: Category.DELETE})
        store.record(not_listed_observation(day=3))
        store.record(listed_observation([COUNT], day=4))
        judge(store, "2")

        ends = [listed_observation(day=day).finished_at for day in range(5)]
        assert store.removed("orchard") == [
            RemovedRow(
                server="orchard",
                key="orchard/pick",
                definition=late.definition,
                dispatch=late.dispatch,
                first_seen=ends[0],
                last_seen=ends[2],
                removed_at=ends[4],
                category=Category.DELETE,
                risk=Level.CRITICAL,
            )
        ]

    def test_they_come_by_key(self, store: Store) -> None:
        keys = ["list_b", "List_c", "list-a", "éclair", "_list", HOSTILE]
        record(store, [entry(key) for key in keys], [])

        assert [row.key for row in store.removed("orchard")] == sorted(keys)
        assert [row.key for row in store.history("orchard")] == sorted(keys)

    def test_one_that_was_never_judged_has_no_verdict(self, store: Store) -> None:
        record(store, [COUNT], [])

        (row,) = store.removed("orchard")
        assert (row.category, row.risk) == (None, None)

    def test_renames_are_followed_to_what_is_present(self, store: Store) -> None:
        other = entry("b", description="Sells apples.")
        # The second b is no relation of the first.
        record(store, [entry("a")], [entry("b")], [entry("c")], [entry("c"), other])

        assert [(row.key, row.new_key) for row in store.removed("orchard")] == [("a", "c")]

    def test_an_entry_that_changed_after_it_was_renamed_is_the_same(self, store: Store) -> None:
        record(store, [entry("a")], [entry("b")], [entry("b", description="Counts crates.")])

        assert [(row.key, row.new_key) for row in store.removed("orchard")] == [("a", "b")]

    def test_an_entry_whose_successor_is_gone_has_none(self, store: Store) -> None:
        record(store, [entry("a")], [entry("b")], [])

        assert [(row.key, row.new_key) for row in store.removed("orchard")] == [("a", None), ("b", None)]

    def test_other_servers_do_not_matter(self, store: Store) -> None:
        record(store, [COUNT, PICK], [COUNT])
        for day, entries in enumerate([[PICK], [PICK, COUNT]]):
            store.record(listed_observation(entries, server=server_ref(slug="meadow"), day=day))

        assert [row.key for row in store.removed("orchard")] == ["pick_apple"]
        assert [(row.server, row.kind) for row in store.history("meadow")] == [("meadow", ChangeKind.ADDED)]
        assert store.removed("meadow") == []
