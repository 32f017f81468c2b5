"""Several servers behind one client session, as one server: names say whose a tool is, and ids never mix.

Each server has a guard of its own and knows of no other. A request of the client goes to the one it is for, or to all;
a list is put together from all pages of all servers, so a server that is gone is missing in it and nothing else is.
It is for protocol versions with a handshake; a client of a later one is told to begin with it.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

from catalog.gateway.base import Filter, Outgoing
from catalog.gateway.hub import Addressed, answered_as_cancelled
from catalog.gateway.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    UPSTREAM_LOST,
    Id,
    Json,
    NoMessage,
    Notification,
    Request,
    Response,
    answer,
    failure,
    objects,
    read_strictly,
    written,
)
from catalog.gateway.outstanding import Asked, Gathering, Paging, Sent, Server, Then
from catalog.gateway.rewriting import loaded
from catalog.gateway.routes import Routes, welcome

# Pages of one list of one server.
MOST_PAGES = 1_000

# Requests of the client that may be unanswered at once, and requests of servers to it.
MOST_PENDING = 1_000

_LISTS = {
    "tools/list": ("tools", "tools"),
    "prompts/list": ("prompts", "prompts"),
    "resources/list": ("resources", "resources"),
    "resources/templates/list": ("resources", "resourceTemplates"),
}
"""The capability that a server needs to be asked for a list, and the list's key in the answer."""

_ROUTED = (
    "tools/call",
    "prompts/get",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "completion/complete",
)
"""What goes to one server."""

_CHANGED = ("tools", "prompts", "resources")


