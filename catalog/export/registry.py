"""Every target a policy can be exported to."""

from collections.abc import Mapping

from catalog.export.intercept import InterceptExporter
from catalog.export.policylayer import PolicyLayerExporter
from catalog.export.toolhive import ToolHiveExporter
from catalog.policy.target import Exporter


def exporters() -> Mapping[str, Exporter]:
    """Return each exporter under the name of its format."""
    known: tuple[Exporter, ...] = (PolicyLayerExporter(), InterceptExporter(), ToolHiveExporter())
    return {exporter.format: exporter for exporter in known}
