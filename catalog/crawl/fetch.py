"""Fetch what is to run, whatever kind of thing holds it."""

from dataclasses import replace
from pathlib import Path

from catalog.crawl.parts import Parts
from catalog.install.base import Installed, InstallError, Resolution
from catalog.model import Reason
from catalog.origin import Bundle, Image, Origin, Package
from catalog.probe.base import ProbeError


async def fetched(
    origin: Origin, parts: Parts, resolution: Resolution, newest: Installed | None, into: Path
) -> Installed:
    """Return what is to run, fetched and unpacked; ``newest`` is the package as first installed.

    Raises: InstallError; TimeoutError where a package client does not end.
    """
    match origin:
        case Package():
            # The same release of the package itself: only its dependencies are chosen anew.
            wanted = replace(origin, version=newest.version) if newest else origin
            return await _package(wanted, parts, resolution, into)
        case Bundle() if parts.bundles:
            try:
                return await parts.bundles.install(origin, into)
            except ProbeError as error:  # of the guard, which judges where an address leads
                raise InstallError(error.reason, error.detail, error.hint) from error
        case Image() if parts.images:
            return await parts.images.install(origin, into)
        case _:
            raise InstallError(Reason.INSTALL_FAILED, f"nothing here runs {origin.public}", "it is not supported")


async def _package(package: Package, parts: Parts, resolution: Resolution, into: Path) -> Installed:
    installer = parts.installers.get(package.ecosystem)
    if installer is None:
        raise InstallError(
            Reason.INSTALL_FAILED,
            f"packages of {package.ecosystem} are not installed by Catalog",
            "install it and name its command: catalog sync -- COMMAND",
        )
    installed = await installer.install(package, into, resolution)
    if package.version and installed.version != package.version:
        raise InstallError(
            Reason.INSTALL_FAILED,
            f"asked for {package}, got {installed.version}",
            "this release does not fit this Python or Node.js",
        )
    return installed
