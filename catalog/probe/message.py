"""Read JSON-RPC messages within bounds: a short text can make objects of a hundred times its size."""

import json

from catalog.model import Reason
from catalog.probe.base import ProbeError
from classifier.definition import JsonValue

# Values in one line: each takes some 64 to 250 bytes in memory. The largest real list of 210 servers holds 60,000.
MOST_VALUES = 500_000

_BEFORE_VALUES = (b"[", b"{", b",", b":")
"""Each value but the first follows one of these."""


def read_messages(text: bytes) -> list[dict[str, JsonValue]]:
    """Return the JSON-RPC messages in ``text``: one, the ones of a batch (MCP 2025-03-26), or none: a banner, a log.

    Raises: ProbeError (too large) for more than MOST_VALUES values.
    """
    if text.lstrip()[:1] not in (b"{", b"["):
        return []
    # Counted in the text, before anything is made of it. Those inside strings count too, which errs on the safe side.
    if sum(map(text.count, _BEFORE_VALUES)) > MOST_VALUES:
        raise ProbeError(
            Reason.TOO_LARGE,
            f"one message of more than {MOST_VALUES:,} values",
            "no honest tool list is that large; report it to the server's author",
        )
    try:
        # Python writes NaN and Infinity, which are no JSON; JavaScript writes null for them.
        said = json.loads(text, parse_constant=_null)
    except (ValueError, RecursionError):
        return []
    values = said if isinstance(said, list) else [said]
    return [one for one in values if isinstance(one, dict) and one.get("jsonrpc") == "2.0"]


def _null(constant: str) -> None:
    del constant
