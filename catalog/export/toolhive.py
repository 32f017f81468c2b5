"""ToolHive's authorization config with Cedar policies (github.com/stacklok/toolhive, docs/authz.md, type cedarv1).

ToolHive filters tools/list by the same policies without any arguments, so a dispatcher tool is permitted as a whole
and then forbidden where it selects an action that is not on the list. It shows text, numbers and booleans to Cedar as
``arg_NAME`` and of any other value only that it is there, as ``arg_NAME_present``.
"""

import json
from collections.abc import Iterator, Sequence

from catalog.export.files import Written, a_file_each
from catalog.export.notes import note
from catalog.policy.degrade import degrade
from catalog.policy.model import Decision, Policy
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, Expresses, Unsupported

_READS = Expresses(arguments=True, limits=True, approval=True, approved_limits=True, sums=True, sessions=True)
"""What the exporter itself makes stricter is expressible to this step: limits and approval."""

_NO_LIMIT = "deny: Cedar cannot count calls"
_NO_NAME = "deny: half of a surrogate pair is no text in Cedar"


class ToolHiveExporter:
    """Writes authz.json: permits for tools, and allow-lists of argument values for dispatcher tools."""

    format = "toolhive"
    title = "ToolHive"
    expresses = Expresses(arguments=True, limits=False, approval=False)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return a_file_each(policies, "authz.json", self._write)

    def _write(self, policy: Policy) -> Written:
        policy, notes = degrade(policy, _READS)
        written = surfaces(policy)
        statements = [statement for surface in written for statement in _statements(surface)]
        document = {
            "version": "1.0",
            "type": "cedarv1",
            "cedar": {"policies": statements, "entities_json": "[]"},
        }
        unsupported = [item for surface in written for item in _unsupported(surface)]
        return json.dumps(document, indent=2) + "\n", [*notes, *unsupported]


def _statements(surface: Surface) -> Iterator[str]:
    if surface.decision is not Decision.ALLOW or not _is_text(surface.tool, *surface.selectors):
        return  # what no policy permits is denied
    scope = f'(principal, action == Action::"call_tool", resource == Tool::{_literal(surface.tool)})'
    yield f"permit{scope};"
    for argument, decisions in surface.selectors.items():
        sent = _literal(f"arg_{argument}")
        allowed = ", ".join(
            _literal(value) for value, decision in decisions.items() if decision is Decision.ALLOW and _is_text(value)
        )
        unless = f" unless {{ [{allowed}].contains(resource[{sent}]) }}" if allowed else ""
        yield f"forbid{scope} when {{ resource has {sent} }}{unless};"
        yield f"forbid{scope} when {{ resource has {_literal(f'arg_{argument}_present')} }};"


def _unsupported(surface: Surface) -> Sequence[Unsupported]:
    notes = []
    tool_is_text = _is_text(surface.tool, *surface.selectors)
    for rule in surface.rules:
        match surface.decides(rule):
            case Decision.DENY | Decision.HIDE:
                continue
            case Decision.LIMIT:
                notes.append(note(rule.key, Decision.LIMIT, rule.limit, _NO_LIMIT))
            case Decision.APPROVE:
                notes.append(note(rule.key, Decision.APPROVE, None, "deny"))
            case Decision.ALLOW:
                if not tool_is_text or not _is_text(*(match.value for match in rule.when)):
                    notes.append(note(rule.key, Decision.ALLOW, None, _NO_NAME))
    if surface.selectors and surface.decision is Decision.ALLOW and not tool_is_text:
        notes.append(note(surface.tool, Decision.ALLOW, None, _NO_NAME))
    return notes


def _is_text(*names: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for name in names for character in name)


def _literal(text: str) -> str:
    """Return a Cedar string literal: quotes, backslashes and all that is not printable ASCII as code points."""
    plain = (c.isascii() and c.isprintable() and c not in '"\\' for c in text)
    return '"' + "".join(c if kept else f"\\u{{{ord(c):x}}}" for c, kept in zip(text, plain, strict=True)) + '"'
