"""Asking a person about one call, through the client: in a request of its own, or (2026-07-28) in the answer.

In the answer, the question goes out with a sealed state and the client sends the call again. The seal binds what was
approved to this very call, once, for some minutes: the person's answer comes from the client, like the call itself.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.gateway.messages import Json, Request, answer, objects, request

# Seconds that a sealed question can be answered in.
SEALED_FOR = 600

# Questions of one session that can be open at once.
MOST_OPEN = 100

# Characters of the arguments that a person is shown; they are asked to look at the rest in their client.
_SHOWN = 600

_PREFIX = "catalog-approval."
_QUESTION = "catalog-approval"
_SCHEMA: Json = {
    "type": "object",
    "properties": {"approve": {"type": "boolean", "title": "Approve this one call", "default": False}},
    "required": ["approve"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a state that comes back says."""

    approved: bool
    """Whether a person has approved the call before: the server asked something itself in between."""
    inner: str | None
    """The server's own state, wrapped in ours."""


class Seals:
    """Makes and opens the states of one gateway process; those of another are worth nothing."""

    def __init__(self) -> None:
        """Draw a key."""
        self._key = secrets.token_bytes(32)
        self._used: dict[str, float] = {}

    def seal(self, tool: str, arguments: Json, now: float, *, approved: bool = False, inner: str | None = None) -> str:
        """Return a state that only this very call can come back with, once."""
        body = json.dumps([secrets.token_hex(8), now + SEALED_FOR, _digest(tool, arguments), approved, inner])
        data = base64.urlsafe_b64encode(body.encode()).decode()
        return f"{_PREFIX}{data}.{self._mac(data)}"

    def open(self, state: object, tool: str, arguments: Json, now: float) -> Sealed | None:
        """Return what a state says; None where it is not ours, of another call, too old, or used before."""
        if not isinstance(state, str) or not state.startswith(_PREFIX):
            return None
        data, _, mac = state.removeprefix(_PREFIX).partition(".")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(data).encode()):
            return None
        nonce, until, digest, approved, inner = json.loads(base64.urlsafe_b64decode(data))
        self._used = {one: ends for one, ends in self._used.items() if ends > now}
        if until < now or nonce in self._used or digest != _digest(tool, arguments):
            return None
        self._used[nonce] = until
        return Sealed(approved=approved, inner=inner)

    def _mac(self, data: str) -> str:
        return hmac.new(self._key, data.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def can_ask(capabilities: Json) -> bool:
    """Say whether a client can show a person a form: elicitation, not by address alone."""
    elicitation = capabilities.get("elicitation")
    return isinstance(elicitation, dict) and (not elicitation or "form" in elicitation)


def question(server: str, tool: str, arguments: Json, reason: str) -> Json:
    """Return the parameters of the question about one call."""
    shown = json.dumps(arguments, ensure_ascii=True)
    more = "" if len(shown) <= _SHOWN else f"… ({len(shown)} characters)"
    message = f"May the agent call {tool} on {server}? {reason}\nArguments: {shown[:_SHOWN]}{more}"
    return {"message": message, "requestedSchema": _SCHEMA}


def asking(id_: str, params: Json) -> bytes:
    """Return the question as a request of its own, for sessions with a handshake."""
    return request(id_, "elicitation/create", params)


def asked_back(call: Request, params: Json, state: str) -> bytes:
    """Return the question as the answer to the call (2026-07-28)."""
    asked = {"method": "elicitation/create", "params": {"mode": "form", **params}}
    return answer(call.id, {"resultType": "input_required", "inputRequests": {_QUESTION: asked}, "requestState": state})


def is_consent(answered: object) -> bool:
    """Say whether an answer to the question approves the call."""
    said = objects(answered)
    return said.get("action") == "accept" and objects(said.get("content")).get("approve") is True


def consent_in(call: Request) -> bool:
    """Say whether a call that was sent again carries a person's approval."""
    return is_consent(objects(call.params.get("inputResponses")).get(_QUESTION))


def unwrapped(call: Request, inner: str | None) -> Mapping[str, object]:
    """Return the parameters of a call that was sent again as the server is to see them."""
    params = {key: value for key, value in call.params.items() if key not in {"inputResponses", "requestState"}}
    answers = {key: value for key, value in objects(call.params.get("inputResponses")).items() if key != _QUESTION}
    if answers:
        params["inputResponses"] = answers
    if inner is not None:
        params["requestState"] = inner
    return params


def _digest(tool: str, arguments: Json) -> str:
    canonical = json.dumps([tool, arguments], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
