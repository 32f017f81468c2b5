"""PolicyLayer Intercept's intercept.yaml as its reference describes it: a strict reader and a decision procedure.

Written from POLICY.md and what the source does with it (version of 2026), not from our exporter; Intercept itself is in
no registry. Stricter than the product in one thing: keys that it would ignore are errors.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.wire import as_in_go, printed_in_go, text_for

_RATE = re2.compile(r"\A[1-9][0-9]*/(minute|hour|day)\z")
_NUMERIC: Mapping[str, Callable[[float, float], bool]] = {"lt": lt, "lte": le, "gt": gt, "gte": ge}


class InterceptEngine:
    """Decides as Intercept's reference says."""

    format = "intercept"
    title = "intercept.yaml as Intercept's source reads it"

    def version(self) -> str:
        """See `Engine.version`."""
        return "POLICY.md at 77f0429"

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        documents: dict[str, Document | None] = {}
        for call in calls:
            if call.server not in documents:
                text = text_for(export, "intercept.yaml", call.server)
                documents[call.server] = None if text is None else read(text)
        return [_decide(documents[call.server], call) for call in calls]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Condition(_Data):
    """What must hold of an argument."""

    path: str = Field(pattern=r"^args\.")
    op: Literal["eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "regex", "contains", "exists"]
    value: bool | int | float | str | list[bool | int | float | str]

    @model_validator(mode="after")
    def _fits(self) -> "Condition":
        number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if self.op in {"in", "not_in"} and not isinstance(self.value, list):
            raise ValueError(f"operator {self.op!r} requires a list value")
        if self.op in _NUMERIC and not number:
            raise ValueError(f"operator {self.op!r} requires a numeric value")
        if self.op == "exists" and not isinstance(self.value, bool):
            raise ValueError(f"operator {self.op!r} requires a boolean value")
        if self.op == "regex":
            if not isinstance(self.value, str):
                raise ValueError("regex value must be a string")
            re2.compile(self.value)
        return self


class Rule(_Data):
    """One rule of a tool; all must let a call pass."""

    name: str = Field(min_length=1)
    action: Literal["evaluate", "deny"] = "evaluate"
    rate_limit: str | None = None
    conditions: list[Condition] = []
    on_deny: str = ""

    @model_validator(mode="after")
    def _fits(self) -> "Rule":
        if self.rate_limit is not None:
            if not _RATE.search(self.rate_limit):
                raise ValueError(f"rate_limit must be N/minute, N/hour or N/day, not {self.rate_limit!r}")
            if self.conditions or self.action == "deny":
                raise ValueError("rate_limit cannot be combined with conditions or with action deny")
        elif (self.action == "deny") is bool(self.conditions):
            raise ValueError("evaluate rules need a condition, deny rules must not have any")
        return self


class Tool(_Data):
    """The rules of one tool."""

    rules: list[Rule]


class Document(_Data):
    """The whole file."""

    version: Literal["1"]
    description: str = ""
    default: Literal["allow", "deny"] = "allow"
    hide: list[str] = []
    tools: dict[str, Tool]

    @model_validator(mode="after")
    def _fits(self) -> "Document":
        if not all(name.strip() for name in self.hide) or len(set(self.hide)) < len(self.hide):
            raise ValueError("hide: an entry is empty, or stands there twice")
        for name, tool in self.tools.items():
            rates = [rule.rate_limit.partition("/")[2] for rule in tool.rules if rule.rate_limit]
            if len(set(rates)) < len(rates):
                raise ValueError(f"tools.{name}: duplicate state counter")
            if rates and "." in name:
                raise ValueError(f"tools.{name}: no matching state block found")  # it takes the name up to the dot
        return self


def read(text: str) -> Document:
    """Return a file that Intercept accepts. Raises: ValueError for any other."""
    try:
        return Document.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, re2.error, ValidationError) as error:
        raise ValueError(f"Intercept refuses the file: {error}") from error


def _decide(document: Document | None, call: Call) -> Decision:
    if document is None:
        return Decision.DENY
    try:
        tool, arguments = as_in_go(call.tool), as_in_go(call.arguments)
    except ValueError:
        return Decision.DENY
    if tool in document.hide or "*" in document.hide:
        return Decision.DENY
    if tool not in document.tools and document.default == "deny":
        return Decision.DENY
    rules = list(_rules(document, tool))
    for rule in rules:
        if rule.action == "deny" or not all(_holds(condition, arguments) for condition in rule.conditions):
            return Decision.DENY
    return Decision.LIMIT if any(rule.rate_limit for rule in rules) else Decision.ALLOW


def _rules(document: Document, tool: str) -> Iterator[Rule]:
    for name in dict.fromkeys((tool, "*")):
        if name in document.tools:
            yield from document.tools[name].rules


def _holds(condition: Condition, arguments: Mapping[str, Any]) -> bool:
    value: Any = arguments
    there = True
    for name in condition.path.split(".")[1:]:
        there = there and isinstance(value, Mapping) and name in value
        value = value[name] if there else None
    if condition.op == "exists":
        return (value is not None) is condition.value
    return there and _compares(condition.op, value, condition.value)


def _compares(op: str, value: Any, wanted: Any) -> bool:
    if op in _NUMERIC:
        return isinstance(value, float) and _NUMERIC[op](value, float(wanted))
    if op == "regex":
        return isinstance(value, str) and re2.compile(wanted).search(value) is not None
    if op == "contains":
        return wanted in value if isinstance(value, str) and isinstance(wanted, str) else _among(wanted, value)
    equal = _equal(value, wanted) if op in {"eq", "neq"} else _among(value, wanted)
    return equal is (op in {"eq", "in"})


def _among(value: Any, values: Any) -> bool:
    return isinstance(values, list) and any(_equal(value, one) for one in values)


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, float) and isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return value == float(wanted)
    return printed_in_go(value) == printed_in_go(wanted)
