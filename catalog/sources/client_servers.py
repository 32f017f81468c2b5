"""One server of a client's configuration as a target: what it is, what it is started with, what of it is secret."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from catalog.model import ServerRef
from catalog.origin import Command, Image, Remote, Transport
from catalog.sources.argument_secrets import PLACEHOLDER, address_without_secrets, without_secrets
from catalog.sources.known import load_known_servers
from catalog.sources.launchers import Bridged, Fetched, fetched, unwrapped
from catalog.sources.packages import package_server
from catalog.sources.slugs import command_slug, image_slug, remote_slug
from catalog.sources.variables import Variables
from catalog.target import Target
from catalog.terminal import visible_name

# Characters of a server's title, which is its name in the file.
TITLE_LENGTH = 100

# Words of a command line, and characters of each, that are read.
MOST_WORDS = 500
WORD_LENGTH = 32_000

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
"""A token (RFC 9110, 5.6.2)."""

_TRANSPORTS: Mapping[str, Transport] = {
    "http": "streamable-http",
    "streamable-http": "streamable-http",
    "streamablehttp": "streamable-http",
    "streamable_http": "streamable-http",
    "sse": "sse",
}


class NoServerError(Exception):
    """An entry is no server that can be looked at; says why, without a value of the file."""


def _fit(text: str) -> str:
    """Refuse what no program can be given; an unescaped backslash in JSON makes a control character."""
    if any(ord(character) < 0x20 and character not in "\n\t" for character in text) or "\x7f" in text:
        raise ValueError("control character")
    text.encode()  # a lone surrogate is a ValueError
    return text


Text = Annotated[StrictStr, Field(max_length=WORD_LENGTH), AfterValidator(_fit)]
Line = Annotated[Text, Field(pattern=r"^[^\n\t]*$")]
"""``"C:\temp"`` in JSON holds a tab."""
Word = Text | StrictInt | StrictFloat
"""Numbers are written without quotes by many."""


class _Variable(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Text


class Entry(BaseModel):
    """A server as any client writes it; keys of no interest are passed over."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    command: Line | None = None
    args: tuple[Word, ...] = Field(default=(), max_length=MOST_WORDS)
    env: dict[Text, Word | StrictBool | None] = Field(default_factory=dict, repr=False)
    cwd: Text | None = None
    env_vars: tuple[Text | _Variable, ...] = ()
    """Codex: names that are passed on from the user's environment."""

    url: Line | None = None
    httpUrl: Line | None = None  # noqa: N815  # the key as Gemini CLI reads it
    serverUrl: Line | None = None  # noqa: N815  # the key as Windsurf reads it
    type: Text = ""
    transport: Text = ""
    headers: dict[Text, Word] = Field(default_factory=dict, repr=False)
    http_headers: dict[Text, Word] = Field(default_factory=dict, repr=False)
    env_http_headers: dict[Text, Text] = Field(default_factory=dict)
    bearer_token_env_var: Text | None = None

    source: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, raw: Any) -> Any:
        """Read ``command: {path, args, env}`` as the flat form, and null as absent."""
        if not isinstance(raw, Mapping):
            return raw
        flat = {key: value for key, value in raw.items() if value is not None}
        if isinstance(nested := flat.get("command"), Mapping):
            flat |= {key: nested[key] for key in ("args", "env") if nested.get(key) is not None}
            flat["command"] = nested.get("path")
        return flat


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadServer:
    """A server of the file, and what of it could not be taken along."""

    target: Target
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What is found out of one entry on the way to its target."""

    title: str
    variables: Variables
    use_secrets: bool
    own: dict[str, str] = field(default_factory=dict, repr=False)
    """The entry's environment with its variables filled in."""
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text and text not in self.notes:
            self.notes.append(text)


def target_of(name: str, entry: Entry, variables: Variables, *, use_secrets: bool) -> ReadServer:
    """Return the server called ``name`` in the file.

    Raises: NoServerError where it says nothing that could be looked at.
    """
    title = visible_name(" ".join(name.split())[:TITLE_LENGTH]) or "unnamed"
    reading = _Reading(title=title, variables=variables, use_secrets=use_secrets)
    address = entry.httpUrl or entry.serverUrl or entry.url
    if entry.command:
        target = _local(entry, entry.command, reading)
    elif address:
        said = _TRANSPORTS.get((entry.type or entry.transport).lower())
        target = _remote(address, said or ("streamable-http" if entry.httpUrl else None), _headers(entry), reading)
    elif entry.source == "extension":
        raise NoServerError("is started by an extension of the client; name its package or its command instead")
    else:
        raise NoServerError("has neither 'command' nor 'url'")
    return ReadServer(target=target, notes=tuple(reading.notes))


def _local(entry: Entry, command: str, reading: _Reading) -> Target:
    argv, settings = unwrapped(_argv(entry, command))
    _take_environment(entry, settings, reading)
    found = fetched(argv)
    if isinstance(found, Bridged):
        headers = dict(_header(line) for line in found.headers)
        return _remote(found.url, found.transport, headers, reading)
    if found is None:
        server = _command(entry, argv, reading)
    else:
        _take_settings(found.settings, reading)
        reading.note(found.note)
        server = _fetched(found, _kept(found.arguments, reading), reading)
    names = tuple(dict.fromkeys((*server.environment, *reading.names)))
    return Target(server=replace(server, environment=names), environment=reading.own if reading.use_secrets else {})


