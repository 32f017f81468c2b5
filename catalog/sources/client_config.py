"""The MCP servers of a client's configuration file, each as a target.

The shape of a file is told by its keys, not by the client's name. Values of the environment and of headers go to
``Target.environment`` and ``Target.headers``, and only with the user's leave; secrets in arguments and addresses go
nowhere, since both are stored.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.model import Problem
from catalog.sources.client_files import GEMINI, client_of, project_of
from catalog.sources.client_servers import Entry, NoServerError, target_of
from catalog.sources.config_text import read_config_text
from catalog.sources.variables import Variables
from catalog.target import Target
from catalog.terminal import visible_name

# Servers of one file that are read; nobody configures that many.
MOST_SERVERS = 500

# Problems of one kind that are told.
MOST_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """What a client's configuration file says of MCP servers."""

    client: str
    path: Path
    targets: tuple[Target, ...]
    """One for each server, in the order of the file; none where the file configures none."""
    problems: tuple[Problem, ...]
    """What was left out and why; never with a value of the environment or of a header."""
    slugs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the client calls each server that it starts, verbatim, and the slugs of what it then starts: none where
    the file says nothing that could be looked at, several where sections of it use one name for different servers."""


class _Switches(BaseModel):
    """What says that a client does not start a server."""

    model_config = ConfigDict(extra="ignore", strict=True)

    disabled: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """One object of servers by name."""

    where: str
    servers: Any
    project: Path | None = None
    """The folder that it is for, where the file says so."""


def read_client_file(path: Path, *, use_secrets: bool, environment: Mapping[str, str] | None = None) -> ClientConfig:
    """Read the servers of a client's configuration file (JSON with comments, or TOML).

    Args:
        path: The file.
        use_secrets: Whether values of the environment and of headers are taken along, and variables such as
            ``${env:NAME}`` in them are filled in.
        environment: What fills them in; that of this process by default.

    Raises: InputError where the file cannot be read or is not what a client reads.
    """
    text = read_config_text(path)
    client = client_of(path)
    problems = [
        Problem(where=_shown(name), message="stands twice in one object; the later one counts")
        for name in text.repeated[:MOST_TOLD]
    ]
    targets: dict[str, Target] = {}
    slugs: dict[str, tuple[str, ...]] = {}
    if not isinstance(text.data, Mapping):
        problems.append(Problem(where=client, message="the file holds no object, so no servers"))
        return ClientConfig(client=client, path=path, targets=(), problems=tuple(problems))
    values = (os.environ if environment is None else environment) if use_secrets else {}
    for section in _sections(text.data):
        variables = Variables(
            project=section.project or project_of(path), home=Path.home(), environment=values, bare=client == GEMINI
        )
        for name, raw in _named(section, problems):
            where = f"{section.where}.{_shown(name)}"
            of_name = slugs.setdefault(name, ())
            try:
                read = target_of(name, _entry(raw), variables, use_secrets=use_secrets)
            except NoServerError as error:
                problems.append(Problem(where=where, message=str(error)))
                continue
            problems += [Problem(where=where, message=note) for note in read.notes]
            slugs[name] = tuple(dict.fromkeys((*of_name, read.target.server.slug)))
            same = targets.setdefault(read.target.server.slug, read.target)
            if same.server.origin != read.target.server.origin or same.server.arguments != read.target.server.arguments:
                message = f"is the same server as {same.server.title!r} in another way; only that one is looked at"
                problems.append(Problem(where=where, message=message))
    return ClientConfig(
        client=client, path=path, targets=tuple(targets.values()), problems=tuple(problems), slugs=slugs
    )


def _sections(data: Mapping[str, Any]) -> Iterator[_Section]:
    """Yield every object of servers that clients keep, under the key that each of them reads."""
    for key in ("mcpServers", "servers", "context_servers", "mcp_servers"):
        if key in data:
            yield _Section(where=key, servers=data[key])
    editor = data.get("mcp")
    for where, servers in (
        ("mcp.servers", editor.get("servers") if isinstance(editor, Mapping) else None),
        ("mcp.servers", data.get("mcp.servers")),
    ):
        if servers is not None:
            yield _Section(where=where, servers=servers)
    projects = data.get("projects")
    for folder, project in projects.items() if isinstance(projects, Mapping) else ():
        if isinstance(project, Mapping) and project.get("mcpServers"):
            where = f"projects.{_shown(folder)}.mcpServers"
            yield _Section(where=where, servers=project["mcpServers"], project=Path(folder))


def _named(section: _Section, problems: list[Problem]) -> Sequence[tuple[str, Any]]:
    """Return the servers of a section that the client starts."""
    if not isinstance(section.servers, Mapping):
        problems.append(Problem(where=section.where, message="is no object of servers by name"))
        return ()
    started: list[tuple[str, Any]] = []
    for name, raw in section.servers.items():
        where = f"{section.where}.{_shown(name)}"
        if len(started) == MOST_SERVERS:
            problems.append(Problem(where=section.where, message=f"only the first {MOST_SERVERS} servers are read"))
            break
        try:
            switches = _Switches.model_validate(raw if isinstance(raw, Mapping) else {})
        except ValidationError:
            problems.append(Problem(where=where, message="'disabled' and 'enabled' must be true or false; left out"))
            continue
        if switches.disabled or not switches.enabled:
            problems.append(Problem(where=where, message="is disabled, so it is left out"))
        else:
            started.append((name, raw))
    return started


def _entry(raw: Any) -> Entry:
    if not isinstance(raw, Mapping):
        raise NoServerError("is no object; a server is an object with 'command' or 'url'")
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        # Only places: pydantic's own messages quote what stands there.
        places = sorted({".".join(str(part) for part in one["loc"][:1]) for one in error.errors(include_input=False)})
        raise NoServerError(f"{', '.join(map(repr, places))}: not of the kind that clients read there") from None


def _shown(name: str) -> str:
    return visible_name(name[:80])
