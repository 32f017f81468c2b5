"""What ``catalog list`` and ``catalog show`` say of servers that were read, recorded, gated or left incomplete."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from catalog.facts import Finding, FindingKind, PackageFacts, RemoteFacts, RemoteState
from catalog.model import Declared, Entry, Observation, Provenance, Reason, ServerRef
from catalog.origin import Remote, Source
from catalog.store.repository import Store
from catalog_testing.commandline import CommandLine
from catalog_testing.samples import entry, listed_observation, not_listed_observation, server_ref


def record(cli: CommandLine, *observations: Observation) -> None:
    cli.database.parent.mkdir(parents=True, exist_ok=True)
    with Store.open(f"sqlite:///{cli.database}") as store:
        for observation in observations:
            store.record(observation)


def declared_observation(
    names: Sequence[str], *, server: ServerRef | None = None, reason: Reason | None = Reason.NEEDS_CREDENTIALS
) -> Observation:
    entries: list[Entry] = [entry(name, provenance=Provenance.DECLARED) for name in names]
    said = ("no ORCHARD_TOKEN", "set ORCHARD_TOKEN") if reason else ("", "")
    outcome = Declared(entries=tuple(entries), reason=reason, detail=said[0], hint=said[1])
    return replace(listed_observation(server=server, day=1), outcome=outcome)


def test_declared_tools_are_never_called_listed(cli: CommandLine) -> None:
    record(cli, declared_observation(["count_pears", "count_plums"]))
    listed = cli.run("list").out
    assert "2 declared" in listed
    (row,) = json.loads(cli.run("list", "--json").out)
    assert (row["listed"], row["known_from"], row["tools"]) == (False, "declared", 2)
    shown = cli.run("show", "orchard").out
    assert "read: 2026-03-02 12:00 UTC, from its source" in shown
    assert "Read from its source, since the server could not be asked: needs credentials." in shown
    assert "→ set ORCHARD_TOKEN" in shown
    assert "listed:" not in shown


def test_source_alone_has_no_reason_to_show(cli: CommandLine) -> None:
    server = server_ref(origin=Source(path="/yard"))
    record(cli, declared_observation(["count_pears"], server=server, reason=None))
    shown = cli.run("show", "orchard").out
    assert "there was no server to ask" in shown
    assert "None" not in shown
    assert "→" not in shown.partition("steps:")[0]


def test_a_list_that_a_server_gave_stays_its_own_when_only_source_could_be_read_later(cli: CommandLine) -> None:
    record(cli, listed_observation([entry("count_pears")]), declared_observation(["count_pears", "count_plums"]))
    assert "declared" not in cli.run("list").out
    shown = cli.run("show", "orchard").out
    assert "The latest look could only read its source" in shown
    assert "listed: 2026-03-01 12:00 UTC" in shown
    (row,) = json.loads(cli.run("list", "--json").out)
    assert (row["listed"], row["listed_at"], row["tools"]) == (True, "2026-03-01T12:00:03+00:00", 1)


def test_a_narrow_terminal_shows_how_each_server_is_reached(cli: CommandLine) -> None:
    remote = server_ref(slug="yard", origin=Remote(url="https://yard.example/mcp"))
    record(cli, listed_observation([entry("count_pears")]), not_listed_observation(Reason.GATED, server=remote))
    rows = {row["slug"]: row["kind"] for row in json.loads(cli.run("list", "--json").out)}
    assert rows == {"orchard": "npm", "yard": "remote"}
    assert "https://yard.example/mcp" in cli.run("list").out


def test_a_gated_remote_says_what_it_asks_for(cli: CommandLine) -> None:
    server = server_ref(origin=Remote(url="https://yard.example/mcp"))
    facts = RemoteFacts(
        state=RemoteState.GATED, authorization_servers=("https://auth.example",), scopes=("pears:read", "\x1b[2J")
    )
    record(cli, replace(not_listed_observation(Reason.GATED, server=server), remote=facts))
    shown = cli.run("show", "orchard").out
    assert (
        "Not listed: gated. It answers only those who are authorized. Tokens come from https://auth.example." in shown
    )
    assert "scopes: pears:read, \\x1b[2J" in shown
    assert "\x1b" not in shown


def test_what_was_noticed_is_shown_without_acting_on_a_terminal(cli: CommandLine) -> None:
    found = Finding(kind=FindingKind.NETWORK_ATTEMPT, detail="connect 169.254.169.254:80 \x1b[2J")
    package = PackageFacts(
        purl="pkg:npm/%40farm/orchard@1.4.0",
        version="1.4.0",
        released_at=datetime(2026, 2, 1, tzinfo=UTC),
        licence="MIT \x1b",
        sha256="ab" * 32,
    )
    seen = listed_observation([entry("count_pears")])
    record(cli, replace(seen, findings=(found,), package=package))
    shown = cli.run("show", "orchard").out
    assert "found: network-attempt: connect 169.254.169.254:80 \\x1b[2J" in shown
    assert "released: 2026-02-01" in shown
    assert f"files: sha256 {'ab' * 32}" in shown
    assert "steps: install → run" in shown
    assert "\x1b" not in shown


def test_a_tool_says_which_run_showed_it(cli: CommandLine) -> None:
    record(cli, listed_observation([replace(entry("count_pears"), run="placeholders")]))
    assert "provenance: live, by placeholders" in cli.run("show", "orchard", "count_pears").out
    assert json.loads(cli.run("show", "orchard", "count_pears", "--json").out)["run"] == "placeholders"
