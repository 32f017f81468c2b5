"""Which registry is read: the user names it, here or in the environment; none is built in."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from catalog.errors import UsageError

ENVIRONMENT_NAME = "CATALOG_REGISTRY_URL"


def registry_address(stated: str | None, environment: Mapping[str, str]) -> str:
    """Return the registry to read: the one stated (``--registry URL``), else that of CATALOG_REGISTRY_URL.

    Raises: UsageError where neither names one, or not an http(s) address.
    """
    address = stated or environment.get(ENVIRONMENT_NAME)
    if not address:
        raise UsageError(f"name a registry: catalog sync --registry URL, or the variable {ENVIRONMENT_NAME}")
    try:
        parts = urlsplit(address)
        plain = not parts.query and not parts.fragment and parts.port != 0 and address.isprintable()
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and plain
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{address[:200]!r} is no registry; write its address: https://HOST")
    return address
