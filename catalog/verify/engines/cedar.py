"""ToolHive's decision on a call: the request that its source builds (pkg/authz/authorizers/cedar), asked of Cedar."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.packages import installed, load
from catalog.verify.engines.wire import as_in_go, text_for

_PACKAGE = "cedarpy"
_PLACES = 10_000
_LARGEST = 2**63
"""Ten-thousandths that no decimal holds; ToolHive drops such a number, as if the argument were not there."""


class CedarEngine:
    """Asks Cedar's own engine; what is around it in ToolHive, which embeds another build of Cedar, is rebuilt."""

    format = "toolhive"
    title = "Cedar (cedarpy), with ToolHive's request rebuilt"

    def version(self) -> str:
        """See `Engine.version`."""
        return installed(_PACKAGE)

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        return [Decision.ALLOW if self._allows(export, call) else Decision.DENY for call in calls]

    def _allows(self, export: Export, call: Call) -> bool:
        text = text_for(export, "authz.json", call.server)
        return text is not None and allows(text, call.tool, call.arguments, server=call.server)


def allows(authz: str, tool: str, arguments: Mapping[str, object], *, server: str) -> bool:
    """Say whether ToolHive lets a call pass under this authorization config; for no arguments, whether it is listed.

    Raises: ValueError for a config that it refuses, EngineUnavailable where Cedar is not installed.
    """
    cedarpy = load("cedarpy", _PACKAGE)
    config = json.loads(authz)
    if (config["version"], config["type"]) != ("1.0", "cedarv1"):
        raise ValueError("the authorization config is not of version 1.0 and type cedarv1")
    try:
        tool, attributes = as_in_go(tool), _attributes(as_in_go(arguments))
    except ValueError:
        return False
    entity = {"type": "Tool", "id": tool}
    standard = {"name": tool, "operation": "call", "feature": "tool"}
    entities = [
        *json.loads(config["cedar"]["entities_json"]),
        {"uid": entity, "attrs": attributes | standard, "parents": [{"type": "MCP", "id": server}]},
    ]
    request = {
        "principal": {"type": "Client", "id": "someone"},
        "action": {"type": "Action", "id": "call_tool"},
        "resource": entity,
        "context": attributes,
    }
    result = cedarpy.is_authorized(request, "\n".join(config["cedar"]["policies"]), entities)
    if result.decision is cedarpy.Decision.NoDecision:
        raise ValueError(f"Cedar cannot read the policies: {result.diagnostics.errors}")
    return bool(result.allowed)


def _attributes(arguments: Mapping[str, Any]) -> dict[str, object]:
    attributes: dict[str, object] = {}
    for name, value in arguments.items():
        match value:
            case bool() | str():
                attributes[f"arg_{name}"] = value
            case float():
                if abs(parts := int(value * _PLACES)) < _LARGEST:
                    attributes[f"arg_{name}"] = {"__extn": {"fn": "decimal", "arg": _decimal(parts)}}
            case _:
                attributes[f"arg_{name}_present"] = True
    return attributes


def _decimal(parts: int) -> str:
    whole, rest = divmod(abs(parts), _PLACES)
    return f"{'-' if parts < 0 else ''}{whole}.{rest:04d}"
