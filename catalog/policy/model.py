"""What a policy says, before any target's syntax: rules on what is on the wire.

These types are also the policy's own file format (catalog.policy.document), so that what is written down is what is
decided by. They need nothing but the standard library: the hook program loads them on every call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Decision(StrEnum):
    """What happens to a call, from loosest to strictest."""

    ALLOW = "allow"
    LIMIT = "limit"
    """Let through and counted: denied once a limit is reached."""
    APPROVE = "approve"
    """A person is asked about each call; where nobody can be asked, it is denied."""
    DENY = "deny"
    HIDE = "hide"
    """Denied, and not even listed. Of an action: denied, since only tools are listed."""

    @property
    def strictness(self) -> int:
        """Return the place in the order: 0 is loosest."""
        return _STRICTNESS[self]


_STRICTNESS = {decision: place for place, decision in enumerate(Decision)}

PASSING = frozenset({Decision.ALLOW, Decision.LIMIT})
"""Decisions under which a call can go through without a person."""

REFUSING = frozenset({Decision.DENY, Decision.HIDE})
"""Decisions under which no call goes through, whoever is asked."""

Window = Literal["minute", "hour", "day"]
"""A calendar window in UTC: it begins with the minute, the hour or the day, not with the first call."""

Scope = Literal["server", "session"]
"""Whose calls are counted together: those of every client of the server, or those of one MCP session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``max`` calls in a calendar window, or calls whose argument adds up to at most that."""

    max: int
    window: Window
    scope: Scope = "server"
    sum_of: str | None = None
    """A JSON Pointer (RFC 6901) into the arguments: the number there is added up instead of counting the call. A call
    without a number there, or with a negative one, is denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An argument that must have this value for a rule to apply: how a dispatcher's action looks on the wire."""

    argument: str
    value: str


class Operator(StrEnum):
    """What a condition asks of an argument. Text is compared exactly, and never with a number."""

    PRESENT = "present"
    """It is there and not null."""
    ABSENT = "absent"
    """It is not there, or null."""
    ONE_OF = "one_of"
    """It is one of ``values``; a list is where each of its items is."""
    AT_MOST = "at_most"
    """It is a number and not more than the one of ``values``."""
    AT_LEAST = "at_least"
    """It is a number and not less than the one of ``values``."""
    WITHIN = "within"
    """It is a path at or below one of the folders ``values``, without ``..``; a list is where each of its items is."""
    HOST_IN = "host_in"
    """It is an http(s) URL whose host is one of ``values``; a list is where each of its items is."""


Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must hold of a call's arguments for it to pass; a call for which it does not hold is denied."""

    argument: str
    """A JSON Pointer (RFC 6901) into the arguments, for example ``/params/allowlist``."""
    operator: Operator
    values: tuple[Scalar, ...] = ()
    """Empty for PRESENT and ABSENT; of the others, none of which no value holds."""
    parameter: str | None = None
    """The policy's parameter that ``values`` come from, where they are left to whoever uses the policy."""
    optional: bool = False
    """Whether it also holds where the argument is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is decided for one entry: a tool, or one action of a dispatcher tool."""

    tool: str
    """The name in ``tools/call`` on the wire."""
    when: tuple[Match, ...] = ()
    """Empty for the tool itself; for an action, the one argument that decides which action runs."""
    decision: Decision
    limits: tuple[Limit, ...] = ()
    """Every one bounds the calls that pass, also those that a person approves."""
    conditions: tuple[Condition, ...] = ()
    """All must hold, else the call is denied."""
    taints: bool = False
    """Whether its results can hold text of outsiders, after which a session is tainted."""
    after_taint: Decision | None = None
    """In a tainted session, what is decided at least."""
    reason: str
    """One sentence: why this decision."""
    evidence: tuple[str, ...] = ()
    """The classifier's rules that the decision rests on."""
    key: str
    """The entry it was made for."""

    def __post_init__(self) -> None:
        if len(self.when) > 1:
            raise ValueError(f"rule {self.key!r}: one argument selects an action, not {len(self.when)}")
        if self.decision is Decision.LIMIT and not self.limits:
            raise ValueError(f"rule {self.key!r}: the decision 'limit' needs limits")
        if self.decision is Decision.ALLOW and self.limits:
            raise ValueError(f"rule {self.key!r}: with limits, the decision is 'limit', not 'allow'")

    @property
    def limit(self) -> Limit | None:
        """Return the first limit, which is the one that pages and tables show."""
        return self.limits[0] if self.limits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Values that only whoever uses the policy knows, for example the hosts that may be called."""

    description: str
    values: tuple[str, ...] = ()
    """None until they are filled in: then no call passes the conditions that use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualTool:
    """An action of a dispatcher tool as a tool of its own, for clients that know tools by their names alone."""

    definition: Mapping[str, object]
    """What ``tools/list`` shows."""
    tool: str
    """The dispatcher tool that is called."""
    arguments: Mapping[str, str]
    """The arguments that select the action."""
    payload: str | None = None
    """The argument that carries the action's own parameters; None where they stand beside the selector."""


@dataclass(frozen=True, slots=True)
class ToolRules:
    """The rules on one tool, found by what a call of it looks like."""

    all: list[Rule] = field(default_factory=list)
    own: list[Rule] = field(default_factory=list)
    """Those on the tool itself."""
    selected: dict[str, dict[str, list[Rule]]] = field(default_factory=dict)
    """Those on its actions, by argument and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules for one server; whatever no rule names is denied."""

    server: str
    """The name by which the target knows the server: its slug, or its key in a client's configuration."""
    rules: tuple[Rule, ...]
    profile: str = "baseline"
    resources: tuple[str, ...] = ()
    """URIs that may be read; with ``*`` at the end, what begins so. None: no resource may."""
    prompts: tuple[str, ...] = ()
    """Names of prompts that may be used; as resources."""
    definitions: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 (hex) of the definition of each tool for which the rules were made, by name on the wire."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    virtual_tools: tuple[VirtualTool, ...] = ()
    """The actions to show as tools of their own in place of their dispatcher tools; none: nothing is unfolded."""
    on: Mapping[str, ToolRules] = field(init=False, repr=False, compare=False)
    """The rules by the tool that they are on: a policy of hundreds is asked about every call."""

    def __post_init__(self) -> None:
        found: dict[str, ToolRules] = {}
        for rule in self.rules:
            of_tool = found.setdefault(rule.tool, ToolRules())
            of_tool.all.append(rule)
            if not rule.when:
                of_tool.own.append(rule)
            for match in rule.when:
                of_tool.selected.setdefault(match.argument, {}).setdefault(match.value, []).append(rule)
        object.__setattr__(self, "on", found)
