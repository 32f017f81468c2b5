"""What becomes of one tool call: decided by the policy, counted, and asked about where a person must approve it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalog.counters.base import SECONDS, CountersUnavailable, of_session, window_start
from catalog.gateway.approvals import can_ask, consent_in
from catalog.gateway.audit import Event, cut, redacted
from catalog.gateway.messages import Json, Request
from catalog.gateway.session import Services, Session
from catalog.policy.evaluate import Charge, Ruling, is_listed, rule_on
from catalog.policy.model import Decision
from catalog.policy.reason import rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call as it is on the server's wire."""

    request: Request
    tool: str
    arguments: Json
    line: bytes | None
    """The client's own line; None where the server must be sent another one."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The call goes to the server."""

    call: Call
    approved: bool = False
    inner: str | None = None
    """The server's own state of a call that is sent again (2026-07-28)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The call goes nowhere."""

    reason: str
    unknown: bool = False
    """Whether the client is told no more than that there is no such tool."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A person is asked first. The call is counted already; what is declined is given back."""

    call: Call
    reason: str
    charges: tuple[Charge, ...]
    charged_at: datetime
    taints: bool


class Desk:
    """Decides the tool calls of one session on one server."""

    def __init__(self, services: Services, session: Session) -> None:
        """Take what the session's guard was given."""
        self._services = services
        self._session = session

    def decide(self, call: Call) -> Passed | Refused | Asked:
        """Return what becomes of a call, and record it."""
        policy, now = self._services.policy(), self._services.now()
        ruling = rule_on(policy, call.tool, call.arguments, tainted=self._session.tainted)
        if ruling.decision is Decision.DENY:
            self._record(call, ruling, "denied", ruling.reason)
            return Refused(ruling.reason, unknown=not is_listed(policy, call.tool))
        again = call.request.params.get("requestState")
        sent_again = ruling.decision is Decision.APPROVE and again is not None
        if sent_again and (decided := self._sent_again(call, ruling, again, now)):
            return decided
        charges = tuple(of_session(charge, self._session.id) for charge in ruling.charges)
        if ruling.decision is Decision.APPROVE and not self._can_ask(call.request):
            reason = f"a person must approve it, and this client cannot ask one. {ruling.reason}"
            self._record(call, ruling, "denied", reason)
            return Refused(reason)
        if refusal := self._counted(policy.server, charges, now):
            self._record(call, ruling, "denied", refusal)
            return Refused(refusal)
        if ruling.decision is Decision.APPROVE:
            self._record(call, ruling, "asked", ruling.reason)
            return Asked(call, ruling.reason, charges, now, ruling.taints)
        self._record(call, ruling, "passed")
        return self._passed(Passed(call), taints=ruling.taints)

    def answered(self, asked: Asked, *, consent: bool) -> Passed | Refused:
        """Return what becomes of a call that a person was asked about."""
        if consent:
            self._record_answer(asked, "approved")
            return self._passed(Passed(asked.call, approved=True), taints=asked.taints)
        self.give_back(asked)
        self._record_answer(asked, "declined")
        return Refused("a person was asked and did not approve it")

    def give_back(self, asked: Asked) -> None:
        """Take back what a call was charged that nobody approved."""
        if asked.charges:
            try:
                self._services.counters.refund(self._services.policy().server, asked.charges, asked.charged_at)
            except CountersUnavailable:
                return  # the count stays too high, which is the strict side

    def _can_ask(self, request: Request) -> bool:
        return can_ask(request.capabilities if request.is_modern else self._session.capabilities)

    def _sent_again(self, call: Call, ruling: Ruling, state: object, now: datetime) -> Passed | Refused | None:
        """Return what becomes of a call that comes back with a state; None where the state is not ours to judge by."""
        sealed = self._services.seals.open(state, call.tool, call.arguments, now.timestamp())
        if sealed is None:
            return None
        if sealed.approved or consent_in(call.request):
            self._record(call, ruling, "approved")
            return self._passed(
                Passed(replace(call, line=None), approved=True, inner=sealed.inner), taints=ruling.taints
            )
        reason = "a person was asked and did not approve it"
        self._record(call, ruling, "declined", reason)
        return Refused(reason)

    def _passed(self, passed: Passed, *, taints: bool) -> Passed:
        if taints:
            self._session.tainted = True
        return passed

    def _counted(self, server: str, charges: tuple[Charge, ...], now: datetime) -> str:
        """Count a call and return nothing, or return why it may not be counted any more."""
        if not charges:
            return ""
        try:
            full = self._services.counters.charge(server, charges, now)
        except CountersUnavailable as error:
            return f"its limit cannot be checked: {error}"
        if full is None:
            return ""
        window = full.limit.window
        ends = datetime.fromtimestamp(window_start(window, now) + SECONDS[window], UTC)
        return f"its limit of {rate(full.limit)} is reached until {ends:%Y-%m-%d %H:%M} UTC"

    def _record_answer(self, asked: Asked, outcome: str) -> None:
        self._record(asked.call, Ruling(decision=Decision.APPROVE, reason=asked.reason), outcome)

    def _record(self, call: Call, ruling: Ruling, outcome: str, reason: str = "") -> None:
        arguments = call.arguments if self._services.logs_arguments else redacted(call.arguments)
        self._services.audit.record(
            Event(
                time=self._services.now(),
                server=self._services.policy().server,
                session=self._session.id,
                method="tools/call",
                tool=cut(call.tool),
                rules=[rule.key for rule in ruling.rules],
                decision=str(ruling.decision),
                outcome=outcome,
                reason=reason,
                arguments=arguments,
                selected=_selected(ruling),
            )
        )


def _selected(ruling: Ruling) -> Mapping[str, str] | None:
    """Return the selecting arguments that rules name: words of the policy, not of whoever calls."""
    return {match.argument: match.value for rule in ruling.rules for match in rule.when} or None
