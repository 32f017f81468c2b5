"""Write small packages of source and read what they declare, in our own words."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from catalog.probe.static.reader import declared_tools
from catalog.probe.static.source_tools import SourceTools, StaticLimits
from classifier.definition import JsonObject


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write ``files`` (relative path to text) below ``folder`` / ``package`` and return that."""
    package = folder / "package"
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return package


def read(folder: Path, files: Mapping[str, str], limits: StaticLimits | None = None) -> SourceTools:
    """Write ``files`` and return what they declare."""
    return declared_tools([write(folder, files)], limits or StaticLimits())


def tools(folder: Path, files: Mapping[str, str]) -> dict[str, JsonObject]:
    """Write ``files`` and return the definitions that they declare, by name."""
    return {entry.definition.name: entry.definition.raw for entry in read(folder, files).entries}
