"""What a command line of a client's configuration starts: a fetcher's package, a container image, a bridge, a program.

The words are read as the fetchers' own documentation says; what is not understood stays a command.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from packaging.requirements import InvalidRequirement, Requirement

from catalog.errors import UsageError
from catalog.origin import Image, Package, Transport
from catalog.sources.packages import parse_package

BRIDGES = frozenset(("mcp-remote",))
"""npm packages that are no server but reach one: the first argument is its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A package or an image that a fetcher starts."""

    origin: Package | Image
    arguments: tuple[str, ...] = ()
    """For the package's own program; may still hold secrets."""
    settings: tuple[str, ...] = ()
    """Environment that the command line itself sets: ``NAME=VALUE``, or ``NAME`` for the caller's own."""
    note: str = ""
    """What of the command line could not be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged:
    """An address that a bridge leads to."""

    url: str
    transport: Transport | None
    headers: tuple[str, ...]
    """``Name: value``; secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    values: Sequence[tuple[str, str]]
    rest: tuple[str, ...]
    """From the first word that is no option on."""

    def of(self, *names: str) -> list[str]:
        return [value for name, value in self.values if name in names]


_NPX_VALUES = frozenset(("-p", "--package", "-c", "--call", "-w", "--workspace", "--registry", "--cache", "--prefix",
                         "--userconfig", "--node-options", "--loglevel", "--shell"))  # fmt: skip
_UVX_VALUES = frozenset(("--from", "--with", "-w", "--with-editable", "--with-requirements", "-p", "--python",
                         "--index", "--default-index", "-i", "--index-url", "--extra-index-url", "-f", "--find-links",
                         "--index-strategy", "--keyring-provider", "--prerelease", "--resolution", "--fork-strategy",
                         "--exclude-newer", "--link-mode", "--cache-dir", "--config-file", "--directory", "--project",
                         "--env-file", "-c", "--constraint", "--constraints", "--override", "--overrides", "-P",
                         "--upgrade-package", "--refresh-package", "--reinstall-package", "--color", "-C",
                         "--config-setting", "-b", "--build-constraints", "--python-platform", "--torch-backend",
                         "--allow-insecure-host"))  # fmt: skip
_PIPX_VALUES = frozenset(("--spec", "--python", "--index-url", "-i", "--pip-args", "--with"))
_DOCKER_SWITCHES = frozenset(("--rm", "--init", "--interactive", "--tty", "--privileged", "--read-only", "--detach",
                              "--publish-all", "--no-healthcheck", "--oom-kill-disable", "--disable-content-trust",
                              "--quiet", "--sig-proxy", "--use-api-socket"))  # fmt: skip
_DOCKER_SHORT_SWITCHES = frozenset("itdPq")

_NPM_FETCHERS = (("npx",), ("pnpx",), ("bunx",), ("npm", "exec"), ("npm", "x"), ("pnpm", "dlx"),
                 ("yarn", "dlx"), ("bun", "x"))  # fmt: skip
_UV_FETCHERS = (("uvx",), ("uv", "tool", "run"))
_PIPX_FETCHERS = (("pipx", "run"),)
_CONTAINER_FETCHERS = (("docker", "run"), ("podman", "run"), ("docker", "container", "run"),
                       ("podman", "container", "run"), ("nerdctl", "run"))  # fmt: skip

