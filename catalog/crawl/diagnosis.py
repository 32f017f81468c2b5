"""Say why a server did not list its tools, from its last words; pure. The next rung of the ladder follows from it."""

import re
from dataclasses import dataclass

from catalog.model import Reason

_DRIFT = re.compile(
    r"^(?:ImportError|ModuleNotFoundError|AttributeError|TypeError|NameError|pydantic\S*Error)\b.*"
    r"|ERR_PACKAGE_PATH_NOT_EXPORTED.*|does not provide an export named.*|ERR_MODULE_NOT_FOUND.*",
    re.MULTILINE,
)

_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_ABOUT_ENVIRONMENT = re.compile(
    r"environ|\benv\b|requir|missing|must|not set|unset|provide|not found|configur|KeyError|undefined|need|please|"
    r"define",
    re.IGNORECASE,
)
_NOT_A_VARIABLE = re.compile(r"^(ERR_|E[A-Z]+_|UNABLE_|SELF_SIGNED|NODE_|PYTHON|FAST_|HTTP_\d)")

# pydantic-settings names a missing field on the line before "Field required", in lower case or by its alias.
_FIELD = re.compile(r"^(?P<name>[A-Za-z][A-Za-z0-9_.]*)\n\s+Field required", re.MULTILINE)
_FIELD_MODEL = re.compile(r"validation errors? for (\w+)")

_USAGE = re.compile(
    r"^\s*usage:|required: |the following arguments are required|missing required argument|missing argument|"
    r"requires? at least one|too few arguments|no command specified|required option",
    re.IGNORECASE | re.MULTILINE,
)

_NETWORK = re.compile(
    r"ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|getaddrinfo|Name or service not known|name resolution|"
    r"Network is unreachable|ConnectError|ConnectionError|Connection refused|fetch failed|"
    r"All connection attempts failed",
    re.IGNORECASE,
)

_CREDENTIALS = re.compile(
    r"unauthori[sz]ed|authentication failed|invalid (?:api[ _-]?key|token|credentials)|\b401\b|no credentials|"
    r"log ?in first",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a server's last words mean."""

    reason: Reason
    hint: str
    variables: tuple[str, ...] = ()
    """Names of environment variables that it asks for, sorted."""
    fields: tuple[str, ...] = ()
    """Fields of a settings class that it misses; their variables may have a prefix."""
    drift: bool = False
    """An error that a changed dependency makes."""
    usage: bool = False
    """It asks for arguments."""


def diagnose(reason: Reason, hint: str, stderr: str) -> Diagnosis:
    """Refine what the probe saw (``reason``, ``hint``) by the server's last words."""
    variables = _variables(stderr)
    fields = tuple(sorted({match["name"] for match in _FIELD.finditer(stderr)}))
    drift = bool(_DRIFT.search(stderr)) and not fields
    usage = bool(_USAGE.search(stderr))
    if reason not in (Reason.CRASHED, Reason.NOT_MCP, Reason.TIMED_OUT):
        return Diagnosis(reason=reason, hint=hint)
    if drift:
        reason, hint = Reason.DEPENDENCY_DRIFT, "a dependency changed under it; an older or newer release may work"
    elif variables or fields:
        wanted = ", ".join((*variables, *fields))
        reason, hint = Reason.NEEDS_CREDENTIALS, f"pass what it asks for with --env NAME=VALUE ({wanted})"
    elif usage:
        reason, hint = Reason.NEEDS_ARGUMENTS, "start it with its arguments: catalog sync -- COMMAND ARGUMENTS"
    elif _NETWORK.search(stderr):
        reason, hint = (
            Reason.NEEDS_NETWORK,
            "it wants to reach something before it lists its tools; servers get no network",
        )
    elif _CREDENTIALS.search(stderr):
        reason, hint = Reason.NEEDS_CREDENTIALS, "pass real credentials with --env NAME=VALUE"
    return Diagnosis(reason=reason, hint=hint, variables=variables, fields=fields, drift=drift, usage=usage)


def _variables(stderr: str) -> tuple[str, ...]:
    lines = (line for line in stderr.splitlines() if _ABOUT_ENVIRONMENT.search(line))
    # A name often stands alone on a line of a list, below the line that says what the list is.
    listed = (line for line in stderr.splitlines() if re.fullmatch(r"[\s*•\-\d.)]*[A-Z][A-Z0-9_]+\s*([:=(-].*)?", line))
    names = {name for line in (*lines, *listed) for name in _VARIABLE.findall(line)}
    return tuple(sorted(name for name in names if not _NOT_A_VARIABLE.match(name)))
