"""Say why a server did not list its tools, from its last words; pure. The next rung of the ladder follows from it."""

import re
from dataclasses import dataclass

from catalog.crawl.placeholders import is_credential
from catalog.model import Reason

_DRIFT = re.compile(
    # A TypeError about an address is about what it was given.
    r"^(?:ImportError|ModuleNotFoundError|AttributeError|TypeError(?!: Invalid URL| \[ERR_INVALID)|NameError|"
    r"pydantic\S*Error)\b.*"
    r"|ERR_PACKAGE_PATH_NOT_EXPORTED.*|does not provide an export named.*|ERR_MODULE_NOT_FOUND.*|Cannot find module.*",
    re.MULTILINE,
)

# Compiled parts of npm packages that an install script would have fetched or built.
_NATIVE = re.compile(r"Cannot find module '[^'\n]*\.node'|Could not locate the bindings file|invalid ELF header")

_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_ABOUT_ENVIRONMENT = re.compile(
    r"environ|\benv\b|requir|missing|must|not set|unset|provide|not found|configur|KeyError|undefined|need|please|"
    r"define|\bset\b|\bpass\b",
    re.IGNORECASE,
)
_NOT_A_VARIABLE = re.compile(r"^(ERR_|EAI_|UNABLE_|SELF_SIGNED|NODE_|PYTHON|FAST_|HTTP_\d)")

# pydantic-settings names a missing field on the line before "Field required", in lower case or by its alias.
_FIELD = re.compile(r"^(?P<name>[A-Za-z][A-Za-z0-9_.]*)\n\s+Field required", re.MULTILINE)

# Lines of a Python traceback that quote source: capital names in them are constants of the program.
_QUOTED_SOURCE = re.compile(r'^(?P<margin>[ |]*)File "[^"\n]+", line \d+.*\n(?:(?P=margin)  .*\n)*', re.MULTILINE)

# Libraries that say what they miss without naming the variable that they read it from.
_LIBRARIES = (
    (re.compile(r"You must specify a region|NoRegionError"), ("AWS_DEFAULT_REGION", "AWS_REGION")),
    (re.compile(r"Unable to locate credentials|NoCredentialsError"), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
)

# From here to the end a server explains all its options, which name variables that only switch modes.
_USAGE_TEXT = re.compile(r"^\s*usage:", re.IGNORECASE | re.MULTILINE)

_ERROR_LINE = re.compile(r"^.{0,80}\berror\b.*", re.IGNORECASE | re.MULTILINE)

_USAGE = re.compile(
    r"^\s*usage:|required: |the following arguments are required|missing required argument|missing argument|"
    r"requires? at least one|too few arguments|no command specified|required option|"
    r"unexpected (?:extra )?argument|unrecognized arguments?|unknown (?:command|argument|option|flag)|"
    r"no command registered|no such (?:command|option)|"
    r"(?<![\w-])--[a-z][\w-]*[^\n]{0,60} (?:must be|is|are) (?:provided|specified|given|required)",
    re.IGNORECASE | re.MULTILINE,
)

# A server that speaks HTTP unless it is told otherwise.
_LISTENS = re.compile(
    r"listening (?:on|at)|running (?:on|at) (?:port|https?:)|https?://(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1?\]):\d+",
    re.IGNORECASE,
)

_TELLS_STDIO: tuple[tuple[str, ...], ...] = (("--stdio",), ("stdio",), ("--transport", "stdio"))

# Arguments that usage texts offer for standard input and output, for a command that serves, and for a folder.
_OFFERED: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"--stdio\b"), ("--stdio",)),
    (re.compile(r"--transport\b[^\n]{0,200}\bstdio\b"), ("--transport", "stdio")),
    (re.compile(r"(?<![\w-])stdio(?![\w-])"), ("stdio",)),
    *(
        (re.compile(rf"^[\s|│*-]*{word}\s{{2,}}\S|[`'\"]{word}[`'\"]|[{{,]{word}[,}}]", re.MULTILINE), (word,))
        for word in ("mcp", "serve", "server", "start", "run")
    ),
    (
        re.compile(r"[<\[][^<>\[\]\n]{0,30}(?:director|dir\b|folder|path|root|vault)", re.IGNORECASE),
        ("/tmp",),  # noqa: S108  # a folder in the sandbox
    ),
)

_NETWORK = re.compile(
    r"ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|getaddrinfo|Name or service not known|name resolution|"
    r"Network is unreachable|ConnectError|ConnectionError|Connection refused|fetch failed|"
    r"All connection attempts failed",
    re.IGNORECASE,
)

_CREDENTIALS = re.compile(
    r"(?:missing|required?)\b[^\n]{0,40}\b(?:password|api[ _-]?key|token|secret|credentials)\b|"
    r"\b(?:password|api[ _-]?key|token|secret|credentials)\b[^\n]{0,20}\b(?:is|are) (?:required|missing|not set)\b|"
    r"unauthori[sz]ed|authentication failed|invalid (?:api[ _-]?key|token|credentials)|\b401\b|no credentials|"
    r"log ?in first",
    re.IGNORECASE,
)


