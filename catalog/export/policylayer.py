"""PolicyLayer's hosted policy.json, version "1" (https://policylayer.com/docs/writing-policies).

Not for PolicyLayer Intercept: that reads another format and silently ignores ``limits`` and ``deny_if``.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from catalog.export.files import Written, a_file_each
from catalog.export.narrowed import may_be_absent, narrowed
from catalog.export.notes import bounds, note
from catalog.export.obstacles import refuse
from catalog.export.texts import is_text, only_text
from catalog.policy.conditions import tokens
from catalog.policy.degrade import degrade
from catalog.policy.model import PASSING, REFUSING, Condition, Decision, Operator, Policy, Rule
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, Expresses, Unsupported

ON_APPROVE = "Requires human approval."
ON_OTHER = "This action is not on the policy's allow-list."
ON_ARGUMENT = "The policy does not let this argument pass."

_PATH_SAFE = re.compile(r"[A-Za-z0-9_-]+")
"""Argument names that mean themselves in a condition's path; a dot would reach into a nested argument."""

JsonObject = dict[str, object]

ASKED = frozenset({Operator.ABSENT, Operator.ONE_OF})
"""What can be denied when it does not hold: no operator says that a value is no number, or does not match."""


class PolicyLayerExporter:
    """Writes policy.json: an allow-list of tools, and of argument values for dispatcher tools."""

    format = "policylayer"
    title = "PolicyLayer"
    expresses = Expresses(
        arguments=True,
        limits=True,
        approval=False,
        hiding=True,
        operators=ASKED,
    )

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return a_file_each(policies, "policy.json", self._write)

    def _write(self, policy: Policy) -> Written:
        hide: list[str] = []
        tools: dict[str, JsonObject] = {}
        # A rule that wants approval stays one, so that the message of its denial says what it wants.
        policy, degraded = degrade(policy, replace(self.expresses, approval=True, approved_limits=True))
        policy, refused = refuse(policy, _obstacle)
        unsupported: list[Unsupported] = [*degraded, *refused, *narrowed(policy, _denied)]
        for surface in surfaces(policy):
            written = _Writer(surface)
            unsupported += written.unsupported()
            if not written.nameable:
                continue
            if written.decision in REFUSING:
                hide.append(surface.tool)
            else:
                tools[surface.tool] = written.body()
        document: JsonObject = {"version": "1", "default": "deny"}
        if hide:
            document["hide"] = hide
        if tools:
            document["tools"] = tools
        return json.dumps(document, indent=2) + "\n", unsupported


