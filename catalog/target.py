"""One server to look at, with what the user wants it to get: values that are never stored, logged or shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.model import ServerRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server and the secrets for looking at it; only ``server`` may be kept."""

    server: ServerRef
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that its process gets."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """HTTP headers that a remote server gets."""
