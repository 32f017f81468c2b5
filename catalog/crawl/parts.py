"""What looking at servers needs; the command line builds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.crawl.gates import Gates
from catalog.crawl.source import ReadSource
from catalog.install.base import Installer
from catalog.install.bundle import BundleInstaller
from catalog.install.image import ImageInstaller
from catalog.model import DiscoveryProfile
from catalog.probe.base import ProbeLimits
from catalog.probe.static.apart import declared_tools_apart
from catalog.sandbox.base import Limits, Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that all servers of a crawl share."""

    sandbox: Sandbox
    installers: Mapping[str, Installer]
    """By ecosystem."""
    bundles: BundleInstaller | None = None
    images: ImageInstaller | None = None
    profiles: Sequence[DiscoveryProfile]
    work: Path
    """A folder for packages while their server runs; emptied again."""
    version: str
    """Catalog's own version, for the handshake."""
    limits: Limits = field(default_factory=Limits)
    probe_limits: ProbeLimits = field(default_factory=ProbeLimits)
    read: Sequence[Path] = ()
    """Further files and folders that a command may see."""
    read_source: ReadSource = declared_tools_apart
    gates: Gates = field(default_factory=lambda: Gates.of(2))
