"""The policies that an export asks for: a profile, what of it is kept, and what is let through besides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.cli.export_subjects import Subject
    from catalog.policy.calllog import CallLog
    from catalog.policy.least import Stopped
    from catalog.policy.model import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the options ask of the policies."""

    profile: str
    parameters: Sequence[str] = ()
    """Words ``NAME=VALUE[,VALUE]``."""
    taint: bool = False
    tool: str | None = None
    categories: str | None = None
    """Categories, with commas between them."""
    allow: Sequence[str] = ()
    log: Path | None = None
    resources: Sequence[str] = ()
    prompts: Sequence[str] = ()
    unfold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Policies, and what is to be told about them."""

    policies: "tuple[Policy, ...]"
    notes: tuple[str, ...] = ()
    stopped: "tuple[Stopped, ...]" = ()
    """Calls of the log that do not get through."""


def policies(servers: "Sequence[Subject]", wish: Wish) -> Made:
    """Return a policy for each server, in their order. Raises: UsageError, InputError."""
    from catalog.policy.least import least
    from catalog.policy.unfold import unfolded

    made = tuple(_recommended(one, wish) for one in servers)
    keys = _keys(servers, wish)
    if keys is not None:
        from catalog.policy.selection import only

        made = tuple(only(policy, kept) for policy, kept in zip(made, keys, strict=True))
    notes: list[str] = []
    stopped: tuple[Stopped, ...] = ()
    if wish.log is not None:
        log = _log(wish.log)
        found = least(made, log.calls)
        made, stopped = found.policies, found.stopped
        notes += [f"{wish.log}: {line}; not covered" for line in log.unread]
        notes += [] if log.calls else [f"{wish.log} shows no call of a tool, so everything is denied"]
    made = tuple(_opened(policy, wish) for policy in made)
    if wish.unfold:
        made = tuple(unfolded(policy, one.entries) for policy, one in zip(made, servers, strict=True))
    return Made(policies=made, notes=(*notes, *(note for one in made for note in _unfilled(one))), stopped=stopped)


def _recommended(server: "Subject", wish: Wish) -> "Policy":
    from catalog.cli.policyfiles import parameter_values
    from catalog.policy.model import Decision
    from catalog.policy.recommend import recommend

    return recommend(
        server.name,
        server.entries,
        wish.profile,
        values=parameter_values(wish.parameters),
        after_taint=Decision.APPROVE if wish.taint else None,
    )


def _keys(servers: "Sequence[Subject]", wish: Wish) -> "Sequence[set[str]] | None":
    """Return the keys of each server's entries that are kept; None where all are."""
    names = [*([wish.tool] if wish.tool is not None else []), *_names(servers, wish.allow)]
    if not names and wish.categories is None:
        return None
    kept: list[set[str]] = [set() for _ in servers]
    categories = _categories(wish.categories) if wish.categories is not None else frozenset()
    for server, keys in zip(servers, kept, strict=True):
        keys |= {entry.key for entry in server.entries if entry.classification.category.lower() in categories}
    for name in names:
        for place, key in _entries(servers, name):
            kept[place].add(key)
    return kept


def _names(servers: "Sequence[Subject]", words: Sequence[str]) -> "Iterator[str]":
    """Yield the names in ``a,b``; a word that is an entry's name or key as a whole is not split."""
    known = {name for one in servers for entry in one.entries for name in (entry.key, entry.name)}
    for word in words:
        yield from [word] if word in known else [name.strip() for name in word.split(",") if name.strip()]


def _categories(text: str) -> frozenset[str]:
    from classifier.verdict import Category

    known = [category.lower() for category in Category]
    words = [word.strip().lower() for word in text.split(",")]
    for word in words:
        if word not in known:
            raise UsageError(f"--only {text!r}: {word!r} is none of {', '.join(known)}")
    return frozenset(words)


def _entries(servers: "Sequence[Subject]", name: str) -> "Iterator[tuple[int, str]]":
    """Yield each server, by its place, that has an entry with this name or key. Raises: UsageError where none has."""
    from catalog.cli.lookup import find_entry

    having = [
        place for place, one in enumerate(servers) if any(name in (entry.key, entry.name) for entry in one.entries)
    ]
    if not having:
        everything = [entry for one in servers for entry in one.entries]
        find_entry(servers[0].slug if len(servers) == 1 else "these servers", everything, name)
    for place in having:
        yield place, find_entry(servers[place].slug, servers[place].entries, name).key


def _log(path: Path) -> "CallLog":
    from catalog.policy.calllog import read_calls

    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return read_calls(lines)
    except OSError as error:
        raise InputError(f"cannot read the log {str(path)!r}: {error.strerror}") from error


def _opened(policy: "Policy", wish: Wish) -> "Policy":
    for pattern in (*wish.resources, *wish.prompts):
        if "*" in pattern[:-1] or not pattern:
            raise UsageError(f"{pattern!r}: * stands at the end, for all that begins so; for example file:///srv/*")
    return replace(
        policy,
        resources=tuple(dict.fromkeys((*policy.resources, *wish.resources))),
        prompts=tuple(dict.fromkeys((*policy.prompts, *wish.prompts))),
    )


def _unfilled(policy: "Policy") -> "Iterator[str]":
    """Yield a note on each parameter without values: what its conditions are on is denied."""
    for name, parameter in policy.parameters.items():
        if parameter.values:
            continue
        keys = [rule.key for rule in policy.rules if any(one.parameter == name for one in rule.conditions)]
        few = ", ".join(keys[:_SHOWN]) + (f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else "")
        told = f"{name} has no values, so calls of {few} that need one are denied"
        yield f"{told}: --set {name}=… ({parameter.description})"


_SHOWN = 3
"""Entries that a note names."""
