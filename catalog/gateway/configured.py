"""The servers of an ``mcp.json`` as the gateway starts them: with their own environment and headers, unlike a crawl."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.errors import InputError
from catalog.gateway.base import Channel
from catalog.gateway.upstream_http import http_server
from catalog.gateway.upstream_stdio import stdio_server
from catalog.sources.client_servers import Entry
from catalog.sources.config_text import read_config_text
from catalog.sources.variables import Variables
from catalog.terminal import visible_name

_KEYS = ("mcpServers", "servers")
"""What clients call the object of servers in a file that holds nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """One server of the file."""

    name: str
    open: Callable[[], Awaitable[Channel]] = field(repr=False)
    """See `run.Served.open`."""


def configured_servers(path: Path) -> tuple[Configured, ...]:
    """Return the servers of a file, in its order; those that are disabled are left out.

    Raises: InputError where it cannot be read, holds no server, or one that cannot be started.
    """
    data = read_config_text(path).data
    found = next((data[key] for key in _KEYS if isinstance(data, Mapping) and key in data), None)
    if not isinstance(found, Mapping) or not found:
        raise InputError(f"{str(path)!r} has no servers: it must hold an object 'mcpServers' of servers by name")
    variables = Variables(project=path.resolve().parent, home=Path.home(), environment=os.environ)
    started = {name: raw for name, raw in found.items() if not _is_disabled(raw)}
    return tuple(
        Configured(name=name, open=_opening(raw, variables, f"{str(path)!r}: the server {visible_name(name)!r}"))
        for name, raw in started.items()
    )


def _is_disabled(raw: Any) -> bool:
    return isinstance(raw, Mapping) and (raw.get("disabled") is True or raw.get("enabled") is False)


def _opening(raw: Any, variables: Variables, where: str) -> Callable[[], Awaitable[Channel]]:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        # Only places: pydantic's own messages quote what stands there.
        places = sorted({str(one["loc"][0]) for one in error.errors(include_input=False) if one["loc"]})
        raise InputError(f"{where} is not as clients write it: {', '.join(places) or 'it is no object'}") from None
    own = {name: str(value) for name, value in entry.env.items() if value is not None}
    filled = _Filled(variables, own, where)
    if entry.command:
        environment = {**os.environ, **{name: filled(value) for name, value in own.items()}}
        return stdio_server(
            [filled(entry.command), *(filled(str(word)) for word in entry.args)], environment=environment
        )
    url = entry.httpUrl or entry.serverUrl or entry.url
    if not url:
        raise InputError(f"{where} has neither 'command' nor 'url'")
    return http_server(filled(url), {name: filled(str(value)) for name, value in entry.headers.items()})


@dataclass(frozen=True, slots=True)
class _Filled:
    """Fills in the variables of a text."""

    variables: Variables
    own: Mapping[str, str] = field(repr=False)
    where: str

    def __call__(self, text: str) -> str:
        value = self.variables.secret(text, {name: one for name, one in self.own.items() if "${" not in one})
        if value is None:
            unfilled = self.variables.unfilled(text) or ""
            raise InputError(f"{self.where} needs {unfilled[:80]!r}: set that variable in the environment")
        return value
