"""Read one JSON-RPC message within bounds: a short text can make objects of a hundred times its size."""

import json

from catalog.model import Reason
from catalog.probe.base import ProbeError
from classifier.definition import JsonValue

# Values in one message: each takes some 64 to 250 bytes in memory. The largest real list of 210 servers holds 60,000.
MOST_VALUES = 500_000

_BEFORE_VALUES = (b"[", b"{", b",", b":")
"""Each value but the first follows one of these."""


def read_message(text: bytes) -> dict[str, JsonValue] | None:
    """Return the JSON-RPC message in ``text``; None where it is none, such as a banner or a line of a log.

    Raises: ProbeError (too large) for a message of more than MOST_VALUES values.
    """
    if text.lstrip()[:1] != b"{":
        return None
    # Counted in the text, before anything is made of it. Those inside strings count too, which errs on the safe side.
    if sum(map(text.count, _BEFORE_VALUES)) > MOST_VALUES:
        raise ProbeError(
            Reason.TOO_LARGE,
            f"one message of more than {MOST_VALUES:,} values",
            "no honest tool list is that large; report it to the server's author",
        )
    try:
        # Python writes NaN and Infinity, which are no JSON; JavaScript writes null for them.
        message = json.loads(text, parse_constant=_null)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("jsonrpc") == "2.0" else None


def _null(constant: str) -> None:
    del constant
