"""How exporters word what their target cannot express."""

from collections.abc import Mapping

from catalog.policy.model import Decision, Limit, Window
from catalog.policy.reason import rate
from catalog.policy.target import Unsupported


def note(key: str, wanted: Decision, limit: Limit | None, written: str) -> Unsupported:
    """Return the note on one entry: what the policy wanted for it, and what stands in its place."""
    wish = f"limit to {rate(limit)}" if wanted is Decision.LIMIT and limit else str(wanted)
    return Unsupported(key=key, wanted=wish, written=written)


def bounds(limits: Mapping[Window, int]) -> str:
    """Return limits in words, for example ``30 calls per minute and 100 calls per hour``."""
    return " and ".join(rate(Limit(max=most, window=window)) for window, most in limits.items())
