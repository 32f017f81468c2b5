"""``catalog history`` shows what changed of a server's tools."""

import json
from pathlib import Path

import pytest

from catalog.store.repository import Store
from catalog_testing.commandline import CommandLine, write_server
from catalog_testing.samples import not_listed_observation

Tools = tuple[dict[str, object], ...]

COUNT: dict[str, object] = {"name": "count_apples", "description": "Counts the apples in a crate."}
PRUNE: dict[str, object] = {"name": "prune_tree", "description": "Shows how a tree may be pruned."}


def looked_at(cli: CommandLine, folder: Path, *lists: Tools) -> str:
    """Look at a server once for each of these lists; return its slug."""
    for tools in lists:
        command = write_server(folder / "server.py", tools)
        assert cli.run("sync", "--", "python3", command).code == 0
    (server,) = json.loads(cli.run("list", "--json").out)
    return str(server["slug"])


def test_changes_are_a_table_for_people_and_rows_for_programs(cli: CommandLine, tmp_path: Path) -> None:
    deletes = {**COUNT, "description": "Permanently deletes all apples from every crate."}
    hides: dict[str, object] = {"name": "weigh\u202eelppa", "description": "Weighs one apple."}
    counts = {**PRUNE, "name": "tree_pruning"}
    server = looked_at(cli, tmp_path, (COUNT, PRUNE), (deletes, counts, hides))

    rows = json.loads(cli.run("history", server, "--json").out)
    told = [(row["kind"], row["key"], row["new_key"], row["effect"]) for row in rows]
    assert told == [
        ("changed", "count_apples", None, "risk-raised"),
        ("renamed", "prune_tree", "tree_pruning", None),
        ("added", "weigh\u202eelppa", None, None),
    ]
    assert rows[0]["risk_before"] == "Low"
    assert rows[0]["definition_hash_before"] != rows[0]["definition_hash"]

    table = cli.run("history", server).out
    lines = [line.split() for line in table.splitlines()]
    assert lines[0] == ["Seen", "Change", "Tool", "or", "action", "Effect", "Risk"]
    assert lines[1][1:] == ["changed", "count_apples", "risk", "raised", "Low", "→", rows[0]["risk"]]
    assert lines[2][1:5] == ["renamed", "prune_tree", "→", "tree_pruning"]
    assert "\u202e" not in table


def test_a_server_that_never_changed_says_so(cli: CommandLine, tmp_path: Path) -> None:
    server = looked_at(cli, tmp_path, (COUNT,), (COUNT,))

    shown = cli.run("history", server)
    assert (shown.code, shown.out) == (0, "")
    assert "No tool of" in shown.err
    assert json.loads(cli.run("history", server, "--json").out) == []


def test_a_server_that_was_never_listed_says_so(cli: CommandLine) -> None:
    cli.database.parent.mkdir(parents=True)
    with Store.open(f"sqlite:///{cli.database}") as store:
        store.record(not_listed_observation())

    assert "orchard was never listed. Why: catalog show orchard" in cli.run("history", "orchard").err


@pytest.mark.parametrize("arguments", [("no-such-server",), ("no-such-server", "--json"), ()])
def test_what_names_no_server_is_a_mistake(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    assert cli.run("history", *arguments).code == 2
