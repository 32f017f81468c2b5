"""PolicyLayer Intercept's intercept.yaml (github.com/PolicyLayer/Intercept, POLICY.md).

Another format than the hosted service's policy.json, whose ``deny_if`` and ``limits`` Intercept would ignore. All rules
of a tool must hold and there is no *or*, so what one action alone asks cannot be said, nor can "no selector, or one of
these".
"""

from collections.abc import Iterable, Iterator, Mapping

from catalog.export.files import Written, a_file_each
from catalog.export.intercept_conditions import Asked, asked, denied, nameable, selected
from catalog.export.narrowed import narrowed
from catalog.export.notes import bounds
from catalog.export.obstacles import refuse
from catalog.export.terms import Terms, terms
from catalog.export.texts import is_text, only_text
from catalog.export.yamltext import yaml_text
from catalog.policy.conditions import tokens
from catalog.policy.degrade import degrade
from catalog.policy.evaluate import evaluate
from catalog.policy.model import PASSING, REFUSING, Condition, Decision, Operator, Policy, Rule
from catalog.policy.reason import wish
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, Expresses, Unsupported

ABOUT = (
    "PolicyLayer Intercept: intercept -c intercept.yaml -- COMMAND",
    "Not for PolicyLayer's hosted service, which reads another format.",
)
ON_ACTION = "This action is not on the policy's allow-list."
ON_ARGUMENT = "The policy does not let these arguments pass."


class InterceptExporter:
    """Writes intercept.yaml: an allow-list of tools, with conditions and limits per tool."""

    format = "intercept"
    title = "PolicyLayer Intercept"
    expresses = Expresses(
        arguments=True,
        limits=True,
        approval=False,
        hiding=True,
        operators=frozenset(Operator),
        nested=True,
    )

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return a_file_each(policies, "intercept.yaml", self._write)

    def _write(self, whole: Policy) -> Written:
        policy, degraded = degrade(whole, self.expresses)
        policy, refused = refuse(policy, _Names(policy).obstacle)
        policy, mixed = refuse(policy, _Mixed(policy).obstacle)
        notes = (*degraded, *refused, *mixed, *narrowed(policy, _denied), *_of_dispatchers(policy))
        document: dict[str, object] = {"version": "1", "default": "deny"}
        if hide := [surface.tool for surface in surfaces(policy) if _hidden(surface)]:
            document["hide"] = hide
        document["tools"] = {
            surface.tool: {"rules": list(_rules(surface, found))}
            for surface in surfaces(policy)
            if (found := terms(surface))
        }
        return yaml_text(document, notes, about=ABOUT), notes


def _hidden(surface: Surface) -> bool:
    """Say whether the tool is left out of lists; what cannot stand in ``hide`` is denied all the same."""
    listable = is_text(surface.tool) and surface.tool.strip() and surface.tool != "*"
    return bool(listable) and all(rule.decision is Decision.HIDE for rule in surface.rules)


class _Names:
    """What cannot be said of names and values."""

    def __init__(self, policy: Policy) -> None:
        self.shut = {surface.tool: why for surface in surfaces(policy) if (why := _shut(surface))}

    def obstacle(self, rule: Rule) -> str:
        """Return why the rule can only be a denial, or nothing."""
        if rule.tool in self.shut:
            return self.shut[rule.tool]
        if not all(is_text(match.value) and only_text(match.value) for match in rule.when):
            return "the value could be taken for a number, a boolean or a list"
        if not all(nameable(*tokens(condition.argument)) for condition in rule.conditions):
            return "an argument's name cannot be written as a path"
        if not all(asked(condition) for condition in rule.conditions):
            return "no value is left that could be told from others"
        return ""


def _shut(surface: Surface) -> str:
    if surface.tool == "*":
        return "it reads * as every tool"
    if not is_text(surface.tool):
        return "half of a surrogate pair is no text there"
    if not all(map(nameable, surface.selectors)):
        return "the selecting argument's name cannot be written as a path"
    if surface.limits and "." in surface.tool:
        return "a tool with a dot in its name cannot be counted"
    return ""


class _Mixed:
    """Actions with conditions that not every action of their tool has."""

    def __init__(self, policy: Policy) -> None:
        self.found = {surface.tool: found for surface in surfaces(policy) if (found := terms(surface))}

    def obstacle(self, rule: Rule) -> str:
        """Return why the rule can only be a denial, or nothing."""
        for match in rule.when:
            found = self.found.get(rule.tool)
            values = found.selectors[match.argument] if found else {}
            if found and set(values.get(match.value, ())) - set(_common(found, match.argument)):
                return "a condition would hold for every action of its tool"
        return ""


def _common(found: Terms, selector: str) -> tuple[Condition, ...]:
    """Return the conditions that every value of a selector has."""
    first, *rest = found.selectors[selector].values() or [()]
    return tuple(condition for condition in first if all(condition in other for other in rest))


def _rules(surface: Surface, found: Terms) -> Iterator[Mapping[str, object]]:
    for selector, values in found.selectors.items():
        yield {"name": "action", "conditions": [selected(selector, list(values))], "on_deny": ON_ACTION}
    shared = (condition for selector in found.selectors for condition in _common(found, selector))
    conditions: list[Asked] = [test for one in dict.fromkeys((*found.own, *shared)) for test in asked(one)]
    if conditions:
        yield {"name": "arguments", "conditions": conditions, "on_deny": ON_ARGUMENT}
    for window, most in surface.limits.items():
        yield {"name": f"limit per {window}", "rate_limit": f"{most}/{window}"}


def _denied(rule: Rule) -> Iterable[str]:
    return (which for condition in rule.conditions for which in denied(condition))


def _of_dispatchers(policy: Policy) -> Iterator[Unsupported]:
    """Yield what a dispatcher tool's rules do to calls that they are not for."""
    for surface in surfaces(policy):
        if not surface.selectors or surface.decision not in PASSING:
            continue
        for rule in surface.rules:
            others = [one for one in surface.selectors if all(match.argument != one for match in rule.when)]
            if rule.decision not in REFUSING:
                for selector in others:
                    yield Unsupported(key=rule.key, wanted=wish(rule), written=f"deny where {selector} is not given")
        asking = evaluate(policy, surface.tool, {})
        if surface.own is None and asking in PASSING:
            written = f"deny: it must select an action by {' and '.join(surface.selectors)}"
            yield Unsupported(key=surface.tool, wanted=str(asking), written=written)
        if any(rule.limits for rule in surface.rules if rule.when):
            written = f"limit to {bounds(surface.limits)}, counted over every call of {surface.tool}"
            for rule in surface.rules:
                if surface.decides(rule) in PASSING:
                    yield Unsupported(key=rule.key, wanted=wish(rule), written=written)
