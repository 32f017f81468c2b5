"""Where the clients' own programs are: in npm's folder that ``make conformance`` makes, or in one that is named."""

from pathlib import Path

from catalog.verify.engines.installed import installed

NODE_MODULES = "CATALOG_NODE_MODULES"
"""The environment variable that names a node_modules folder."""


def program(package: str, path: str) -> Path:
    """Return a program of an npm package. Raises: EngineUnavailable where it is not installed."""
    return installed(NODE_MODULES, "npm/node_modules", f"{package}/{path}", "make conformance") / package / path
