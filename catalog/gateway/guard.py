"""Enforces a policy between one client session and one server: a sans-I/O filter of JSON-RPC messages.

Messages pass as they came. What the policy does not open is answered here, and lists are cut to what it shows. Before
a tool is called for the first time its definition is looked at, in the client's list or in one of the guard's own, so
that a definition that nobody reviewed is never called either.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.gateway import access
from catalog.gateway.approvals import MOST_OPEN, asked_back, asking, is_consent, question, unwrapped
from catalog.gateway.audit import Event, cut
from catalog.gateway.base import Outgoing
from catalog.gateway.calls import Asked, Call, Desk, Passed, Refused
from catalog.gateway.lists import LISTS, Lists
from catalog.gateway.messages import (
    DENIED,
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
    read,
    read_strictly,
    request,
    tool_refusal,
)
from catalog.gateway.session import Services, Session

_log = logging.getLogger(__name__)

# Requests of one session that can be unanswered at once.
MOST_PENDING = 1_000

# Pages of a list that the guard reads by itself.
MOST_PAGES = 100

_GATED = frozenset(
    {
        "resources/read",
        "resources/subscribe",
        "resources/unsubscribe",
        "prompts/get",
        "completion/complete",
        "subscriptions/listen",
    }
)
_PASSED = frozenset(
    {
        "initialize",
        "ping",
        "server/discover",
        "logging/setLevel",
        # Tasks (2025-11-25 and its extension) come of tool calls that were decided before.
        "tasks/get",
        "tasks/result",
        "tasks/list",
        "tasks/cancel",
        "tasks/update",
    }
)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request that the server has not answered yet."""

    request: Request
    approved: Call | None = None
    """The call that a person approved, where it is one."""


