"""What an engine is: the real thing that enforces an exported policy, or the nearest to it that runs here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.policy.model import Decision
from catalog.policy.target import Export


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to ask an engine about, as it is on the wire."""

    server: str
    """The policy's name of the server."""
    tool: str
    arguments: Mapping[str, object]
    kind: str
    """What it is to try: ``exact``, or a near miss such as ``other case`` or ``selector in a list``."""


class EngineUnavailable(Exception):
    """An engine cannot be asked here; says what to install."""


class Engine(Protocol):
    """Decides about calls by an export; one module each under catalog.verify.engines."""

    format: str
    """The format of the exports that it enforces."""
    title: str
    """What is asked, for example ``Cedar (cedarpy)``; and what of the product is rebuilt around it, if anything."""

    def version(self) -> str:
        """Return the version that is installed. Raises: EngineUnavailable."""
        ...

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """Return what the engine does with each call: ALLOW, LIMIT (lets through and counts), APPROVE (asks) or DENY.

        Raises: EngineUnavailable where it cannot be asked, ValueError where it refuses the export itself.
        """
        ...
