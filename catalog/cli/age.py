"""Ages on the command line: ``90m``, ``12h``, ``7d``."""

import re
from datetime import timedelta

from catalog.errors import UsageError

_AGE = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def age(text: str, option: str) -> timedelta:
    """Read the age that ``option`` says. Raises: UsageError."""
    found = _AGE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{option} {text!r} is no age; write for example 90m, 12h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