class Guard:
    """See `Filter`: one session, one server."""

    def __init__(self, services: Services, session: Session | None = None) -> None:
        """Take what the guard needs of the world, and the session that it is part of."""
        self._asked_policy = services.policy
        self._policy = services.policy()
        # A message and its answer are judged by one policy, whenever the file changes; to look costs a system call.
        self._services = replace(services, policy=lambda: self._policy)
        self._session = session or Session()
        self._desk = Desk(self._services, self._session)
        self._lists = Lists(self._services)
        self._pending: dict[Id, _Pending] = {}
        self._asked: dict[str, Asked] = {}
        self._held: dict[Id, Call] = {}
        self._review: str | None = None
        self._pages = 0

    def from_client(self, line: bytes) -> Sequence[Outgoing]:
        """See `Filter.from_client`."""
        self._policy = self._asked_policy()
        try:
            message = read_strictly(line)
        except NoMessage as error:
            return [Outgoing("client", failure(error.id, error.code, str(error)))]
        match message:
            case Request():
                return self._request(message, line)
            case Response() if message.id in self._asked:
                return self._consented(str(message.id), message.result)
            case Notification() if message.method == "notifications/cancelled":
                return self._cancelled(message, line)
            case Notification() if not message.method.startswith("notifications/"):
                # A request without an id: nobody waits for an answer, but a server could do it all the same.
                return []
        return [Outgoing("server", _one_line(line))]

    def from_server(self, line: bytes) -> Sequence[Outgoing]:
        """See `Filter.from_server`."""
        try:
            message = read(line)
        except NoMessage as error:
            _log.warning("left out a line of the server: %s", error)
            return []
        match message:
            case Response() if message.id == self._review and self._review is not None:
                return self._reviewed(line, message)
            case Response():
                return self._answered(line, message)
            case Notification() if message.method == "notifications/tools/list_changed":
                self._lists.forget()
        return [Outgoing("client", line)]

    @property
    def is_holding(self) -> bool:
        """Say whether calls wait for their tool's definition to be looked at."""
        return bool(self._held)

    def lost(self, reason: str) -> Sequence[Outgoing]:
        """Return what follows where the server is gone: an error for every request that waits for it."""
        waiting = [*self._pending, *self._held]
        self._pending.clear()
        self._held.clear()
        self._review = None
        self._lists.forget()
        return [Outgoing("client", failure(id_, UPSTREAM_LOST, reason)) for id_ in waiting]

    def _request(self, message: Request, line: bytes) -> Sequence[Outgoing]:
        if message.id in self._pending or message.id in self._held or self._is_asked(message.id):
            return _to_client(failure(None, INVALID_REQUEST, f"a request with the id {message.id!r} is open already"))
        if len(self._pending) + len(self._held) + len(self._asked) >= MOST_PENDING:
            return _to_client(failure(message.id, DENIED, "too many requests are open; wait for answers"))
        if message.method == "tools/call":
            return self._call(message, line)
        if message.method in _GATED:
            if why := access.refused(message, self._services.policy()):
                self._record(message, "denied", why)
                return _to_client(failure(message.id, DENIED, f"[policy] denied: {why}"))
        elif message.method not in _PASSED and message.method not in LISTS:
            self._record(message, "denied", "the gateway does not know the method")
            return _to_client(failure(message.id, METHOD_NOT_FOUND, "the gateway does not pass on this method"))
        if message.method == "initialize":
            self._session.capabilities = objects(message.params.get("capabilities"))
        self._pending[message.id] = _Pending(message)
        return [Outgoing("server", _one_line(line))]

    def _call(self, message: Request, line: bytes) -> Sequence[Outgoing]:
        name, sent = message.params.get("name"), message.params.get("arguments")
        if not isinstance(name, str) or not isinstance(sent, dict | None):
            return _to_client(failure(message.id, INVALID_PARAMS, "a tool's name is text, its arguments an object"))
        tool, arguments = self._lists.unfolded().called(name, sent or {})
        own = line if tool == name else None
        call = Call(request=message, tool=tool, arguments=arguments, line=own)
        if self._lists.must_look(tool):
            self._held[message.id] = call
            return self._look(message.meta if message.is_modern else {})
        return self._decide(call)

    def _decide(self, call: Call) -> Sequence[Outgoing]:
        if self._lists.is_withheld(call.tool):
            why = "its definition is not the one that was reviewed; list the server again and export its policy anew"
            self._record(call.request, "withheld", why)
            return _to_client(tool_refusal(call.request, why))
        decided = self._desk.decide(call)
        match decided:
            case Refused(unknown=True):
                return _to_client(
                    failure(call.request.id, INVALID_PARAMS, f"Unknown tool: {cut(call.request.params['name'])}")
                )
            case Refused():
                return _to_client(tool_refusal(call.request, decided.reason))
            case Passed():
                return self._pass(decided)
        return self._ask(decided)

    def _pass(self, passed: Passed) -> Sequence[Outgoing]:
        call = passed.call
        self._pending[call.request.id] = _Pending(call.request, call if passed.approved else None)
        if call.line is not None:
            return [Outgoing("server", _one_line(call.line))]
        rest = unwrapped(call.request, passed.inner) if passed.approved else call.request.params
        params = {**rest, "name": call.tool, "arguments": call.arguments}
        return [Outgoing("server", request(call.request.id, "tools/call", params))]

    def _ask(self, asked: Asked) -> Sequence[Outgoing]:
        call = asked.call
        params = question(self._services.policy().server, call.tool, call.arguments, asked.reason)
        if call.request.is_modern:
            state = self._services.seals.seal(call.tool, call.arguments, self._services.now().timestamp())
            return _to_client(asked_back(call.request, params, state))
        if len(self._asked) >= MOST_OPEN:
            self._desk.give_back(asked)
            return _to_client(tool_refusal(call.request, "too many questions to a person are open"))
        id_ = f"catalog-approval-{secrets.token_hex(8)}"
        self._asked[id_] = asked
        return _to_client(asking(id_, params))

    def _consented(self, id_: str, answered: object) -> Sequence[Outgoing]:
        asked = self._asked.pop(id_)
        decided = self._desk.answered(asked, consent=is_consent(answered))
        if isinstance(decided, Refused):
            return _to_client(tool_refusal(asked.call.request, decided.reason))
        return self._pass(decided)

    def _cancelled(self, message: Notification, line: bytes) -> Sequence[Outgoing]:
        id_ = message.params.get("requestId")
        for question_id, asked in list(self._asked.items()):
            if asked.call.request.id == id_:
                self._desk.give_back(self._asked.pop(question_id))
                return []
        if isinstance(id_, str | int | float) and id_ in self._held:
            del self._held[id_]
            return []
        return [Outgoing("server", _one_line(line))]

    def _is_asked(self, id_: Id) -> bool:
        return any(asked.call.request.id == id_ for asked in self._asked.values())

    def _answered(self, line: bytes, message: Response) -> Sequence[Outgoing]:
        pending = self._pending.pop(message.id, None)
        if pending is None:
            _log.warning("left out an answer of the server to nothing that was asked")
            return []
        result = message.result
        if pending.request.method in LISTS and not message.failed:
            return _to_client(self._lists.cut(pending.request, line))
        if pending.approved and isinstance(result, dict) and result.get("resultType") == "input_required":
            return _to_client(self._asks_itself(pending.approved, result))
        return _to_client(line)

    def _asks_itself(self, call: Call, result: Json) -> bytes:
        """Return the server's own question about an approved call, with a state that remembers the approval."""
        inner = result.get("requestState")
        state = self._services.seals.seal(
            call.tool,
            call.arguments,
            self._services.now().timestamp(),
            approved=True,
            inner=inner if isinstance(inner, str) else None,
        )
        return answer(call.request.id, {**result, "requestState": state})

    def _look(self, meta: Json, cursor: str | None = None) -> Sequence[Outgoing]:
        """Ask the server for its tools, unless that is under way."""
        if self._review is not None:
            return []
        self._review = f"catalog-review-{secrets.token_hex(8)}"
        params = {**({"_meta": meta} if meta else {}), **({"cursor": cursor} if cursor else {})}
        return [Outgoing("server", request(self._review, "tools/list", params))]

    def _reviewed(self, line: bytes, message: Response) -> Sequence[Outgoing]:
        self._review = None
        try:
            again = read_strictly(line)
        except NoMessage:
            again = message
        result = objects(again.result if isinstance(again, Response) else None)
        items, cursor = result.get("tools"), result.get("nextCursor")
        self._lists.see(items if isinstance(items, list) else [], first=self._pages == 0, last=False)
        self._pages += 1
        if isinstance(cursor, str) and self._pages < MOST_PAGES:
            meta = next((call.request.meta for call in self._held.values() if call.request.is_modern), {})
            return self._look(meta, cursor)
        self._pages = 0
        self._lists.see([], first=False, last=True)
        held = list(self._held.values())
        self._held.clear()
        return [outgoing for call in held for outgoing in self._decide(call)]

    def _record(self, message: Request, outcome: str, reason: str) -> None:
        about = message.params.get("name") or message.params.get("uri") or ""
        self._services.audit.record(
            Event(
                time=self._services.now(),
                server=self._services.policy().server,
                session=self._session.id,
                method=cut(message.method),
                tool=cut(about),
                decision="deny",
                outcome=outcome,
                reason=reason,
            )
        )


def _to_client(line: bytes) -> Sequence[Outgoing]:
    return [Outgoing("client", line)]


def _one_line(line: bytes) -> bytes:
    """Return the message without line breaks: JSON has none that mean anything."""
    return line.replace(b"\r", b" ").replace(b"\n", b" ")