_IMAGE = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]{0,254}")
_SETTING = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def unwrapped(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a command line without ``cmd /c`` and ``env NAME=VALUE``, and the settings that ``env`` made."""
    words, settings = tuple(argv), []
    while len(words) > 1:
        if program_name(words[0]) == "cmd" and words[1].lower() in {"/c", "/k", "/s", "/d"}:
            words = words[:1] + words[2:] if words[1].lower() in {"/s", "/d"} else words[2:]
        elif program_name(words[0]) == "env" and _SETTING.fullmatch(words[1]):
            settings.append(words[1])
            words = words[:1] + words[2:]
        elif program_name(words[0]) == "env" and settings and not words[1].startswith("-"):
            words = words[1:]
        else:
            break
    return words, tuple(settings)


def program_name(word: str) -> str:
    r"""Return the program that a first word names: ``C:\node\npx.cmd`` and ``/usr/bin/npx`` are ``npx``."""
    name = PureWindowsPath(word).name if "\\" in word else PurePosixPath(word).name
    return re.sub(r"\.(?:exe|cmd|bat|ps1)$", "", name.lower())


def fetched(argv: Sequence[str]) -> Fetched | Bridged | None:
    """Return what a fetcher's command line starts; None for any other command line."""
    # No fetcher has more words in its name.
    start = (program_name(argv[0]), *argv[1:3])
    for names, read in (
        (_NPM_FETCHERS, _npm),
        (_UV_FETCHERS, _uv),
        (_PIPX_FETCHERS, _pipx),
        (_CONTAINER_FETCHERS, _container),
    ):
        for name in names:
            if start[: len(name)] == name:
                return read(argv[len(name) :])
    return None


def _npm(words: Sequence[str]) -> Fetched | Bridged | None:
    options = _options(words, _NPX_VALUES)
    named = options.of("-p", "--package")
    if options.of("-c", "--call") or len(named) > 1 or not (named or options.rest):
        return None
    specification, arguments = (named[0], options.rest[1:]) if named else (options.rest[0], options.rest[1:])
    name, sign, version = specification[1:].partition("@")
    name = specification[:1] + name
    if name in BRIDGES:
        return _bridged(arguments)
    package = _package("npm", name)
    if package is None:
        return None
    if not sign or version == "latest":
        return Fetched(origin=package, arguments=tuple(arguments))
    exact = _package("npm", name, version)
    note = "" if exact else f"asks for {version[:40]!r}; the newest release counts"
    return Fetched(origin=exact or package, arguments=tuple(arguments), note=note)


def _uv(words: Sequence[str]) -> Fetched | None:
    options = _options(words, _UVX_VALUES)
    if not options.rest:
        return None
    named = options.of("--from")
    return _python(named[0] if named else options.rest[0], options.rest[1:])


def _pipx(words: Sequence[str]) -> Fetched | None:
    options = _options(words, _PIPX_VALUES)
    if not options.rest:
        return None
    named = options.of("--spec")
    return _python(named[0] if named else options.rest[0], options.rest[1:])


def _python(specification: str, arguments: Sequence[str]) -> Fetched | None:
    name, sign, version = specification.partition("@")
    if sign and "://" not in version:  # uv's own way to write a version
        specification = name if version == "latest" else f"{name}=={version}"
    try:
        wanted = Requirement(specification)
    except InvalidRequirement:
        return None
    package = _package("pypi", wanted.name)
    if package is None or wanted.url:
        return None
    notes = [f"asks for the extra {extra[:40]!r}, which is left out" for extra in sorted(wanted.extras)]
    bounds = list(wanted.specifier)
    exact = None
    if len(bounds) == 1 and bounds[0].operator == "==":
        exact = _package("pypi", wanted.name, bounds[0].version)
    if bounds and exact is None:
        notes.append(f"asks for {str(wanted.specifier)[:40]!r}; the newest release counts")
    return Fetched(origin=exact or package, arguments=tuple(arguments), note="; ".join(notes))


def _container(words: Sequence[str]) -> Fetched | None:
    settings: list[str] = []
    position = 0
    while position < len(words) and words[position].startswith("-"):
        word = words[position]
        position += 1
        name, sign, value = word.partition("=")
        if word.startswith("--"):
            if name in _DOCKER_SWITCHES:
                continue
        elif set(word[1:]) <= _DOCKER_SHORT_SWITCHES:
            continue
        elif len(word) > 2:  # the value stands in the same word: -eNAME=VALUE
            name, sign, value = word[:2], "=", word[2:].removeprefix("=")
        if not sign:
            value = words[position] if position < len(words) else ""
            position += 1
        if name in {"-e", "--env"} and value:
            settings.append(value)
    if position >= len(words) or not _IMAGE.fullmatch(words[position]):
        return None
    return Fetched(
        origin=Image(reference=words[position]), arguments=tuple(words[position + 1 :]), settings=tuple(settings)
    )


def _bridged(words: Sequence[str]) -> Bridged | None:
    url = next((word for word in words if re.match(r"https?://", word, re.IGNORECASE)), None)
    if url is None:
        return None
    options = dict(enumerate(words))
    headers, transport = [], ""
    for position, word in options.items():
        name, sign, value = word.partition("=")
        value = value if sign else options.get(position + 1, "")
        if name == "--header":
            headers.append(value)
        elif name == "--transport":
            transport = value
    known: dict[str, Transport] = {"http-only": "streamable-http", "sse-only": "sse"}
    return Bridged(url=url, transport=known.get(transport), headers=tuple(headers))


def _options(words: Iterable[str], with_value: frozenset[str]) -> _Options:
    """Read options up to the first other word; ``--`` ends them, too."""
    left = list(words)
    values: list[tuple[str, str]] = []
    while left and left[0].startswith("-"):
        name, sign, value = left.pop(0).partition("=")
        if name == "--":
            break
        if sign:
            values.append((name, value))
        elif name in with_value and left:
            values.append((name, left.pop(0)))
    return _Options(values=values, rest=tuple(left))


def _package(ecosystem: str, name: str, version: str = "") -> Package | None:
    try:
        return parse_package(f"{ecosystem}:{name}" + (f"@{version}" if version else ""))
    except UsageError:
        return None
