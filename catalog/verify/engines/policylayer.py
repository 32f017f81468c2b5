"""PolicyLayer's hosted policy.json as its documentation describes it: a strict reader and a decision procedure.

Written from policylayer.com/docs/writing-policies, not from our exporter; the product does not run here. Where the
documentation leaves a comparison open, `Dialect` takes both sides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.wire import printed_in_go, text_for


class PolicyLayerEngine:
    """Decides as the documentation says; in each dialect that it leaves open, of which the loosest counts."""

    format = "policylayer"
    title = "policy.json as PolicyLayer documents it"

    def version(self) -> str:
        """See `Engine.version`."""
        return 'documentation of version "1"'

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        return [self._decide(export, call) for call in calls]

    def _decide(self, export: Export, call: Call) -> Decision:
        text = text_for(export, "policy.json", call.server)
        if text is None:
            return Decision.DENY
        document = Document.model_validate_json(text)
        found = (decide(document, call.tool, call.arguments, dialect) for dialect in DIALECTS)
        return min(found, key=lambda decision: decision.strictness)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Condition(_Data):
    """A condition on an argument."""

    path: str = Field(pattern=r"^args\.[A-Za-z0-9_-]+$")
    op: Literal["exists", "in", "not_in"]  # those of the eleven operators that we write
    value: bool | list[str]


class DenyIf(_Data):
    """A denial where all its conditions hold."""

    conditions: list[Condition]
    on_deny: str = Field(min_length=1)


class Counter(_Data):
    """A quota."""

    counter: str = Field(min_length=1)
    window: Literal["minute", "hour"]
    max: int = Field(ge=1)
    scope: Literal["grant"]


class ToolRules(_Data):
    """What stands under a tool's name."""

    require: list[object] = Field(default=[], max_length=0)
    deny_if: list[DenyIf] = []
    limits: list[Counter] = []


class AllTools(_Data):
    """Quotas on every call."""

    limits: list[Counter]


class Document(_Data):
    """The whole file."""

    version: Literal["1"]
    default: Literal["allow", "deny"]
    hide: list[str] = []
    all_tools: AllTools | None = None
    tools: dict[str, ToolRules] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What the documentation leaves open."""

    compares_printed: bool = False
    """Whether values that print alike are equal, as in Intercept: the number 5 and the text "5"."""
    null_is_absent: bool = False
    not_in_holds_for_absent: bool = False


STRICT = Dialect()

DIALECTS = (
    STRICT,
    Dialect(compares_printed=True),
    Dialect(null_is_absent=True),
    Dialect(not_in_holds_for_absent=True),
    Dialect(compares_printed=True, null_is_absent=True, not_in_holds_for_absent=True),
)


def decide(document: Document, tool: str, arguments: Mapping[str, object], dialect: Dialect = STRICT) -> Decision:
    """Return what the gateway does with a call; LIMIT where it passes but is counted."""
    if tool in document.hide or "*" in document.hide:
        return Decision.DENY
    rules = document.tools.get(tool, document.tools.get("*"))
    if rules is None:
        return Decision.ALLOW if document.default == "allow" else Decision.DENY
    for deny in rules.deny_if:
        if all(_holds(condition, arguments, dialect) for condition in deny.conditions):
            return Decision.DENY
    return Decision.LIMIT if rules.limits else Decision.ALLOW


def _holds(condition: Condition, arguments: Mapping[str, object], dialect: Dialect) -> bool:
    name = condition.path.removeprefix("args.")
    present = name in arguments and not (dialect.null_is_absent and arguments[name] is None)
    listed = condition.value if isinstance(condition.value, list) else []
    match condition.op:
        case "exists":
            return present is condition.value
        case "in":
            return present and _among(arguments[name], listed, dialect)
        case "not_in":
            return not _among(arguments[name], listed, dialect) if present else dialect.not_in_holds_for_absent
    assert_never(condition.op)


def _among(value: object, texts: Sequence[str], dialect: Dialect) -> bool:
    return value in texts or (dialect.compares_printed and printed_in_go(value) in texts)
