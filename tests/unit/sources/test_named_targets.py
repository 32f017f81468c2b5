"""What a command line names, out of words and client configurations."""

import json
from pathlib import Path

import pytest

from catalog.cli.targets import Wanted, named_targets
from catalog.errors import InputError, UsageError
from catalog.sources.known import load_known_servers

KNOWN = load_known_servers()


def config(path: Path, **servers: str) -> Path:
    """Write a configuration in which each server is started by npx with this package."""
    started = {name: {"command": "npx", "args": ["-y", package]} for name, package in servers.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mcpServers": started}), encoding="utf-8")
    return path


def test_two_words_for_one_server_are_a_mistake() -> None:
    with pytest.raises(UsageError, match="are one server"):
        named_targets(Wanted(words=("npm:orchard-mcp", "npm:orchard-mcp@1.0")), KNOWN)


def test_two_clients_may_name_one_package_at_two_versions(tmp_path: Path) -> None:
    files = (
        config(tmp_path / "a.json", one="orchard-mcp@1.0"),
        config(tmp_path / "b.json", two="orchard-mcp", x="well"),
    )
    targets, notes = named_targets(Wanted(configs=files), KNOWN)
    assert [str(target.server.origin) for target in targets] == ["npm:orchard-mcp@1.0", "npm:well"]
    assert notes == ["npm:orchard-mcp is named as npm:orchard-mcp@1.0, too; only that one is looked at"]


def test_a_broken_file_of_one_client_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    config(home / ".cursor" / "mcp.json", one="orchard-mcp")
    broken = project / ".mcp.json"
    project.mkdir()
    broken.write_text("{", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(project)
    targets, notes = named_targets(Wanted(clients=True), KNOWN)
    assert [str(target.server.origin) for target in targets] == ["npm:orchard-mcp"]
    assert len(notes) == 1
    assert ".mcp.json" in notes[0]


def test_a_file_that_is_named_and_broken_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="broken"):
        named_targets(Wanted(configs=(broken,)), KNOWN)
