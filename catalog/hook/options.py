"""The hook program's options, read by hand: a library for them takes longer to import than a call takes to decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.hook.dialects import DIALECTS
from catalog.hook.request import Refusal

_FILES = ("--policy", "--state", "--log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``catalog hook`` was given."""

    dialect: str
    policy: str
    state: str | None = None
    log: str | None = None
    client_asks: bool = False
    """The client's own settings have a person asked about each call that needs it, so such calls are let through."""


def read_options(arguments: Sequence[str]) -> Options:
    """Return the options. Raises: Refusal where one is unknown, missing or given twice."""
    given: dict[str, str] = {}
    asks = False
    rest = list(arguments)
    while rest:
        name, joined, value = rest.pop(0).partition("=")
        if name == "--client-asks" and not joined:
            asks = True
            continue
        if name not in ("--dialect", *_FILES):
            raise Refusal(f"there is no option {name!r}; see catalog hook --help")
        if not joined:
            value = rest.pop(0) if rest else ""
        if not value or name in given:
            raise Refusal(f"{name} needs one value; see catalog hook --help")
        given[name] = value
    if given.get("--dialect") not in DIALECTS:
        raise Refusal(f"--dialect must be one of {', '.join(DIALECTS)}; see catalog hook --help")
    if "--policy" not in given:
        raise Refusal("--policy must name a policy file; see catalog hook --help")
    return Options(
        dialect=given["--dialect"],
        policy=given["--policy"],
        state=given.get("--state"),
        log=given.get("--log"),
        client_asks=asks,
    )
