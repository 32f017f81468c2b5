"""Messages in which the gateway changes something: everything else in them stays what it was."""

import json


def loaded(line: bytes) -> dict[str, object]:
    """Return a message to change. Raises: ValueError for what could not be written again as it was."""
    try:
        message = json.loads(line.decode("utf-8"), parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(message, dict):
        raise ValueError("it is no JSON object")
    return message


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"a number that is too large: {text[:40]}")
    return number


def _refused(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
