"""The packages that engines come in, which only the extra ``verify`` installs."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from catalog.verify.base import EngineUnavailable


def load(module: str, package: str) -> Any:
    """Return a package's module. Raises: EngineUnavailable where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise _missing(package) from error


def installed(package: str) -> str:
    """Return the version of a package that is installed. Raises: EngineUnavailable where it is not."""
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise _missing(package) from error


def _missing(package: str) -> EngineUnavailable:
    return EngineUnavailable(f"{package!r} is not installed: pip install 'mcp-catalog[verify]'")
