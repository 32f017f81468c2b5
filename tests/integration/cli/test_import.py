"""``catalog import`` through the real program."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine, write_server

TOOLS = [
    {"name": "list_pears", "description": "List the pears."},
    {"name": "delete_pear", "description": "Delete one."},
]


def write(folder: Path, tools: object = TOOLS, name: str = "orchard.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"tools": tools}), encoding="utf-8")
    return path


def test_a_recorded_list_is_stored_judged_and_shown(cli: CommandLine, tmp_path: Path) -> None:
    done = cli.run("import", write(tmp_path))
    assert done.code == 0, done.err
    assert "recording-orchard" in done.out
    shown = json.loads(cli.run("show", "recording-orchard", "--json").out)
    assert {entry["key"]: entry["category"] for entry in shown["entries"]} == {
        "list_pears": "Read", "delete_pear": "Delete",
    }  # fmt: skip
    assert {entry["provenance"] for entry in shown["entries"]} == {"recorded"}


def test_importing_again_replaces_the_list(cli: CommandLine, tmp_path: Path) -> None:
    cli.run("import", write(tmp_path))
    done = cli.run("import", "--json", write(tmp_path, [*TOOLS[:1], {"title": "nameless"}]))
    (observation,) = json.loads(done.out)
    assert (observation["entries"], len(observation["problems"])) == (["list_pears"], 1)
    (row,) = json.loads(cli.run("list", "--json").out)
    assert row["tools"] == 1


def test_standard_input_gets_its_name_from_the_user(cli: CommandLine) -> None:
    text = json.dumps(TOOLS)
    nameless = cli.run("import", "-", stdin=text)
    assert (nameless.code, "--server SLUG" in nameless.err) == (2, True)
    assert cli.run("import", "--server", "orchard", "--title", "The \x1b orchard", "-", stdin=text).code == 0
    (row,) = json.loads(cli.run("list", "--json").out)
    assert (row["slug"], row["title"]) == ("orchard", "The \\x1b orchard")


def test_a_server_that_can_be_run_is_not_replaced_by_a_recording(cli: CommandLine, tmp_path: Path) -> None:
    script = write_server(tmp_path / "project", [{**tool, "inputSchema": {"type": "object"}} for tool in TOOLS])
    slug = json.loads(cli.run("sync", "--json", "--", "python3", script).out)[0]["server"]
    done = cli.run("import", "--server", slug, write(tmp_path, TOOLS[:1]))
    assert (done.code, f"--server {slug}-recorded" in done.err) == (2, True)
    (row,) = json.loads(cli.run("list", "--json").out)
    assert row["tools"] == 2


def test_a_file_that_holds_no_list_stores_nothing_and_is_one_clear_line(cli: CommandLine, tmp_path: Path) -> None:
    bad = write(tmp_path, [7], "bad.json")
    for arguments, code in (((bad,), 1), ((tmp_path / "absent",), 1), (("--server", "A b", write(tmp_path)), 2)):
        done = cli.run("import", *arguments)
        assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert json.loads(cli.run("list", "--json").out) == []
