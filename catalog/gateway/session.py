"""What the guards of one client session share, and what a gateway gives each of them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from catalog.counters.base import Counters
from catalog.gateway.approvals import Seals
from catalog.gateway.audit import Audit
from catalog.gateway.messages import Json
from catalog.policy.model import Policy


@dataclass(slots=True, kw_only=True)
class Session:
    """One client's session; with several servers behind the gateway, all of their guards share it."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    tainted: bool = False
    """Whether a call went through whose result can hold text of outsiders."""
    capabilities: Json = field(default_factory=dict)
    """The client's, as its handshake tells; without one, requests carry their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a guard needs of the world around it."""

    policy: Callable[[], Policy]
    """The policy in force now."""
    counters: Counters
    audit: Audit
    seals: Seals
    now: Callable[[], datetime]
    """The time, in UTC."""
    logs_arguments: bool = False
    """Whether events hold arguments as they are."""