# A package that holds no program yet.
_RESERVED = re.compile(
    r"(?:only|just) (?:reserves|holds) (?:the|this) (?:package )?name|name reservation", re.IGNORECASE
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
    arguments: tuple[tuple[str, ...], ...] = ()
    """Arguments that its words offer, likeliest first."""
    extras: tuple[tuple[str, str], ...] = ()
    """Extras that it wants to be installed with: the package that it names, and the extra."""
    sdks: tuple[str, ...] = ()
    """SDKs of the protocol that it imports and does not have."""
    lacking: tuple[str, ...] = ()
    """Dependencies that cannot be installed without running code."""


_EXTRA = re.compile(
    r"(?:install|add|run|sync)\b[^\n]{0,80}?([A-Za-z0-9][A-Za-z0-9._-]{0,80})\[([A-Za-z0-9._-]{1,40})[\],]"
)

_SDK = re.compile(r"No module named ['\"](mcp|fastmcp)(?=['\".])|pip install ['\"]?(mcp|fastmcp)(?![\w-])")
"""The two names are known; what else an error names may be anybody's package (typosquats)."""


def diagnose(reason: Reason, hint: str, words: str) -> Diagnosis:
    """Refine what the probe saw (``reason``, ``hint``) by the server's last words."""
    if reason not in (Reason.CRASHED, Reason.NOT_MCP, Reason.TIMED_OUT, Reason.PROTOCOL_ERROR):
        return Diagnosis(reason=reason, hint=hint)
    if _NATIVE.search(words):
        return Diagnosis(
            reason=Reason.INSTALL_FAILED,
            hint="a compiled part of it comes from an install script, and install scripts are not run",
        )
    if _RESERVED.search(words):
        return Diagnosis(
            reason=Reason.NOT_MCP, hint="its name is reserved and nothing is released yet; look again later"
        )
    variables = _variables(words)
    fields = tuple(sorted({match["name"] for match in _FIELD.finditer(words)}))
    drift = bool(_DRIFT.search(words)) and not fields
    listens = reason is Reason.TIMED_OUT and bool(_LISTENS.search(words))
    usage = listens or bool(_USAGE.search(words))
    arguments = tuple(arguments for pattern, arguments in _OFFERED if pattern.search(words)) if usage else ()
    if drift:
        reason, hint = Reason.DEPENDENCY_DRIFT, "a dependency changed under it; an older or newer release may work"
    elif variables or fields:
        wanted = ", ".join((*variables, *fields))
        reason, hint = Reason.NEEDS_CREDENTIALS, f"pass what it asks for with --env NAME=VALUE ({wanted})"
    elif usage:
        reason, hint = Reason.NEEDS_ARGUMENTS, "start it with its arguments: catalog sync -- COMMAND ARGUMENTS"
    elif _NETWORK.search(words):
        reason, hint = (
            Reason.NEEDS_NETWORK,
            "it wants to reach something before it lists its tools; servers get no network",
        )
    elif _CREDENTIALS.search(words):
        reason, hint = Reason.NEEDS_CREDENTIALS, "pass real credentials with --env NAME=VALUE"
    return Diagnosis(
        reason=reason,
        hint=hint,
        variables=variables,
        fields=fields,
        drift=drift,
        usage=usage,
        arguments=tuple(dict.fromkeys((*(_TELLS_STDIO if listens else ()), *arguments))),
        extras=tuple(dict.fromkeys(_EXTRA.findall(words))),
        sdks=tuple(dict.fromkeys(one or other for one, other in _SDK.findall(words))),
    )


def _variables(words: str) -> tuple[str, ...]:
    own = _QUOTED_SOURCE.sub("", words)
    found = _named(own)
    if text := _USAGE_TEXT.search(own):
        complaint = own[: text.start()] + "\n".join(_ERROR_LINE.findall(own, text.start()))
        found = _named(complaint) or {name for name in found if is_credential(name)}
    found.update(name for pattern, wanted in _LIBRARIES if pattern.search(words) for name in wanted)
    return tuple(sorted(found))


def _named(words: str) -> set[str]:
    lines = (line for line in words.splitlines() if _ABOUT_ENVIRONMENT.search(line))
    # A name often stands alone on a line of a list, below the line that says what the list is.
    listed = (
        line
        for line in words.splitlines()
        if re.fullmatch(r"[\s*•\-\d.)]*[A-Z][A-Z0-9_]+(\s{2,}.*|\s*([:=(-].*)?)", line)
    )
    names = {name for line in (*lines, *listed) for name in _VARIABLE.findall(line)}
    return {name for name in names if not _NOT_A_VARIABLE.match(name)}