class Several:
    """Implements hub.Hub."""

    def __init__(self, guards: Mapping[str, Filter]) -> None:
        """Have each server's guard decide about what passes to and from it. Raises: UsageError for a name."""
        self._servers = {name: Server(name=name, guard=guard) for name, guard in guards.items()}
        self._routes = Routes(guards)
        self._numbers = itertools.count(1)
        self._sent: dict[Id, Sent] = {}
        self._asked: dict[Id, Asked] = {}
        self._begun = False

    def from_client(self, line: bytes) -> Sequence[Addressed]:
        """See ``Hub.from_client``."""
        try:
            message = read_strictly(line)
            data = loaded(line)
        except NoMessage as error:
            return _to_client(failure(error.id, error.code, str(error)))
        except ValueError as error:
            return _to_client(failure(None, INVALID_REQUEST, str(error)))
        match message:
            case Request():
                return self._request(message, data)
            case Notification():
                return self._notification(message, data)
        return self._response(message, data)

    def from_server(self, name: str, line: bytes) -> Sequence[Addressed]:
        """See ``Hub.from_server``."""
        server = self._servers[name]
        return self._out(server, server.guard.from_server(line))

    def lost(self, name: str, reason: str) -> Sequence[Addressed]:
        """See ``Hub.lost``."""
        server = self._servers[name]
        was_ready = server.ready
        server.alive = server.ready = False
        reason = f"server {name!r}: {reason}"
        told = list(self._out(server, server.guard.lost(reason)))
        for number in [number for number, sent in self._sent.items() if sent.server == name]:
            told += self._answered(
                {"jsonrpc": "2.0", "id": number, "error": {"code": UPSTREAM_LOST, "message": reason}}
            )
        self._asked = {number: asked for number, asked in self._asked.items() if asked.server != name}
        if was_ready:
            changed = [one for one in _CHANGED if one in server.capabilities]
            told += [Addressed(None, _notification(f"notifications/{one}/list_changed")) for one in changed]
        return told

    def _request(self, request: Request, data: dict[str, object]) -> Sequence[Addressed]:
        handlers: Mapping[str, Callable[[Request, dict[str, object]], Sequence[Addressed]]] = {
            "initialize": self._initialize,
            "ping": lambda request, _: _to_client(answer(request.id, {})),
            "logging/setLevel": self._set_level,
            **dict.fromkeys(_LISTS, self._list),
            **dict.fromkeys(_ROUTED, self._route),
        }
        handler = handlers.get(request.method)
        if request.is_modern or request.method == "server/discover":
            return _refused(request, METHOD_NOT_FOUND, "several servers as one need a session: begin with initialize")
        if handler is None:
            return _refused(request, METHOD_NOT_FOUND, f"{request.method!r} is not offered for several servers as one")
        if any(sent.about == request.id for sent in self._sent.values()):
            return _refused(request, INVALID_REQUEST, "a request with this id is not answered yet")
        if len(self._sent) >= MOST_PENDING * len(self._servers):
            return _refused(request, INVALID_REQUEST, "too many requests are unanswered")
        return handler(request, data)

    def _initialize(self, request: Request, data: dict[str, object]) -> Sequence[Addressed]:
        if self._begun:
            return _refused(request, INVALID_REQUEST, "this session has begun")
        self._begun = True

        def finish(found: Mapping[str, Json]) -> bytes:
            results = {name: objects(one.get("result")) for name, one in found.items() if "result" in one}
            for name, result in results.items():
                self._servers[name].ready = self._servers[name].alive
                self._servers[name].capabilities = objects(result.get("capabilities"))
            if not results:
                reasons = "; ".join(str(objects(one.get("error")).get("message")) for one in found.values())
                return failure(request.id, UPSTREAM_LOST, f"no server answers: {reasons or 'none is left'}")
            return answer(request.id, welcome(results))

        return self._all(request, data, None, finish)

    def _set_level(self, request: Request, data: dict[str, object]) -> Sequence[Addressed]:
        return self._all(request, data, "logging", lambda _: answer(request.id, {}))

    def _list(self, request: Request, data: dict[str, object]) -> Sequence[Addressed]:
        capability, key = _LISTS[request.method]
        if request.params.get("cursor") is not None:
            return _refused(request, INVALID_PARAMS, "lists have one page here")

        def finish(found: Mapping[str, Json]) -> Sequence[Addressed]:
            listed = {name: cast("list[object]", found[name]["items"]) for name in self._servers if name in found}
            return _to_client(answer(request.id, {key: self._routes.merged(key, listed)}))

        servers = [one for one in self._servers.values() if one.ready and capability in one.capabilities]
        gathering = Gathering([one.name for one in servers], finish)
        if not servers:
            return finish({})
        told: list[Addressed] = []
        for server in servers:
            told += self._page(Paging(server=server, request=request, key=key, gathering=gathering), data)
        return told

    def _page(self, paging: Paging, data: dict[str, object]) -> Sequence[Addressed]:
        """Ask for one page of a list, and then for the next."""

        def then(message: dict[str, object]) -> Sequence[Addressed]:
            result = objects(message.get("result"))
            more = result.get(paging.key)
            paging.items.extend(more if isinstance(more, list) else [])
            paging.pages += 1
            cursor = result.get("nextCursor")
            if not isinstance(cursor, str) or paging.pages >= MOST_PAGES:
                return paging.gathering.take(paging.server.name, {"items": paging.items})
            return self._page(paging, {**data, "params": {**objects(data.get("params")), "cursor": cursor}})

        return self._send(paging.server, paging.request, data, then)

    def _all(
        self,
        request: Request,
        data: dict[str, object],
        capability: str | None,
        finish: Callable[[Mapping[str, Json]], bytes],
    ) -> Sequence[Addressed]:
        """Ask all servers that have a capability, and answer when all have."""
        servers = [
            one
            for one in self._servers.values()
            if one.alive and (capability is None or (one.ready and capability in one.capabilities))
        ]
        if not servers:
            return _to_client(finish({}))
        gathering = Gathering([one.name for one in servers], lambda found: _to_client(finish(found)))
        told: list[Addressed] = []
        for server in servers:
            told += self._send(server, request, data, partial(gathering.take, server.name))
        return told

    def _route(self, request: Request, data: dict[str, object]) -> Sequence[Addressed]:
        found = self._routes.route(request, data)
        if isinstance(found, str):
            return _refused(request, INVALID_PARAMS, found)
        name, changed = found
        server = self._servers[name]
        if not server.ready:
            return _refused(request, UPSTREAM_LOST, f"the server {name!r} is gone; the others are there")

        def then(message: dict[str, object]) -> Sequence[Addressed]:
            self._routes.learn(name, message.get("result"))
            message["id"] = request.id
            return _to_client(written(message))

        return self._send(server, request, changed, then)

    def _send(self, server: Server, request: Request, data: Json, then: Then) -> Sequence[Addressed]:
        """Send a request of the client to a server, by a number of its own."""
        number = next(self._numbers)
        token = request.meta.get("progressToken")
        self._sent[number] = Sent(server=server.name, about=request.id, token=token, then=then)
        return self._in(server, {**_with_token(data, number), "id": number})

    def _in(self, server: Server, data: Json) -> Sequence[Addressed]:
        """Pass a message of the client by the server's guard."""
        return self._out(server, server.guard.from_client(written(data)))

    def _out(self, server: Server, messages: Sequence[Outgoing]) -> Sequence[Addressed]:
        """Return where the messages go that a guard lets through."""
        told: list[Addressed] = []
        for message in messages:
            if message.to == "server":
                told.append(Addressed(server.name, message.line))
            else:
                told += self._from_guard(server, message.line)
        return told

    def _from_guard(self, server: Server, line: bytes) -> Sequence[Addressed]:
        try:
            data = loaded(line)
        except ValueError:
            return []
        method, id_ = data.get("method"), data.get("id")
        if method is None:
            return self._answered(data)
        if isinstance(id_, str | int | float):
            return self._ask(server, id_, data)
        params = data.get("params")
        if method == "notifications/progress" and isinstance(params, dict):
            sent = self._sent.get(cast("Id", params.get("progressToken")))
            if sent is None or sent.server != server.name or sent.token is None:
                return []
            params["progressToken"] = sent.token
        elif method == "notifications/cancelled" and isinstance(params, dict):
            number = self._number_of(server, params.get("requestId"))
            if number is None:
                return []
            del self._asked[number]
            params["requestId"] = number
        return _to_client(written(data))

    def _answered(self, data: dict[str, object]) -> Sequence[Addressed]:
        sent = self._sent.pop(cast("Id", data.get("id")), None) if isinstance(data.get("id"), str | int) else None
        return [] if sent is None else sent.then(data)

    def _ask(self, server: Server, id_: Id, data: dict[str, object]) -> Sequence[Addressed]:
        """Pass a server's request on to the client, by a number of its own."""
        if len(self._asked) >= MOST_PENDING:
            return self._in(server, loaded(failure(id_, INVALID_REQUEST, "too many requests are unanswered")))
        number = next(self._numbers)
        token = objects(objects(data.get("params")).get("_meta")).get("progressToken")
        self._asked[number] = Asked(server=server.name, id=id_, token=token)
        return _to_client(written({**_with_token(data, number), "id": number}))

    def _notification(self, notification: Notification, data: dict[str, object]) -> Sequence[Addressed]:
        params = objects(data.get("params"))
        if notification.method == "notifications/cancelled":
            return self._cancel(params)
        if notification.method == "notifications/progress":
            token = params.get("progressToken")
            asked = self._asked.get(token) if isinstance(token, str | int) else None
            if asked is None or asked.token is None:
                return []
            return self._in(self._servers[asked.server], {**data, "params": {**params, "progressToken": asked.token}})
        told: list[Addressed] = []
        for server in self._servers.values():
            if server.ready:
                told += self._in(server, data)
        return told

    def _cancel(self, params: Json) -> Sequence[Addressed]:
        """Tell those who work on a request that nobody waits for it; nor is their answer waited for here."""
        told: list[Addressed] = []
        for number in [number for number, sent in self._sent.items() if sent.about == params.get("requestId")]:
            server = self._servers[self._sent.pop(number).server]
            cancelled = {
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": {**params, "requestId": number},
            }
            told += self._in(server, cancelled)
            told += self._out(server, answered_as_cancelled(server.guard, written(cancelled)))
        return told

    def _response(self, response: Response, data: dict[str, object]) -> Sequence[Addressed]:
        asked = self._asked.pop(response.id, None)
        return [] if asked is None else self._in(self._servers[asked.server], {**data, "id": asked.id})

    def _number_of(self, server: Server, id_: object) -> Id | None:
        found = (number for number, one in self._asked.items() if one.server == server.name and one.id == id_)
        return next(found, None)


def _with_token(data: Json, number: int) -> dict[str, object]:
    """Return a request whose progress is called by ``number``, where it wants to hear of progress."""
    params = objects(data.get("params"))
    meta = objects(params.get("_meta"))
    if "progressToken" not in meta:
        return dict(data)
    return {**data, "params": {**params, "_meta": {**meta, "progressToken": number}}}


def _to_client(line: bytes) -> list[Addressed]:
    return [Addressed(None, line)]


def _refused(request: Request, code: int, text: str) -> list[Addressed]:
    return _to_client(failure(request.id, code, text))


def _notification(method: str) -> bytes:
    return written({"jsonrpc": "2.0", "method": method})
