"""The main job through the real program: sync a server, look at it, export policies, build the site."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine, write_server

TOOLS = (
    {"name": "list_boxes", "description": "List all boxes.", "inputSchema": {"type": "object", "properties": {}}},
    {
        "name": "delete_box",
        "description": "Delete a box and everything in it. This cannot be undone.",
        "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    },
)


def synced(cli: CommandLine, tmp_path: Path) -> str:
    script = write_server(tmp_path / "project", TOOLS)
    done = cli.run("sync", "--json", "--", "python3", script)
    assert done.code == 0, done.err
    return str(json.loads(done.out)[0]["server"])


def test_a_synced_server_is_listed_shown_and_explained(cli: CommandLine, tmp_path: Path) -> None:
    slug = synced(cli, tmp_path)

    [listed] = json.loads(cli.run("list", "--json").out)
    assert (listed["slug"], listed["tools"], listed["listed"]) == (slug, 2, True)

    shown = json.loads(cli.run("show", slug, "--json").out)
    assert {entry["name"]: entry["category"] for entry in shown["entries"]} == {
        "delete_box": "Delete",
        "list_boxes": "Read",
    }
    explained = cli.run("explain", slug, "delete_box")
    assert explained.code == 0
    assert "Delete" in explained.out


def test_tables_for_people_name_every_tool(cli: CommandLine, tmp_path: Path) -> None:
    slug = synced(cli, tmp_path)
    assert slug in cli.run("list").out
    shown = cli.run("show", slug).out
    assert "list_boxes" in shown
    assert "delete_box" in shown
    assert "This cannot be undone" in cli.run("show", slug, "delete_box").out


def test_a_server_cannot_write_rows_of_its_own(cli: CommandLine, tmp_path: Path) -> None:
    tool = {"name": "wipe\nlist_boxes  Read", "description": "Deletes all.\n  risk: Low", "inputSchema": {}}
    assert cli.run("sync", "--", "python3", write_server(tmp_path / "tools", [tool])).code == 0
    (server,) = json.loads(cli.run("list", "--json").out)
    for command in (["show", server["slug"]], ["show", server["slug"], tool["name"]]):
        lines = [line.strip() for line in cli.run(*command).out.splitlines()]
        assert any("wipe\\nlist_boxes" in line for line in lines)
        assert "risk: Low" not in lines
        assert not [line for line in lines if line.startswith("list_boxes")]


def test_the_exported_policy_denies_by_default_and_names_the_wire_tools(cli: CommandLine, tmp_path: Path) -> None:
    slug = synced(cli, tmp_path)
    target = tmp_path / "policy.json"
    done = cli.run("export", slug, "--format", "policylayer", "-o", target)
    assert done.code == 0, done.err
    policy = json.loads(target.read_text())
    assert policy["default"] == "deny"
    assert policy["tools"]["list_boxes"] == {}
    assert "delete_box" in policy.get("hide", []) or policy["tools"]["delete_box"]["deny_if"]


def test_the_site_has_a_page_for_every_tool(cli: CommandLine, tmp_path: Path) -> None:
    slug = synced(cli, tmp_path)
    done = cli.run("site", "build", "--check", "-o", tmp_path / "site")
    assert done.code == 0, done.err
    for tool in ("list-boxes", "delete-box"):
        assert (tmp_path / "site" / "servers" / slug / tool / "index.html").exists()


def test_a_second_sync_of_an_unchanged_server_keeps_when_a_tool_was_first_seen(
    cli: CommandLine, tmp_path: Path
) -> None:
    slug = synced(cli, tmp_path)
    first = json.loads(cli.run("show", slug, "--json").out)["entries"]
    assert synced(cli, tmp_path) == slug
    second = json.loads(cli.run("show", slug, "--json").out)["entries"]
    assert [e["first_seen"] for e in first] == [e["first_seen"] for e in second]
    assert [e["last_seen"] for e in first] < [e["last_seen"] for e in second]
