"""Whose a tool, a prompt or a resource is, where several servers are one: by its name, or by who listed it."""

import re
from collections.abc import Collection, Iterable, Mapping

from catalog.errors import UsageError
from catalog.gateway.messages import Json, Request, objects

SEPARATOR = "__"
"""Stands between a server's name and a tool's."""

# Addresses of resources that are remembered.
_MOST_URIS = 100_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:_[A-Za-z0-9.-]+)*")
"""Without the separator in it or a part of it at its end, so that each name is read in one way only."""

Route = tuple[str, dict[str, object]]
"""A server, and the request as it knows it."""


class Routes:
    """What is known of whose is what."""

    def __init__(self, servers: Collection[str]) -> None:
        """Take the servers' names. Raises: UsageError for one that tools cannot be named by."""
        for name in servers:
            if not _NAME.fullmatch(name):
                raise UsageError(
                    f"no server can be called {name!r} here: use letters, digits, '.', '-' and single '_' between them"
                )
        self._servers = tuple(servers)
        self._uris: dict[str, str] = {}
        self._templates: dict[str, str] = {}

    def merged(self, key: str, listed: Mapping[str, list[object]]) -> list[Mapping[str, object]]:
        """Return one list of all servers' items, named by server; of two with one address the first is kept."""
        found: list[Mapping[str, object]] = []
        if key == "resourceTemplates":
            self._templates = {}
        taken: dict[str, str] = {}
        for server, items in listed.items():
            for item in items:
                if not isinstance(item, dict) or not isinstance(name := item.get("name"), str):
                    continue
                uri = item.get("uriTemplate" if key == "resourceTemplates" else "uri")
                if isinstance(uri, str) and taken.setdefault(uri, server) != server:
                    continue
                found.append({**item, "name": f"{server}{SEPARATOR}{name}"})
        if key == "resources":
            self._remember(taken.items())
        elif key == "resourceTemplates":
            self._templates = {uri.partition("{")[0]: server for uri, server in taken.items()}
        return found

    def learn(self, server: str, result: object) -> None:
        """Note the resources that a result links to: the client may read them next."""
        content = objects(result).get("content")
        links = [objects(one) for one in content] if isinstance(content, list) else []
        uris = [one.get("uri") for one in links if one.get("type") == "resource_link"]
        self._remember((uri, server) for uri in uris if isinstance(uri, str) and uri not in self._uris)

    def route(self, request: Request, data: dict[str, object]) -> Route | str:
        """Return where a request goes and how the server there knows it; or why it goes nowhere."""
        params = dict(request.params)
        if request.method == "completion/complete":
            about = dict(objects(params.get("ref")))
            found = self._named(about) if about.get("type") == "ref/prompt" else self._addressed(about)
            params["ref"] = about
        elif "uri" in params and request.method.startswith("resources/"):
            found = self._addressed(params)
        else:
            found = self._named(params)
        if found is None:
            asked = params.get("uri") or params.get("name") or objects(params.get("ref")).get("name")
            return f"no server here has {str(asked)[:200]!r}; list what there is first"
        return found, {**data, "params": params}

    def _named(self, params: dict[str, object]) -> str | None:
        """Return whose name it is, and take the server's out of it."""
        name = params.get("name")
        server, separator, rest = name.partition(SEPARATOR) if isinstance(name, str) else ("", "", "")
        if not separator or server not in self._servers:
            return None
        params["name"] = rest
        return server

    def _addressed(self, params: Json) -> str | None:
        """Return who listed the address, or else the template that says most of its beginning."""
        uri = params.get("uri")
        if not isinstance(uri, str):
            return None
        if uri in self._uris:
            return self._uris[uri]
        fitting = [start for start in self._templates if uri.startswith(start)]
        return self._templates[max(fitting, key=len)] if fitting else None

    def _remember(self, uris: Iterable[tuple[str, str]]) -> None:
        for uri, server in uris:
            if len(self._uris) < _MOST_URIS or uri in self._uris:
                self._uris[uri] = server


def welcome(results: Mapping[str, Json]) -> Mapping[str, object]:
    """Return the handshake's result for all servers as one: what any offers, in the version that all speak."""
    versions = [one["protocolVersion"] for one in results.values() if isinstance(one.get("protocolVersion"), str)]
    offered = [objects(one.get("capabilities")) for one in results.values()]
    capabilities: dict[str, object] = {}
    for kind in ("tools", "prompts", "resources", "logging", "completions"):
        having = [objects(one[kind]) for one in offered if kind in one]
        if having:
            capabilities[kind] = {key: True for one in having for key, value in one.items() if value is True}
    for kind in ("tools", "prompts", "resources"):
        if isinstance(shown := capabilities.get(kind), dict):
            shown["listChanged"] = True  # where a server is gone
    texts = {name: one.get("instructions") for name, one in results.items()}
    told = [f"{name}: {text}" for name, text in texts.items() if isinstance(text, str) and text]
    return {
        "protocolVersion": min(map(str, versions), default="2025-03-26"),
        "capabilities": capabilities,
        "serverInfo": {"name": "catalog gateway", "version": "1"},
        **({"instructions": "\n\n".join(told)} if told else {}),
    }
