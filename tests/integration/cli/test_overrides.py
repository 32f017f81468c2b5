"""A person's decision wins, is shown as such, and is looked at again when the definition changes."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine, write_server

TOOLS: tuple[dict[str, object], ...] = (
    {"name": "write_file", "description": "Write a file.", "inputSchema": {"properties": {"path": {"type": "string"}}}},
    {"name": "list_files", "description": "List files."},
)


def listed(cli: CommandLine, tmp_path: Path, tools: tuple[dict[str, object], ...] = TOOLS) -> str:
    """Look at a server with these tools; return its slug."""
    command = write_server(tmp_path / "server.py", tools)
    assert cli.run("sync", "--", "python3", command).code == 0
    (server,) = json.loads(cli.run("list", "--json").out)
    return str(server["slug"])


def verdict(cli: CommandLine, server: str, tool: str) -> dict[str, object]:
    shown: dict[str, object] = json.loads(cli.run("show", server, tool, "--json").out)
    return shown


def test_a_decision_wins_and_says_whose_it_is(cli: CommandLine, tmp_path: Path) -> None:
    server = listed(cli, tmp_path)
    assert verdict(cli, server, "write_file")["risk"] == "High"
    added = cli.run(
        "overrides", "add", server, "write_file", "severity", "Medium", "--reason", "a scratch folder", "--by", "ana"
    )
    assert added.code == 0, added.err
    now = verdict(cli, server, "write_file")
    assert (now["risk"], now["decision"]) == ("Medium", "limit")
    assert "by ana on" in cli.run("show", server, "write_file").out
    assert "a scratch folder" in cli.run("explain", server, "write_file").out
    assert cli.run("overrides", "check").code == 0
    (row,) = json.loads(cli.run("overrides", "list", "--json").out)["overrides"]
    assert (row["tool"], row["by"]) == ("write_file", "ana")


def test_a_looser_decision_falls_when_the_definition_changes(cli: CommandLine, tmp_path: Path) -> None:
    server = listed(cli, tmp_path)
    cli.run("overrides", "add", server, "write_file", "severity", "Medium", "--reason", "a scratch folder")
    cli.run("overrides", "add", server, "list_files", "severity", "High", "--reason", "names are secret here")
    changed = tuple({**tool, "description": f"{tool['description']} And more."} for tool in TOOLS)
    listed(cli, tmp_path, changed)
    assert verdict(cli, server, "write_file")["risk"] == "High"
    assert verdict(cli, server, "list_files")["severity"] == "High"
    checked = cli.run("overrides", "check")
    assert checked.code == 1
    assert checked.out.count("the definition has changed since") == 2


def test_what_is_no_decision_is_told(cli: CommandLine, tmp_path: Path) -> None:
    server = listed(cli, tmp_path)
    wrong = cli.run("overrides", "add", server, "write_file", "severity", "Huge", "--reason", "why")
    assert wrong.code == 1
    assert "write one of Low, Medium, High, Critical" in wrong.err
    assert cli.run("overrides", "add", server, "no_such", "severity", "Low", "--reason", "why").code == 2
    assert cli.run("overrides", "add", server, "write_file", "severity", "Low", "--reason", "why").code == 0
    twice = cli.run("overrides", "add", server, "write_file", "severity", "High", "--reason", "why")
    assert (twice.code, "already" in twice.err) == (1, True)


def test_a_row_that_names_nothing_is_reported(cli: CommandLine, tmp_path: Path) -> None:
    server = listed(cli, tmp_path)
    cli.run("overrides", "add", server, "write_file", "category", "Admin", "--reason", "why")
    file = Path(json.loads(cli.run("overrides", "list", "--json").out)["file"])
    file.write_text(file.read_text(encoding="utf-8").replace("write_file", "gone"), encoding="utf-8")
    checked = cli.run("overrides", "check", "--json")
    assert checked.code == 1
    assert "has no such tool" in json.loads(checked.out)[0]["message"]
    file.write_text("- {server: x", encoding="utf-8")
    assert "is not YAML" in cli.run("show", server).err
