"""ToolHive's decision on a call: the request that its source builds (pkg/authz/authorizers/cedar), asked of Cedar."""

import json
from collections.abc import Mapping

import pytest

LARGEST = 922337203685477.5807
"""Cedar's largest decimal; ToolHive drops a larger number, as if the argument were not there."""


def allows(authz: str, tool: str, arguments: Mapping[str, object]) -> bool:
    """Say whether ToolHive lets a call pass under this authorization config; an error in a policy is a refusal."""
    cedarpy = pytest.importorskip("cedarpy", reason="the Cedar engine (PyPI cedarpy) is not installed")
    config = json.loads(authz)
    assert (config["version"], config["type"]) == ("1.0", "cedarv1")
    attributes = _attributes(arguments)
    entity = {"type": "Tool", "id": tool}
    standard = {"name": tool, "operation": "call", "feature": "tool"}
    entities = [
        *json.loads(config["cedar"]["entities_json"]),
        {"uid": entity, "attrs": attributes | standard, "parents": [{"type": "MCP", "id": "truenas"}]},
    ]
    request = {
        "principal": {"type": "Client", "id": "someone"},
        "action": {"type": "Action", "id": "call_tool"},
        "resource": entity,
        "context": attributes,
    }
    result = cedarpy.is_authorized(request, "\n".join(config["cedar"]["policies"]), entities)
    return bool(result.allowed) and not result.diagnostics.errors


def _attributes(arguments: Mapping[str, object]) -> dict[str, object]:
    attributes: dict[str, object] = {}
    for name, value in arguments.items():
        match value:
            case bool() | str():
                attributes[f"arg_{name}"] = value
            case int() | float():
                if abs(value) < LARGEST:
                    attributes[f"arg_{name}"] = {"__extn": {"fn": "decimal", "arg": f"{value:.4f}"}}
            case _:
                attributes[f"arg_{name}_present"] = True
    return attributes
