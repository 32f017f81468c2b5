"""Every engine that can be asked here, by the format that it enforces; loaded only when one is wanted."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import cast

from catalog.verify.base import Engine

# Each engine as "module:Class", below this package; the class is made without arguments. What an engine needs beyond
# Python's own library it imports in its methods, and says with EngineUnavailable when that is not installed.
_ENGINES: Mapping[str, Sequence[str]] = {
    "agentgateway": ("cel:AgentGatewayEngine",),
    "claude-code": ("hook:ClaudeCodeHook", "claude_code:ClaudeCode"),
    "codex": ("hook:CodexHook", "codex:Codex"),
    "copilot-cli": ("hook:CopilotCliHook", "copilot_cli:CopilotCli"),
    "cursor": ("hook:CursorHook",),
    "docker-gateway": ("docker:DockerGatewayEngine",),
    "envoy-ai-gateway": ("cel:EnvoyAIGatewayEngine",),
    "fastmcp": ("fastmcp:FastMcpEngine",),
    "gemini-cli": ("gemini:GeminiEngine",),
    "intercept": ("intercept:InterceptEngine",),
    "json": ("reference:ReferenceEngine", "gateway:GatewayEngine", "gateway:ClaudeCodeThroughGateway"),
    "litellm": ("litellm:LiteLlmEngine",),
    "opa": ("rego:RegoEngine",),
    "policylayer": ("policylayer:PolicyLayerEngine",),
    "toolhive": ("cedar:CedarEngine",),
}


def formats() -> Sequence[str]:
    """Return the formats for which there is an engine."""
    return tuple(_ENGINES)


def engines(format_: str) -> Sequence[Engine]:
    """Return the engines of one format; none where none is known to run here."""
    return tuple(_load(named) for named in _ENGINES.get(format_, ()))


def _load(named: str) -> Engine:
    module, _, name = named.partition(":")
    return cast("Engine", getattr(import_module(f"{__package__}.{module}"), name)())
