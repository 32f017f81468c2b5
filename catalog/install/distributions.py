"""What an unpacked Python package says of itself: its name, its scripts, its own modules."""

from collections.abc import Iterable
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from catalog.install.base import InstallError
from catalog.model import Reason
from catalog.origin import Package


def entry_point(package: Package, site_packages: Path) -> EntryPoint | str:
    """Return the console script that starts the server, or the name of a module that ``python -m`` runs.

    Of several scripts the one named like the package wins, then the shortest that says ``mcp``, then the only one.
    """
    own = distribution_of(package, site_packages)
    scripts = [e for e in own.entry_points if e.group == "console_scripts" and "/" not in e.name]
    wanted = canonicalize_name(package.name)
    by_name = [e for e in scripts if canonicalize_name(e.name) == wanted]
    by_word = sorted((e for e in scripts if "mcp" in e.name.lower()), key=lambda e: (len(e.name), e.name))
    if chosen := [*by_name, *by_word, *scripts]:
        return chosen[0]
    for module in top_level(own):
        if (site_packages / module / "__main__.py").exists():
            return module
    raise InstallError(
        Reason.NOT_MCP,
        f"{package} has no console script and no module that can be run",
        "it is probably a library; name the package of the server itself, or the command: catalog sync -- COMMAND",
    )


def distribution_of(package: Package, site_packages: Path) -> Distribution:
    """Return the metadata of ``package``. Raises: InstallError where it was unpacked without any."""
    wanted = canonicalize_name(package.name)
    for distribution in distributions(path=[str(site_packages)]):
        if canonicalize_name(distribution.metadata["Name"] or "") == wanted:
            return distribution
    raise InstallError(
        Reason.INSTALL_FAILED, f"{package} was unpacked without metadata", "report it to the package's author"
    )


def top_level(distribution: Distribution) -> Iterable[str]:
    """Return the names of the package's own modules and folders of modules, sorted."""
    files = distribution.files or ()
    return sorted({f.parts[0] for f in files if len(f.parts) > 1 and f.parts[0].isidentifier() and f.parts[0] != "bin"})
