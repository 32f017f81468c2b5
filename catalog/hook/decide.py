"""Decide on one call: rule, count, remember what taints; the same for every client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from catalog.hook.request import Answer, Request, Word
from catalog.policy.clientnames import Called
from catalog.policy.evaluate import Ruling, rule_on
from catalog.policy.model import REFUSING, Decision, Policy

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.counters.base import Counters


class Sessions(Protocol):
    """Remembers which sessions have read text of outsiders."""

    def is_tainted(self, session: str) -> bool:
        """Say whether a session has. Raises: CountersUnavailable."""
        ...

    def taint(self, session: str) -> None:
        """Remember that a session has. Raises: CountersUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is kept between calls, opened only where a policy needs it."""

    counters: "Callable[[], Counters]"
    sessions: Callable[[], Sessions]
    now: "Callable[[], datetime]"


def decide(found: Called, request: Request, policies: Mapping[str, Policy], state: State, *, can_ask: bool) -> Answer:
    """Return what the client is to do. A call that goes through, or about which a person is asked, is counted.

    Raises: CountersUnavailable.
    """
    watched = any(rule.after_taint for policy in policies.values() for rule in policy.rules)
    tainted = watched and (request.session is None or state.sessions().is_tainted(request.session))
    ruling = rule_on(found.policy, found.tool, request.arguments, tainted=tainted)
    if ruling.decision in REFUSING:
        return _answer("deny", ruling.reason or "the policy denies it", found)
    asked = ruling.decision is Decision.APPROVE
    if asked and not can_ask:
        return _answer("deny", f"a person would have to approve it, and the client cannot ask: {ruling.reason}", found)
    if over := _over(ruling, found, request, state):
        return _answer("deny", over, found)
    if watched and ruling.taints and request.session is not None:
        state.sessions().taint(request.session)
    return _answer("ask" if asked else "allow", ruling.reason, found)


def _over(ruling: Ruling, found: Called, request: Request, state: State) -> str:
    """Count the call, or return which limit is reached."""
    if not ruling.charges:
        return ""
    from catalog.counters.base import of_session  # only calls that are counted wait for it

    charges = ruling.charges
    if request.session is not None:  # else those of a session count together with all others: stricter
        charges = tuple(of_session(charge, request.session) for charge in charges)
    full = state.counters().charge(found.policy.server, charges, state.now())
    if full is None:
        return ""
    what = "calls" if full.limit.sum_of is None else f"in {full.limit.sum_of}"
    return f"the limit of {full.limit.max} {what} in one {full.limit.window} is reached; it begins anew with the next"


def _answer(word: Word, reason: str, found: Called) -> Answer:
    return Answer(word=word, reason=reason or "the policy allows it", server=found.policy.server, tool=found.tool)
