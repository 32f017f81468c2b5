"""Where clients keep their configuration."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.sources.client_files import find_client_files


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("platform", "environment", "name", "client"),
    [
        ("linux", {}, ".config/Claude/claude_desktop_config.json", "Claude Desktop"),
        ("linux", {}, ".config/zed/settings.json", "Zed"),
        ("linux", {}, ".config/Code/User/mcp.json", "VS Code"),
        ("linux", {}, ".codex/config.toml", "Codex"),
        ("darwin", {}, "Library/Application Support/Claude/claude_desktop_config.json", "Claude Desktop"),
        ("darwin", {}, "Library/Application Support/Code/User/settings.json", "VS Code"),
        ("darwin", {}, ".config/zed/settings.json", "Zed"),
        ("win32", {}, "AppData/Roaming/Claude/claude_desktop_config.json", "Claude Desktop"),
        ("win32", {}, "AppData/Roaming/Zed/settings.json", "Zed"),
        ("win32", {}, ".cursor/mcp.json", "Cursor"),
        ("darwin", {}, ".codeium/windsurf/mcp_config.json", "Windsurf"),
        ("linux", {}, ".gemini/settings.json", "Gemini CLI"),
        ("linux", {}, ".claude.json", "Claude Code"),
        ("linux", {"XDG_CONFIG_HOME": "moved"}, "moved/zed/settings.json", "Zed"),
        ("win32", {"APPDATA": "moved"}, "moved/Claude/claude_desktop_config.json", "Claude Desktop"),
        ("linux", {"CODEX_HOME": "moved"}, "moved/config.toml", "Codex"),
        ("linux", {"CLAUDE_CONFIG_DIR": "moved"}, "moved/.claude.json", "Claude Code"),
    ],
)
def test_a_users_file_is_found_where_the_client_keeps_it(
    tmp_path: Path, platform: str, environment: Mapping[str, str], name: str, client: str
) -> None:
    touch(tmp_path, name)
    moved = {variable: str(tmp_path / place) for variable, place in environment.items()}
    (found,) = find_client_files(tmp_path, tmp_path / "project", moved, platform)
    assert (found.client, found.path) == (client, tmp_path / name)


def test_a_projects_own_files_are_found(tmp_path: Path) -> None:
    names = (".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json", ".gemini/settings.json", ".codex/config.toml")
    touch(tmp_path / "project", *names)
    found = find_client_files(tmp_path / "home", tmp_path / "project", {}, "linux")
    assert [str(file.path.relative_to(tmp_path / "project")) for file in found] == list(names)


def test_a_file_of_home_and_project_at_once_is_found_once_and_folders_never(tmp_path: Path) -> None:
    touch(tmp_path, ".cursor/mcp.json")
    (tmp_path / ".mcp.json").mkdir()
    assert len(find_client_files(tmp_path, tmp_path, {}, "linux")) == 1