def _argv(entry: Entry, command: str) -> tuple[str, ...]:
    words = tuple(str(word) for word in entry.args)
    if words or "\\" in command or not re.search(r"\s", command.strip()):
        return (command, *words)
    # All in one text, as one would type it.
    try:
        return tuple(shlex.split(command)) or (command,)
    except ValueError:
        return (command,)


def _fetched(found: Fetched, arguments: tuple[str, ...], reading: _Reading) -> ServerRef:
    if isinstance(found.origin, Image):
        return ServerRef(slug=image_slug(found.origin), title=reading.title, origin=found.origin, arguments=arguments)
    known = load_known_servers().of_package(found.origin)
    server = known or replace(package_server(found.origin), title=reading.title)
    return replace(server, arguments=arguments or server.arguments)


def _command(entry: Entry, argv: Sequence[str], reading: _Reading) -> ServerRef:
    program = reading.variables.settled(argv[0])
    if unfilled := reading.variables.unfilled(program):
        raise NoServerError(f"its command needs {unfilled[:80]!r}; name the command: catalog sync -- COMMAND")
    base = Path(reading.variables.settled(entry.cwd)) if entry.cwd else reading.variables.project
    words = _kept(argv[1:], reading)
    first = _absolute(program, base) if "/" in program else program
    command = Command(argv=(first, *(_absolute(word, base) for word in words)))
    return ServerRef(slug=command_slug(command), title=reading.title, origin=command)


def _absolute(word: str, base: Path) -> str:
    """Return the path that ``word`` is in the folder where the client starts the server; other words stay."""
    try:
        path = base / word
        return str(path.resolve()) if word and not word.startswith("-") and path.exists() else word
    except (OSError, ValueError):  # no path of this system: too long, or with a NUL in it
        return word


def _kept(words: Sequence[str], reading: _Reading) -> tuple[str, ...]:
    """Return arguments fit to be stored: without secrets, without values of the user's environment."""
    filled = [reading.variables.plain(word, otherwise=PLACEHOLDER) for word in words]
    kept = without_secrets(filled)
    if list(kept) != list(words) and any(PLACEHOLDER in word for word in kept):
        reading.note(
            "secrets and variables in its arguments are replaced by 'placeholder', since arguments are stored; "
            "if it lists nothing so, pass them in variables of the environment"
        )
    return kept


def _remote(address: str, transport: Transport | None, headers: Mapping[str, str], reading: _Reading) -> Target:
    if unfilled := reading.variables.unfilled(address):
        raise NoServerError(f"its address needs {unfilled[:80]!r}; name the address itself: catalog sync https://…")
    address = reading.variables.settled(address)
    if not re.match(r"https?://[^/\s]", address, re.IGNORECASE):
        raise NoServerError("its address is neither http:// nor https://")
    url = address_without_secrets(address)
    if url != address:
        reading.note("secrets in its address are replaced by 'placeholder', since addresses are stored")
    remote = Remote(url=url, transport=transport, typed=True)
    sent = {}
    for name, text in headers.items() if reading.use_secrets else ():
        value = reading.variables.secret(text, reading.own)
        if not _HEADER.fullmatch(name) or value is None or re.search(r"[\r\n]", value):
            # A malformed one may be all secret, its name included.
            shown = repr(name) if _HEADER.fullmatch(name) and text else "without a name"
            reading.note(f"a header ({shown}) is left out: a variable in it has no value, or it is malformed")
        else:
            sent[name] = value
    server = ServerRef(slug=remote_slug(remote), title=reading.title, origin=remote)
    return Target(server=server, headers=sent)


def _headers(entry: Entry) -> dict[str, str]:
    """Return header names and values, with variables for those that the client takes from the environment."""
    found = {name: str(value) for name, value in (entry.headers | entry.http_headers).items()}
    found |= {name: f"${{{variable}}}" for name, variable in entry.env_http_headers.items()}
    if entry.bearer_token_env_var:
        found["Authorization"] = f"Bearer ${{{entry.bearer_token_env_var}}}"
    return found


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _take_environment(entry: Entry, settings: Sequence[str], reading: _Reading) -> None:
    for name, value in entry.env.items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            _take(name, text, reading)
    for variable in entry.env_vars:
        name = variable if isinstance(variable, str) else variable.name
        _take(name, f"${{{name}}}", reading)
    _take_settings(settings, reading)


def _take_settings(settings: Sequence[str], reading: _Reading) -> None:
    for setting in settings:
        name, sign, value = setting.partition("=")
        if sign:
            _take(name, value, reading)
        elif name not in reading.names:
            _take(name, f"${{{name}}}", reading)


def _take(name: str, text: str, reading: _Reading) -> None:
    """Remember that the server gets a variable, and with the user's leave its value."""
    if not _VARIABLE.fullmatch(name):
        reading.note("a name under 'env' is no name of a variable; it is left out")
        return
    reading.names.append(name)
    if reading.use_secrets:
        value = reading.variables.secret(text, reading.own)
        if value is None:
            reading.note(f"{name} needs a value that only the client has; pass it with --env {name}=VALUE")
        else:
            reading.own[name] = value
