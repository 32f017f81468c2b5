"""What an MCP bundle's ``manifest.json`` says about starting its server (MCPB specification), read and filled in.

Nothing of it is believed: it is bounded, and what it names is looked for inside the bundle alone.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from catalog.install.base import InstallError
from catalog.model import Reason

# Bytes of a manifest: the longest real ones, with texts in several languages, have some 50 kB.
MANIFEST_BYTES = 1024 * 1024

# Characters of one word of a command line or value of a variable, once filled in. Linux takes 128 KiB.
LONGEST_WORD = 8 * 1024

# Words of a command line, and variables.
MOST_WORDS = 200

# Folders of one search path that are looked for in the bundle.
MOST_FOLDERS = 50

# What folders of a user are: a place that is there and empty in every sandbox.
SCRATCH = "/tmp"  # noqa: S108  # a path inside the sandbox

_FOLDERS = frozenset(("HOME", "DESKTOP", "DOCUMENTS", "DOWNLOADS"))

_VARIABLE = re.compile(r"\$\{([^{}]{1,200})\}")

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")

REPORT = "report it to the bundle's author"

_Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=LONGEST_WORD)]
_Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,100}$")]


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Command(_Lenient):
    command: _Word | None = None
    args: list[_Word] | None = Field(default=None, max_length=MOST_WORDS)
    env: dict[str, _Word] | None = Field(default=None, max_length=MOST_WORDS)


class _Config(_Command):
    platform_overrides: dict[str, _Command] = Field(default_factory=dict)


class _Server(_Lenient):
    type: Literal["node", "python", "uv", "binary"]
    entry_point: _Word | None = None
    mcp_config: _Config | None = None


class _Option(_Lenient):
    """A value that a client asks its user for."""

    type: Literal["string", "number", "boolean", "directory", "file"]
    default: bool | int | float | _Word | list[_Word] | None = None
    min: int | float | None = None


class Manifest(_Lenient):
    """A bundle's manifest, as far as starting its server goes."""

    spec: _Word = Field(validation_alias=AliasChoices("manifest_version", "dxt_version"))
    version: _Version
    server: _Server
    user_config: dict[str, _Option] = Field(default_factory=dict, max_length=MOST_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A command line as the manifest wants it, with every variable filled in."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def read_manifest(tree: Path) -> Manifest:
    """Return the manifest of the bundle that was unpacked to ``tree``. Raises: InstallError where it has none."""
    try:
        with (tree / "manifest.json").open("rb") as file:
            text = file.read(MANIFEST_BYTES + 1)
        if len(text) > MANIFEST_BYTES:
            raise InstallError(Reason.TOO_LARGE, f"its manifest.json has more than {MANIFEST_BYTES} bytes", REPORT)
        return Manifest.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))[:100]
        raise InstallError(
            Reason.INSTALL_FAILED, f"its manifest.json is not valid: {place!r}: {first['msg'][:200]}", REPORT
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InstallError(
            Reason.INSTALL_FAILED,
            f"it has no manifest.json that can be read ({type(error).__name__})",
            "it is no MCP bundle, or a broken one; fetch it again",
        ) from error


def start(manifest: Manifest, tree: Path, root: str, placeholder: Callable[[str], str]) -> Start:
    """Return how to start the server.

    Args:
        manifest: What the bundle says.
        tree: Where it is unpacked.
        root: Where the program sees it.
        placeholder: Makes a value up for a name that a user would fill in.

    Raises: InstallError where it does not say what to start, or the command line gets too long.
    """
    server = manifest.server
    config = server.mcp_config or _Config()
    here = config.platform_overrides.get("linux", _Command())
    filling = _Filling(manifest.user_config, root, placeholder)
    command = here.command or config.command
    arguments = here.args if here.args is not None else config.args
    if not command:
        if not server.entry_point:
            raise InstallError(Reason.INSTALL_FAILED, "its manifest does not say what to start", REPORT)
        entry = server.entry_point
        command, arguments = (entry, []) if server.type == "binary" else (server.type, [entry])
    words = [word for argument in arguments or () for word in filling.words(argument)]
    environment = {
        name: filling.text(value, name)
        for name, value in {**(config.env or {}), **(here.env or {})}.items()
        if _VARIABLE_NAME.fullmatch(name)
    }
    command = filling.text(command)
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in (command, *words, *environment.values())):
        raise InstallError(Reason.TOO_LARGE, "its manifest makes a command line without measure", REPORT)
    return Start(
        command=command,
        arguments=tuple(_inside(word, tree, root) for word in words),
        environment={
            name: ":".join(_inside(part, tree, root, folders=True) for part in value.split(":", MOST_FOLDERS))
            if name.endswith("PATH")
            else value
            for name, value in environment.items()
        },
    )


