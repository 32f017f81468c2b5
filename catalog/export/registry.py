"""Every target a policy can be exported to."""

from collections.abc import Mapping

from catalog.export.agentgateway import AgentGatewayExporter
from catalog.export.claude_code import ClaudeCodeExporter
from catalog.export.codex import CodexExporter
from catalog.export.copilot_cli import CopilotCliExporter
from catalog.export.csv_table import CsvExporter
from catalog.export.cursor import CursorExporter
from catalog.export.docker_gateway import DockerGatewayExporter
from catalog.export.envoy_ai_gateway import EnvoyAIGatewayExporter
from catalog.export.fastmcp import FastMcpExporter
from catalog.export.gemini_cli import GeminiCliExporter
from catalog.export.intercept import InterceptExporter
from catalog.export.json_policy import JsonExporter
from catalog.export.litellm import LiteLlmExporter
from catalog.export.opa import OPAExporter
from catalog.export.policylayer import PolicyLayerExporter
from catalog.export.toolhive import ToolHiveExporter
from catalog.policy.target import Exporter


def exporters() -> Mapping[str, Exporter]:
    """Return each exporter under the name of its format."""
    known: tuple[Exporter, ...] = (
        PolicyLayerExporter(),
        InterceptExporter(),
        ToolHiveExporter(),
        EnvoyAIGatewayExporter(),
        AgentGatewayExporter(),
        OPAExporter(),
        ClaudeCodeExporter(),
        CodexExporter(),
        CopilotCliExporter(),
        CursorExporter(),
        GeminiCliExporter(),
        LiteLlmExporter(),
        DockerGatewayExporter(),
        FastMcpExporter(),
        CsvExporter(),
        JsonExporter(),
    )
    return {exporter.format: exporter for exporter in known}
