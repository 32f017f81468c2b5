"""Which way to start a server next, by its last words; pure but for reading the package's own source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from catalog.crawl.diagnosis import Diagnosis
from catalog.crawl.placeholders import is_credential, names_in_source, placeholders
from catalog.install.base import NEWEST, Installed, Resolution
from catalog.model import Reason
from catalog.origin import Package

# Arguments that make servers speak over standard input and output, by how often they are the right ones.
ARGUMENTS: tuple[tuple[str, ...], ...] = (
    ("stdio",),
    ("--transport", "stdio"),
    ("serve",),
    ("mcp",),
    ("/tmp",),  # noqa: S108  # a folder in the sandbox
)


# Arguments of a command of its own that are tried.
MOST_DEEPER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way to start a server."""

    resolution: Resolution = NEWEST
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    name: str = "run"
    """The rung's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may still be tried for one server."""

    tried: Sequence[Attempt]
    newest: Installed | None
    """The package as first installed; None for a command, and where nothing could be installed."""
    package: Package | None = None
    """None for a command."""
    resolutions: Sequence[Resolution] = ()
    """Other ways to choose its dependencies, best first."""
    fixed_arguments: bool = False
    """The arguments are known, so none are guessed."""


def following(attempt: Attempt, diagnosis: Diagnosis, choices: Choices) -> Attempt | None:
    """Return the next way to start the server that its last words call for, or None."""
    done = {tried.resolution.name for tried in choices.tried}
    for resolution in _resolutions(attempt, diagnosis, choices):
        if resolution.name not in done:
            return replace(attempt, resolution=resolution, name=f"run:{resolution.name}")
    if choices.newest is None and choices.package is not None:
        return None  # nothing was installed, so nothing can be started in another way
    if missing := _missing(attempt, diagnosis, choices):
        return replace(attempt, environment={**attempt.environment, **missing}, name="placeholders")
    wants_arguments = diagnosis.usage or diagnosis.reason in (Reason.NOT_MCP, Reason.NEEDS_ARGUMENTS)
    if wants_arguments and not choices.fixed_arguments:
        done_arguments = {tried.arguments for tried in choices.tried}
        for arguments in (*diagnosis.arguments, *ARGUMENTS):
            if arguments not in done_arguments:
                return replace(attempt, arguments=arguments, name=f"arguments:{' '.join(arguments)}")
    return None


def _resolutions(attempt: Attempt, diagnosis: Diagnosis, choices: Choices) -> Iterator[Resolution]:
    """Yield other ways to choose dependencies that its last words call for, best first."""
    before = attempt.resolution
    if diagnosis.lacking:
        yield Resolution(name=f"without:{'+'.join(diagnosis.lacking)}", omitted=diagnosis.lacking).after(before)
    for name, extra in diagnosis.extras:
        if choices.package is not None and canonicalize_name(name) == canonicalize_name(choices.package.name):
            yield Resolution(name=f"extra:{extra}", extras=(extra,)).after(before)
    for sdk in diagnosis.sdks:
        if sdk not in before.also:
            yield Resolution(name=f"with:{sdk}", also=(sdk,)).after(before)
    # It still misses the SDK that was added: it was written for another version of it.
    if diagnosis.drift or set(diagnosis.sdks) & set(before.also):
        for resolution in choices.resolutions:
            yield resolution.after(before)


def asks_for_credentials(attempt: Attempt, diagnosis: Diagnosis) -> bool:
    """Say whether a server that did list names credentials it misses: then its list may be partial."""
    return any(is_credential(name) and name not in attempt.environment for name in diagnosis.variables)


def corrected(attempt: Attempt, diagnosis: Diagnosis, before: Diagnosis) -> Diagnosis:
    """Return the words from before a wrong guess, with the arguments that the words about the guess offer, too.

    Where the guess was a command that it had offered, they say what comes after that command. Words that name the
    guess itself offer nothing.
    """
    offers = [offered for offered in diagnosis.arguments if not set(offered) <= set(attempt.arguments)]
    deeper = [(*attempt.arguments, *offered) for offered in offers if attempt.arguments in before.arguments]
    return replace(before, arguments=(*deeper[:MOST_DEEPER], *offers, *before.arguments))


def was_wrong_guess(attempt: Attempt, diagnosis: Diagnosis, before: Diagnosis) -> bool:
    """Say whether a start failed by what we chose: arguments it does not know, dependencies that do not fit."""
    if attempt.name.startswith("arguments:"):
        # A program that nobody told to take this word crashes over it.
        unasked = diagnosis.reason is Reason.CRASHED and attempt.arguments not in before.arguments
        return unasked or diagnosis.usage or diagnosis.reason is Reason.NOT_MCP
    return attempt.resolution is not NEWEST and diagnosis.reason is Reason.INSTALL_FAILED


def _missing(attempt: Attempt, diagnosis: Diagnosis, choices: Choices) -> Mapping[str, str]:
    """Return values for variables to fill: those it asks for, else (once) those that its own code reads."""
    asked = placeholders(diagnosis.variables, present=attempt.environment)
    if asked or choices.newest is None:
        return asked
    if diagnosis.reason in (Reason.NOT_FOUND, Reason.INSTALL_FAILED, Reason.TOO_LARGE):
        return {}
    if any(tried.name == "placeholders" for tried in choices.tried) and not diagnosis.fields:
        return {}
    sources = choices.newest.sources
    fields = [field.upper() for field in diagnosis.fields]
    # A settings class often puts the package's name before its fields.
    fields += [f"{sources[0].name.split('_')[0].upper()}_{field}" for field in fields if sources]
    return placeholders(dict.fromkeys((*fields, *names_in_source(sources))), present=attempt.environment)
