"""Where MCP clients keep their configuration, on Linux, macOS and Windows; docs/clients.md lists the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

Base = Literal["folder", "home", "application-data", "config", "claude", "codex"]
"""What a location is relative to: a project's folder, or one of the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFile:
    """A client's configuration file."""

    client: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Location:
    client: str
    base: Base
    path: str
    """Relative to the base, with ``/``."""
    platforms: tuple[str, ...] = ("linux", "darwin", "win32")


CLAUDE_CODE, CODEX, GEMINI = "Claude Code", "Codex", "Gemini CLI"

_UNIX = ("linux", "darwin")

# As documented by the clients, 2026. The user's own files come first, then the project's.
_LOCATIONS = (
    _Location(client="Claude Desktop", base="application-data", path="Claude/claude_desktop_config.json"),
    _Location(client=CLAUDE_CODE, base="claude", path=".claude.json"),
    _Location(client="Cursor", base="home", path=".cursor/mcp.json"),
    _Location(client="VS Code", base="application-data", path="Code/User/mcp.json"),
    _Location(client="VS Code", base="application-data", path="Code/User/settings.json"),
    _Location(client="VS Code", base="application-data", path="Code - Insiders/User/mcp.json"),
    _Location(client="VS Code", base="application-data", path="Code - Insiders/User/settings.json"),
    _Location(client="Windsurf", base="home", path=".codeium/windsurf/mcp_config.json"),
    _Location(client=GEMINI, base="home", path=".gemini/settings.json"),
    _Location(client=CODEX, base="codex", path="config.toml"),
    # Zed keeps to the XDG folder on macOS, too.
    _Location(client="Zed", base="config", path="zed/settings.json", platforms=_UNIX),
    _Location(client="Zed", base="application-data", path="Zed/settings.json", platforms=("win32",)),
    _Location(client=CLAUDE_CODE, base="folder", path=".mcp.json"),
    _Location(client="Cursor", base="folder", path=".cursor/mcp.json"),
    _Location(client="VS Code", base="folder", path=".vscode/mcp.json"),
    _Location(client=GEMINI, base="folder", path=".gemini/settings.json"),
    _Location(client=CODEX, base="folder", path=".codex/config.toml"),
    _Location(client="Zed", base="folder", path=".zed/settings.json"),
)


def find_client_files(home: Path, folder: Path, environment: Mapping[str, str], platform: str) -> list[ClientFile]:
    """Return the configuration files that exist, each path once, without reading them.

    Args:
        home: The user's home directory.
        folder: The project whose own configuration counts as well.
        environment: Of this process; it can move some of the folders.
        platform: ``sys.platform``.
    """
    bases = _bases(home, folder, environment, platform)
    found: dict[Path, ClientFile] = {}
    for place in _LOCATIONS:
        if (platform if platform in {"darwin", "win32"} else "linux") in place.platforms:
            path = bases[place.base] / place.path
            if _is_file(path):
                found.setdefault(path, ClientFile(client=place.client, path=path))
    return list(found.values())


def client_of(path: PurePath) -> str:
    """Return the client that a file of this name belongs to; an unknown file is called by its name."""
    parts = path.parts
    for place in sorted(_LOCATIONS, key=lambda place: -place.path.count("/")):
        wanted = tuple(place.path.split("/"))
        # The file of the codex folder has too plain a name to tell by itself.
        if place.base != "codex" and parts[-len(wanted) :] == wanted:
            return place.client
    return CODEX if path.suffix == ".toml" else path.name


def project_of(path: Path) -> Path:
    """Return the project's folder that a configuration file stands for: the one that holds ``.vscode/mcp.json``."""
    return next(parent for parent in path.absolute().parents if not parent.name.startswith("."))


def _bases(home: Path, folder: Path, environment: Mapping[str, str], platform: str) -> Mapping[Base, Path]:
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    if platform == "win32":
        data = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    elif platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        data = config
    return {
        "folder": folder,
        "home": home,
        "application-data": data,
        "config": config,
        "claude": Path(environment.get("CLAUDE_CONFIG_DIR") or home),
        "codex": Path(environment.get("CODEX_HOME") or home / ".codex"),
    }


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder on the way may not be entered: reading it would fail as well
        return False