class _Writer:
    """One tool's part of the document, and what it could not say."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.selectors = surface.selectors
        self.limits = surface.limits
        self.nameable = "*" not in surface.tool  # the document reads "*" as every tool
        self.obstacle = self._obstacle()
        self.decision = Decision.DENY if self.obstacle else surface.decision

    def _obstacle(self) -> str:
        """Return why the tool can only be denied, or nothing."""
        if not self.nameable:
            return "a name with * in it cannot be written"
        if not all(_PATH_SAFE.fullmatch(argument) for argument in self.selectors):
            return "the selecting argument's name cannot be written as a path"
        if "day" in self.limits:
            return "a limit per day cannot be written"  # the documentation shows minutes and hours only
        return ""

    def body(self) -> JsonObject:
        """Return what stands under the tool's name; an empty object allows it."""
        if self.decision is Decision.APPROVE:
            return {"deny_if": [{"conditions": [], "on_deny": ON_APPROVE}]}
        body: JsonObject = {}
        if denials := list(self._denials()):
            body["deny_if"] = denials
        if self.limits:
            body["limits"] = self._counters()
        return body

    def _denials(self) -> Iterator[JsonObject]:
        for argument in self.selectors:
            yield _outside(argument, self._allowed(argument))
        for rule in self.surface.rules:
            selected: list[JsonObject] = [
                {"path": f"args.{match.argument}", "op": "in", "value": [match.value]} for match in rule.when
            ]
            if self.surface.decides(rule) in PASSING:
                for condition in rule.conditions:
                    for broken in _broken(condition):
                        yield {"conditions": [*selected, *broken], "on_deny": ON_ARGUMENT}

    def _allowed(self, argument: str) -> Sequence[str]:
        decisions = self.selectors[argument]
        return [value for value, decision in decisions.items() if decision in PASSING and only_text(value)]

    def _counters(self) -> Sequence[Mapping[str, object]]:
        several = len(self.limits) > 1
        return [
            {
                "counter": f"{self.surface.tool}_rate" + (f"_{window}" if several else ""),
                "window": window,
                "max": most,
                "scope": "grant",
            }
            for window, most in self.limits.items()
        ]

    def unsupported(self) -> Sequence[Unsupported]:
        """Return every rule whose calls are treated more strictly than the policy says."""
        notes = []
        for rule in self.surface.rules:
            wanted = self.surface.decides(rule)
            written = self._instead(rule, wanted)
            if written and wanted not in REFUSING:
                notes.append(note(rule.key, wanted, rule.limit, written))
        if self.selectors and self.surface.decision in PASSING and (written := self._whole_tool()):
            notes.append(note(self.surface.tool, Decision.ALLOW, None, written))
        return notes

    def _instead(self, rule: Rule, wanted: Decision) -> str:
        """Return what the document says for the rule's entry, or nothing where that is what the rule says."""
        if self.obstacle:
            return self._whole_tool()
        if self.decision is Decision.APPROVE:
            return f"deny with the message “{ON_APPROVE}”"
        if self.decision in REFUSING or wanted is Decision.APPROVE:
            return "deny"
        if not all(only_text(match.value) for match in rule.when):
            return "deny: the value could be taken for a number, a boolean or a list"
        return self._whole_tool()

    def _whole_tool(self) -> str:
        """Return what befalls every call of a dispatcher tool, down to asking what it offers; or nothing."""
        if self.obstacle:
            return f"deny: {self.obstacle}"
        if self.selectors and self.limits:
            return f"limit to {bounds(self.limits)}, counted over every call of {self.surface.tool}"
        return ""


def _outside(argument: str, allowed: Sequence[str]) -> JsonObject:
    """Return the condition under which a call is denied: it selects something that is not on the list.

    A call without the selector passes: ``exists`` says so whatever ``not_in`` makes of a missing argument. A list, an
    object or a value in another case is not on the list and so denied.
    """
    path = f"args.{argument}"
    return {
        "conditions": [
            {"path": path, "op": "exists", "value": True},
            {"path": path, "op": "not_in", "value": list(allowed)},
        ],
        "on_deny": ON_OTHER,
    }


def _obstacle(rule: Rule) -> str:
    """Return why no condition of the rule can be written, or nothing."""
    if not all(_PATH_SAFE.fullmatch(tokens(condition.argument)[0]) for condition in rule.conditions):
        return "an argument's name cannot be written as a path"
    return ""


def _broken(condition: Condition) -> Iterator[Sequence[JsonObject]]:
    """Yield the conditions of denials of which one applies wherever ``condition`` does not hold."""
    path = f"args.{tokens(condition.argument)[0]}"
    there: JsonObject = {"path": path, "op": "exists", "value": True}
    if condition.operator is Operator.ABSENT:
        yield [there]
        return
    if not condition.optional:
        yield [{"path": path, "op": "exists", "value": False}]
    yield [there, {"path": path, "op": "not_in", "value": [one for one in condition.values if _sayable(one)]}]


def _sayable(value: object) -> bool:
    return isinstance(value, str) and is_text(value) and only_text(value)


def _denied(rule: Rule) -> Iterable[str]:
    """Yield which calls are denied although the conditions hold."""
    for condition in rule.conditions:
        if condition.operator is Operator.ONE_OF:
            yield f"{condition.argument} is a list"
            yield from (f"{condition.argument} is {one!r}" for one in condition.values if not _sayable(one))
        if condition.operator is Operator.ABSENT or may_be_absent(condition):
            yield f"{condition.argument} is null"
