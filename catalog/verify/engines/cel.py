"""What two gateways do with their rules in CEL, asked of a real CEL; what is around it in each is rebuilt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import re2
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.mcproute import MCPRoute
from catalog.verify.engines.packages import installed, load
from catalog.verify.engines.wire import as_in_go

_PACKAGE = "common-expression-language"

Program = Callable[[Mapping[str, object]], bool]
"""Says whether a rule matches; a rule that cannot be evaluated does not."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_T = TypeVar("_T", bound=BaseModel)


class AgentGatewayEngine:
    """Decides as agentgateway does (crates/agentgateway/src/http/authorization.rs); it is in no registry."""

    format = "agentgateway"
    title = "CEL (common-expression-language), with agentgateway's order of rules rebuilt"

    def version(self) -> str:
        """See `Engine.version`."""
        return installed(_PACKAGE)

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        rules = _read(_AgentGateway, export.text).mcp.policies.mcpAuthorization.rules
        allow, deny = ([_program(rule[kind]) for rule in rules if kind in rule] for kind in ("allow", "deny"))
        return [_decision(self._allows(allow, deny, call)) for call in calls]

    def _allows(self, allow: Sequence[Program], deny: Sequence[Program], call: Call) -> bool:
        if not allow and not deny:
            return True
        if any("\ud800" <= character <= "\udfff" for character in call.tool):
            return False  # JSON that Rust refuses
        sees: Mapping[str, object] = {"mcp": {"tool": {"target": call.server, "name": call.tool}}, "jwt": {}}
        if any(matches(sees) for matches in deny):
            return False
        return any(matches(sees) for matches in allow) or not allow


class EnvoyAIGatewayEngine:
    """Decides as Envoy AI Gateway does (internal/mcpproxy/authorization.go), which embeds another build of CEL.

    Refuses a route that Kubernetes would: its limits are those of api/v1beta1/mcp_route.go.
    """

    format = "envoy-ai-gateway"
    title = "CEL (common-expression-language), with Envoy AI Gateway's request and order of rules rebuilt"

    def version(self) -> str:
        """See `Engine.version`."""
        return installed(_PACKAGE)

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        spec = _read(MCPRoute, export.text).spec
        authorization = spec.securityPolicy.authorization
        rules = [(rule.action == "Allow", _program(rule.cel)) for rule in authorization.rules]
        shown = {backend.name: backend.toolSelector.shows for backend in spec.backendRefs}
        default = authorization.defaultAction == "Allow"

        def allows(call: Call) -> bool:
            try:
                tool, arguments = as_in_go(call.tool), as_in_go(call.arguments)
            except ValueError:
                return False
            if call.server not in shown or not shown[call.server](tool):
                return False
            sees = _envoy_request(call.server, tool, {"name": tool, "arguments": arguments})
            return next((allow for allow, matches in rules if matches(sees)), default)

        return [_decision(allows(call)) for call in calls]


def listed(export: Export, server: str, tool: str) -> bool:
    """Say whether Envoy AI Gateway shows a tool: by the same rules, as a call without params."""
    spec = _read(MCPRoute, export.text).spec
    rules = [_program(rule.cel) for rule in spec.securityPolicy.authorization.rules]
    return any(matches(_envoy_request(server, tool, None)) for matches in rules)


def _envoy_request(server: str, tool: str, params: Mapping[str, object] | None) -> Mapping[str, object]:
    mcp = {"method": "tools/call", "backend": server, "tool": tool, "params": params}
    return {"request": {"method": "POST", "path": "/mcp", "mcp": mcp}}


class _AgentGatewayRules(_Data):
    rules: list[dict[Literal["allow", "deny"], str]]


class _AgentGatewayPolicies(_Data):
    mcpAuthorization: _AgentGatewayRules  # noqa: N815  # the file's own name


class _AgentGatewayMCP(_Data):
    policies: _AgentGatewayPolicies


class _AgentGateway(_Data):
    mcp: _AgentGatewayMCP


def _read(kind: type[_T], text: str) -> _T:
    try:
        return kind.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, re2.error, ValidationError) as error:
        raise ValueError(f"the gateway refuses the file: {error}") from error


def _program(expression: str) -> Program:
    """Return a compiled expression. Raises: ValueError where it is no CEL."""
    compiled = load("cel", _PACKAGE).compile(expression)

    def matches(sees: Mapping[str, Any]) -> bool:
        try:
            return compiled.execute(sees) is True
        except (TypeError, KeyError, RuntimeError, ValueError):  # how the library says that it cannot be evaluated
            return False

    return matches


def _decision(allowed: bool) -> Decision:  # noqa: FBT001
    return Decision.ALLOW if allowed else Decision.DENY