class _Filling:
    """Knows what stands for each ``${…}``."""

    def __init__(self, options: Mapping[str, _Option], root: str, placeholder: Callable[[str], str]) -> None:
        self._options = options
        self._standing = {"__dirname": root, "/": "/", "pathSeparator": "/", **dict.fromkeys(_FOLDERS, SCRATCH)}
        self._placeholder = placeholder

    def words(self, argument: str) -> Iterator[str]:
        """Yield the words that an argument becomes: a list of values is a word each."""
        whole = _VARIABLE.fullmatch(argument)
        option = self._options.get(whole[1].removeprefix("user_config.")) if whole else None
        if whole and option is not None and whole[1].startswith("user_config."):
            yield from self._values(option, whole[1].removeprefix("user_config."))
        else:
            yield self.text(argument)

    def text(self, text: str, variable: str | None = None) -> str:
        """Return ``text`` with its variables filled in; ``variable`` is the one of the environment that it is for."""
        # The name in the environment says more about a value's shape than the manifest's own: SLACK_TOKEN, not token.
        better = variable if variable is not None and _VARIABLE.fullmatch(text) else None
        return _VARIABLE.sub(lambda found: self._value(found[0], found[1], better), text)

    def _value(self, written: str, name: str, better: str | None) -> str:
        key = name.removeprefix("user_config.")
        if key != name and key in self._options:
            return ",".join(self._values(self._options[key], better or key))
        return self._standing.get(name, written)

    def _values(self, option: _Option, name: str) -> tuple[str, ...]:
        """Return the default, else something of the option's type. A user's folders and files are not there."""
        default = option.default
        if option.type in ("directory", "file"):
            return (SCRATCH if option.type == "directory" else "/dev/null",)
        if isinstance(default, list):
            return tuple(map(self._default, default))
        if default is not None:
            return (str(default).lower() if isinstance(default, bool) else self._default(str(default)),)
        if option.type == "boolean":
            return ("false",)
        if option.type == "number":
            return (str(option.min if option.min is not None else 1),)
        return (self._placeholder(name),)

    def _default(self, text: str) -> str:
        """Return a default with what stands for every user filled in; it cannot name other values."""
        return _VARIABLE.sub(lambda found: self._standing.get(found[1], found[0]), text)


def inside(word: str, tree: Path, root: str) -> Path | None:
    """Return the path in ``tree`` that ``word`` means to a program started there, or None where it leads elsewhere."""
    below = word.removeprefix(root).lstrip("/") if word.startswith(f"{root}/") else word
    if not below or below.startswith(("/", "-")):
        return None
    try:
        path = (tree / below).resolve()
        return path if path.exists() and path.is_relative_to(tree.resolve()) else None
    except (OSError, ValueError):  # no path of this system
        return None


def _inside(word: str, tree: Path, root: str, *, folders: bool = False) -> str:
    """Return a relative path of the bundle as an absolute one, since servers are not started in its folder."""
    path = inside(word, tree, root)
    if path is None or not (path.is_file() or folders):
        return word
    return f"{root}/{path.relative_to(tree.resolve())}"
