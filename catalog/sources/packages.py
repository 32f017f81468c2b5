"""Targets that name a package: ``pypi:name[@version]`` and ``npm:[@scope/]name[@version]``."""

import re

from packaging.version import InvalidVersion, Version

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Ecosystem, Package
from catalog.sources.slugs import package_slug

_PYPI_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
"""PyPA specification, names and normalization."""

_NPM_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/|(?!-))[a-zA-Z0-9~-][a-zA-Z0-9._~-]*")
"""npm package.json, name; old ones may have capital letters. Without a scope, a first ``-`` would make it an option."""

_NPM_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,100}")


def parse_package(target: str) -> Package | None:
    """Return the package that ``target`` names, or None where it is no package target.

    Raises: UsageError where it starts like one and is not.
    """
    for ecosystem in ("pypi", "npm"):
        if target.startswith(f"{ecosystem}:"):
            return _parse(target, "pypi" if ecosystem == "pypi" else "npm", target.removeprefix(f"{ecosystem}:"))
    return None


def package_server(package: Package) -> ServerRef:
    """Return a server about which nothing is known but its package."""
    return ServerRef(slug=package_slug(package), title=package.name, origin=package)


def _parse(target: str, ecosystem: Ecosystem, text: str) -> Package:
    # An npm scope starts with the same sign that separates the version.
    name, _, version = text[1:].partition("@") if text.startswith("@") else text.partition("@")
    name = f"@{name}" if text.startswith("@") else name
    pattern = _PYPI_NAME if ecosystem == "pypi" else _NPM_NAME
    if not pattern.fullmatch(name) or len(name) > 214:
        raise UsageError(f"{target!r} names no {ecosystem} package; write {ecosystem}:NAME or {ecosystem}:NAME@VERSION")
    if "@" in text[1:] and not _valid_version(ecosystem, version):
        raise UsageError(f"{target!r} has no valid version after '@'; write for example {ecosystem}:{name}@1.2.3")
    return Package(ecosystem=ecosystem, name=name, version=version or None)


def _valid_version(ecosystem: Ecosystem, version: str) -> bool:
    if ecosystem == "npm":
        return _NPM_VERSION.fullmatch(version) is not None
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True
