"""Docker MCP Gateway: tools.yaml with the tools of each server, and an interceptor in jq where arguments count.

The interceptor sees every call of the gateway, by the tool's name alone. It denies what the policies do not name: also
tools of servers that are not among them, and tools whose names the gateway is told to prefix.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

from catalog.export.comments import comments
from catalog.export.narrowed import EXACT
from catalog.export.obstacles import refuse
from catalog.export.texts import is_text
from catalog.export.yamltext import yaml_text
from catalog.policy.conditions import number, tokens
from catalog.policy.degrade import degrade
from catalog.policy.model import Condition, Decision, Operator, Policy, Rule, Scalar
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, ExportFile, Expresses, Unsupported

INTERCEPTOR = "catalog-interceptor.jq"

_TOOLS_HEAD = (
    "A policy for Docker MCP Gateway: put this file into ~/.docker/mcp/tools.yaml, and start it without --tools.",
)
_AND_INTERCEPTOR = (
    f"It allows too much without {INTERCEPTOR}, which looks at arguments. Start the gateway with",
    f"  --interceptor 'before:exec:jq -c -f ~/.docker/mcp/{INTERCEPTOR}'",
)
_INTERCEPTOR_HEAD = (
    "An interceptor for Docker MCP Gateway (jq 1.6 or newer). Put it beside tools.yaml and start the gateway with",
    f"  --interceptor 'before:exec:jq -c -f ~/.docker/mcp/{INTERCEPTOR}'",
    "It denies every tool that the policies do not name: export those of all servers of the gateway together.",
)


class DockerGatewayExporter:
    """Writes tools.yaml, and catalog-interceptor.jq for rules on arguments."""

    format = "docker-gateway"
    title = "Docker MCP Gateway"
    expresses = Expresses(
        arguments=True, limits=False, approval=False, hiding=True, operators=frozenset(Operator), nested=True
    )

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        named = Counter(tool for policy in policies for tool in {rule.tool for rule in policy.rules})
        listed: dict[str, list[str]] = {}
        entries: dict[str, object] = {}
        unsupported: list[Unsupported] = []
        needs_interceptor = False
        for policy in policies:
            carried, obstacles = refuse(policy, _obstacle(named))
            written, notes = degrade(carried, self.expresses)
            passing = [surface for surface in surfaces(written) if surface.decision is Decision.ALLOW]
            listed[policy.server] = [surface.tool for surface in passing]
            entries |= {surface.tool: _entry(surface) for surface in passing}
            needs_interceptor |= any(one.selectors or any(rule.conditions for rule in one.rules) for one in passing)
            unsupported += [*obstacles, *notes]
        head = [*_TOOLS_HEAD, *(_AND_INTERCEPTOR if needs_interceptor else ())]
        exported = [ExportFile(filename="tools.yaml", text=yaml_text(listed, unsupported, about=head))]
        if needs_interceptor:
            exported.append(ExportFile(filename=INTERCEPTOR, text=_interceptor(entries, unsupported)))
        return Export(files=tuple(exported), unsupported=tuple(unsupported))


def _interceptor(entries: Mapping[str, object], unsupported: Sequence[Unsupported]) -> str:
    # The table is a text to jq, and JSON only to its fromjson: no name in it is ever read as a program.
    table = json.dumps(json.dumps(entries))
    denied = json.dumps({"content": [{"type": "text", "text": "Denied by the policy."}], "isError": True})
    program = (files("catalog.export") / "docker_interceptor.jq").read_text(encoding="utf-8")
    head = comments(_INTERCEPTOR_HEAD, unsupported)
    return f"{head}\n{program}({table} | fromjson) as $tools | if passes($tools) then empty else {denied} end\n"


def _entry(surface: Surface) -> Mapping[str, object]:
    own = [rule for rule in surface.rules if not rule.when]
    selectors = {
        argument: {
            value: [
                _condition(one)
                for rule in surface.rules
                if any((match.argument, match.value) == (argument, value) for match in rule.when)
                for one in rule.conditions
            ]
            for value, decision in decisions.items()
            if decision is Decision.ALLOW
        }
        for argument, decisions in surface.selectors.items()
    }
    return {
        "own": [_condition(one) for rule in own for one in rule.conditions] if own else None,
        "selectors": selectors,
        "unselected": surface.decision is Decision.ALLOW,
    }


def _condition(condition: Condition) -> Mapping[str, object]:
    values: Sequence[Scalar] = condition.values
    if condition.operator in {Operator.AT_MOST, Operator.AT_LEAST}:
        values = [one for one in values if number(one) is not None]
    elif condition.operator is Operator.HOST_IN:
        values = [one.lower() for one in values if isinstance(one, str)]
    return {
        "at": tokens(condition.argument),
        "asks": str(condition.operator),
        "values": list(values),
        "optional": condition.optional,
    }


def _obstacle(named: Mapping[str, int]) -> Callable[[Rule], str]:
    def of(rule: Rule) -> str:
        if named[rule.tool] > 1:
            return "another server has a tool of this name, and an interceptor sees no more than the name"
        texts = [rule.tool, *(text for match in rule.when for text in (match.argument, match.value))]
        texts += [text for one in rule.conditions for text in (one.argument, *map(str, one.values))]
        if not is_text(*texts):  # jq, too, reads U+FFFD for what is no character
            return "jq takes other characters for one in this name"
        if any(not _is_exact(value) for one in rule.conditions for value in one.values):
            return "jq rounds numbers of this size"
        if any(one.operator is Operator.HOST_IN and any(":" in str(v) for v in one.values) for one in rule.conditions):
            return "the interceptor reads no addresses in brackets"
        return ""

    return of


def _is_exact(value: Scalar) -> bool:
    return not isinstance(value, int | float) or abs(value) < EXACT
