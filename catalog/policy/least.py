"""The least privilege that covers what an agent really called. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.policy.evaluate import Ruling, rule_on
from catalog.policy.model import PASSING, Decision, Limit, Policy, Rule
from catalog.policy.selection import keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """A call that a log holds."""

    line: int
    """Where: the line of the log, from 1."""
    tool: str
    """The name on the server's wire."""
    arguments: Mapping[str, object]
    server: str | None = None
    """The name by which the log knows the server; None where it does not say."""
    session: str = ""
    time: object = None
    """When it was made, as the log has it; None where it does not say."""
    redacted: bool = False
    """Whether values of the arguments are left out, but for those that select an action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A logged call that the policy refuses, or asks a person about."""

    call: LoggedCall
    decision: Decision
    """APPROVE or DENY."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The least privilege, and what of the log it does not let through."""

    policies: tuple[Policy, ...]
    stopped: tuple[Stopped, ...]


def least(policies: Sequence[Policy], calls: Iterable[LoggedCall]) -> Least:
    """Return policies with the rules alone that apply to some logged call; everything else is denied.

    Calls are decided in their order, each session being tainted by what it called. How often something was called is
    not compared with limits. Of a call whose arguments are redacted, conditions on them are taken to hold.
    """
    used: dict[str, list[Rule]] = {policy.server: [] for policy in policies}
    asked = list(calls)
    rulings = [(call, [(policy, ruling(policy, call)) for policy in _addressed(policies, call)]) for call in asked]
    for _, found in rulings:
        for policy, said in found:
            used[policy.server] += said.rules
    kept = tuple(keeping(policy, used[policy.server]) for policy in policies)
    return Least(policies=kept, stopped=tuple(_stopped(kept, asked)))


def _stopped(policies: Sequence[Policy], calls: Iterable[LoggedCall]) -> Iterable[Stopped]:
    """Yield what the policies, as they are in the end, do not let through."""
    tainted: set[tuple[str, str]] = set()
    for call in calls:
        rulings = [
            (policy, ruling(policy, call, tainted=(policy.server, call.session) in tainted))
            for policy in _addressed(policies, call)
        ]
        tainted |= {(policy.server, call.session) for policy, said in rulings if said.taints}
        if any(said.decision in PASSING for _, said in rulings):
            continue
        if not rulings:
            names = ", ".join(repr(policy.server) for policy in policies)
            reason = f"the log names the server {call.server!r}; exported are: {names}. Name it as the log does: --as"
            yield Stopped(call=call, decision=Decision.DENY, reason=reason)
            continue
        loosest = min((said for _, said in rulings), key=lambda one: one.decision.strictness)
        yield Stopped(call=call, decision=loosest.decision, reason=loosest.reason)


def _addressed(policies: Sequence[Policy], call: LoggedCall) -> Sequence[Policy]:
    """Return the policies that a call may be for: of its server, or where it names none, of those with the tool."""
    if call.server is not None:
        return [policy for policy in policies if policy.server == call.server]
    with_tool = [policy for policy in policies if any(rule.tool == call.tool for rule in policy.rules)]
    return with_tool or policies


def ruling(policy: Policy, call: LoggedCall, *, tainted: bool = False) -> Ruling:
    """Return what a policy says about a logged call; where its arguments are redacted, conditions on them hold."""
    if call.redacted:
        policy = replace(policy, rules=tuple(map(_of_names_alone, policy.rules)))
    return rule_on(policy, call.tool, call.arguments, tainted=tainted)


def _of_names_alone(rule: Rule) -> Rule:
    """Return the rule as far as it needs no argument but the selector."""
    counted: tuple[Limit, ...] = tuple(replace(limit, sum_of=None) for limit in rule.limits)
    return replace(rule, conditions=(), limits=counted)
