"""The view of the catalogue that the store gives to outputs."""

from dataclasses import replace

import pytest

from catalog.facts import Finding, FindingKind, PackageFacts, RemoteFacts, RemoteState
from catalog.model import Declared, Listed, NotListed, Observation, Provenance, Reason
from catalog.origin import Bundle, Command, Image, Origin, Package, Recording, Remote, Source
from catalog.store.repository import Store
from catalog.view import CatalogView, EntryRow, ObservationRow, ServerRow
from catalog_testing.samples import (
    NOON,
    action,
    classification,
    entry,
    listed_observation,
    not_listed_observation,
    server_ref,
)
from classifier.verdict import Category


def judge_all(store: Store, ruleset: str = "1") -> None:
    for slug in store.unjudged(ruleset):
        judged = store.present(slug)
        assert store.judge(judged, ruleset, {found.key: classification() for found in judged.entries})


def row_of(observation: Observation) -> ObservationRow:
    said = observation.outcome
    common = {name: getattr(observation, name) for name in ("started_at", "finished_at", "version", "sandbox", "rungs")}
    match said:
        case NotListed():
            return ObservationRow(
                **common, outcome="not_listed", reason=said.reason, detail=said.detail, hint=said.hint
            )
        case Listed():
            return ObservationRow(
                **common,
                outcome="listed",
                reason=None,
                server_name=said.server_name,
                server_version=said.server_version,
                protocol_version=said.protocol_version,
                problems=said.problems,
            )
        case Declared():
            return ObservationRow(
                **common,
                outcome="declared",
                reason=said.reason,
                detail=said.detail,
                hint=said.hint,
                problems=said.problems,
            )


def test_a_server_row_tells_the_latest_attempt_and_the_latest_listing(store: Store) -> None:
    server = server_ref(product="farm")
    listing = listed_observation([entry("orchard"), action("count"), action("pick")], server=server, day=1)
    failure = not_listed_observation(server=server, day=2)
    for seen in (not_listed_observation(server=server), listing, failure):
        store.record(seen)

    assert store.server("orchard") == ServerRow(
        slug=server.slug,
        title=server.title,
        origin=server.origin,
        product=server.product,
        product_title=server.product_title,
        publisher=server.publisher,
        homepage=server.homepage,
        repository=server.repository,
        environment=server.environment,
        arguments=server.arguments,
        latest=row_of(failure),
        listing=row_of(listing),
        tools=1,
        actions=2,
    )


def test_a_server_that_was_never_listed_has_no_listing_and_no_entry(store: Store) -> None:
    store.record(not_listed_observation(Reason.NOT_FOUND))

    server = store.server("orchard")
    assert server is not None
    assert (server.listing, server.tools, server.actions) == (None, 0, 0)
    assert store.entries("orchard") == []


def test_a_server_that_nobody_looked_at_is_none(store: Store) -> None:
    assert store.server("orchard") is None
    assert store.servers() == []
    assert store.entries("orchard") == []


def test_rows_come_sorted_by_code_point_on_every_database(store: Store) -> None:
    slugs = ["b-1", "b", "ba", "a2", "a-b", "a"]
    keys = ["list_b", "List_c", "list-a", "éclair", "_list"]
    for slug in slugs:
        store.record(listed_observation([entry(key) for key in keys], server=server_ref(slug=slug)))
    judge_all(store)

    assert [server.slug for server in store.servers()] == sorted(slugs)
    assert [row.key for row in store.entries("a")] == sorted(keys)


def test_an_entry_row_tells_the_definition_and_its_verdict(store: Store) -> None:
    pick, plant = action("pick"), action("plant")
    verdicts = {
        pick.key: classification(Category.DELETE, inverse="plant"),
        plant.key: classification(Category.WRITE),
    }
    store.record(listed_observation([plant, pick]))
    assert store.judge(store.present("orchard"), "rules-7", verdicts)

    first = store.entries("orchard")[0]

    assert first == EntryRow(
        server="orchard",
        key="orchard/pick",
        definition=pick.definition,
        provenance=pick.provenance,
        dispatch=pick.dispatch,
        run="",
        first_seen=row_of(listed_observation()).finished_at,
        last_seen=row_of(listed_observation()).finished_at,
        classification=verdicts[pick.key],
        ruleset="rules-7",
    )


def test_only_entries_that_are_present_and_judged_are_shown(store: Store) -> None:
    store.record(listed_observation([entry("count_apples"), entry("pick_apple")]))
    assert store.entries("orchard") == []
    judge_all(store)
    store.record(listed_observation([entry("count_apples"), entry("plant_tree")], day=1))

    assert [row.key for row in store.entries("orchard")] == ["count_apples"]
    judge_all(store)
    assert [row.key for row in store.entries("orchard")] == ["count_apples", "plant_tree"]


def test_a_definition_that_comes_back_was_first_seen_when_it_was_first_seen(store: Store) -> None:
    before, changed = entry("count_apples"), entry("count_apples", description="Counts pears.")
    for day, listed in enumerate([before, changed, before]):
        store.record(listed_observation([listed], day=day))
    judge_all(store)

    (row,) = store.entries("orchard")

    assert row.definition == before.definition
    assert ((row.first_seen - NOON).days, (row.last_seen - NOON).days) == (0, 2)


def test_the_store_is_a_view_of_the_catalogue(store: Store) -> None:
    view: CatalogView = store

    assert view.servers() == []


def test_an_observation_row_tells_all_that_was_learnt_besides_tools(store: Store) -> None:
    findings = (Finding(kind=FindingKind.NETWORK_ATTEMPT, detail="connect 192.0.2.1:80", rung="run"),)
    package = PackageFacts(purl="pkg:npm/orchard@1.4.0", version="1.4.0", released_at=NOON, licence="MIT", sha256="ab")
    remote = RemoteFacts(state=RemoteState.GATED, scopes=("read",), authorization_servers=("https://login.example",))
    seen = replace(not_listed_observation(), findings=findings, package=package, remote=remote)
    store.record(seen)

    server = store.server("orchard")
    assert server is not None
    assert (server.latest.findings, server.latest.package, server.latest.remote) == (findings, package, remote)


@pytest.mark.parametrize(
    "origin",
    [
        Package(ecosystem="nuget", name="Orchard"),
        Command(argv=("serve", "--all")),
        Remote(url="https://orchard.example/mcp", transport="sse", typed=True),
        Bundle(location="/tmp/orchard.mcpb", sha256="ab"),
        Image(reference="orchard/mcp:1"),
        Source(path="/tmp/orchard"),
        Recording(name="orchard.json"),
    ],
)
def test_every_way_to_reach_a_server_is_kept(store: Store, origin: Origin) -> None:
    store.record(listed_observation(server=server_ref(origin=origin)))

    server = store.server("orchard")
    assert server is not None
    assert server.origin == origin


def test_what_its_source_declares_counts_as_a_list_and_says_why_it_was_not_asked(store: Store) -> None:
    declared = entry("pick", provenance=Provenance.DECLARED)
    said = Declared(entries=(declared,), reason=Reason.NEEDS_NETWORK, detail="no route", hint="none")
    store.record(replace(listed_observation(), outcome=said))

    server = store.server("orchard")
    assert server is not None
    assert server.listing == server.latest
    assert (server.tools, server.latest.outcome, server.latest.reason) == (1, "declared", Reason.NEEDS_NETWORK)
    assert not server.latest.listed
