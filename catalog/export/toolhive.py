"""ToolHive's authorization config with Cedar policies (github.com/stacklok/toolhive, docs/authz.md, type cedarv1).

Each tool is one permit: what no policy permits is denied, and a permit that cannot be evaluated permits nothing, while
a forbid that cannot be evaluated would forbid nothing. ToolHive filters tools/list by the same policies without any
arguments, so a permit that asks for an argument leaves its tool out of the list. A dispatcher's asks for its selector:
ToolHive leaves out a number that is too large for Cedar, so a call with such a selector looks like one without any.
"""

import json
from collections.abc import Iterable, Iterator

from catalog.export.cedar_conditions import ASKED, asked, denied, literal
from catalog.export.files import Written, a_file_each
from catalog.export.narrowed import narrowed
from catalog.export.notes import note
from catalog.export.obstacles import refuse
from catalog.export.terms import Conditions, Terms, terms
from catalog.export.texts import is_text
from catalog.policy.conditions import tokens
from catalog.policy.degrade import degrade
from catalog.policy.model import REFUSING, Decision, Policy, Rule
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, Expresses, Unsupported


class ToolHiveExporter:
    """Writes authz.json: permits for tools, and allow-lists of argument values for dispatcher tools."""

    format = "toolhive"
    title = "ToolHive"
    expresses = Expresses(arguments=True, limits=False, approval=False, operators=ASKED)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return a_file_each(policies, "authz.json", self._write)

    def _write(self, policy: Policy) -> Written:
        policy, degraded = degrade(policy, self.expresses)
        policy, refused = refuse(policy, _Names(policy).obstacle)
        passing = [(surface, found) for surface in surfaces(policy) if (found := terms(surface))]
        permits = [_permit(found) for _, found in passing if all(found.selectors.values())]
        shut = (one for surface, found in passing if found.selectors for one in _shut(surface))
        document = {
            "version": "1.0",
            "type": "cedarv1",
            "cedar": {"policies": permits, "entities_json": "[]"},
        }
        return json.dumps(document, indent=2) + "\n", (*degraded, *refused, *shut, *narrowed(policy, _denied))


def _shut(surface: Surface) -> Iterator[Unsupported]:
    """Yield a note on what is denied because a selector is missing: of the tool, and of rules that need none there."""
    yield note(surface.tool, Decision.ALLOW, None, _SHUT)
    for rule in surface.rules:
        if rule.decision not in REFUSING and (not rule.when or len(surface.selectors) > 1):
            yield note(rule.key, rule.decision, None, _SHUT)


_SHUT = "deny: it cannot tell a call that selects nothing from one that selects a huge number"


class _Names:
    """What names stand in the way of rules."""

    def __init__(self, policy: Policy) -> None:
        selectors = [(rule.tool, match.argument) for rule in policy.rules for match in rule.when]
        self.unsayable = {tool for tool, selector in selectors if not is_text(selector)}

    def obstacle(self, rule: Rule) -> str:
        """Return why the rule can only be a denial, or nothing."""
        names = [tokens(condition.argument)[0] for condition in rule.conditions]
        values = [match.value for match in rule.when]
        if rule.tool in self.unsayable or not is_text(rule.tool, *values, *names):
            return "half of a surrogate pair is no text in Cedar"
        if any(name.endswith("_present") for name in names):
            return "it takes any list for an argument whose name ends in _present"
        return ""


def _denied(rule: Rule) -> Iterable[str]:
    return (which for condition in rule.conditions for which in denied(condition))


def _permit(found: Terms) -> str:
    scope = f'permit(principal, action == Action::"call_tool", resource == Tool::{literal(found.tool)})'
    when = [asked(condition) for condition in found.own]
    when += (f"({_selected(found, selector)})" for selector in found.selectors)
    return f"{scope} when {{ {' && '.join(when)} }};" if when else f"{scope};"


def _selected(found: Terms, selector: str) -> str:
    sent = literal(f"arg_{selector}")
    return " || ".join(f"resource has {sent} && {one}" for one in _values(found, selector, f"resource[{sent}]"))


def _values(found: Terms, selector: str, value: str) -> Iterator[str]:
    if plain := found.plain(selector):
        yield f"[{', '.join(map(literal, plain))}].contains({value})"
    for action, conditions in found.conditional(selector).items():
        yield f"{value} == {literal(action)} && {_all(conditions)}"


def _all(conditions: Conditions) -> str:
    return " && ".join(map(asked, conditions))
