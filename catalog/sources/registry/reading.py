"""Read one page of a registry's answer: each row is an entry, withdrawn, or a problem; none costs the others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from catalog.model import Problem
from catalog.origin import Transport
from catalog.sources.registry import document
from catalog.sources.registry.entry import RegistryEntry, RegistryPackage, RegistryRemote, Withdrawn

WITHDRAWN = frozenset(("deleted", "deprecated"))

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")

Part = TypeVar("Part", bound=BaseModel)


def read_row(row: Any, where: str) -> RegistryEntry | Withdrawn | Problem | None:
    """Return what a row of a page says, or None where it is a version that another one has replaced.

    ``where`` names the row in a problem, for example ``page 2, servers[3]``.
    """
    if not isinstance(row, Mapping):
        return Problem(where=where, message="no JSON object")
    raw = row.get("server", row)
    if not isinstance(raw, Mapping):
        return Problem(where=where, message="its 'server' is no JSON object")
    try:
        server = document.Server.model_validate(raw)
        said = document.Official.model_validate(document.official(row, raw))
    except ValidationError as error:
        return Problem(where=_named(where, raw), message=_first(error))
    version = server.version or (server.version_detail.version if server.version_detail else None)
    if not version:
        return Problem(where=_named(where, raw), message="it has no version")
    status = said.status or server.status or "active"
    if status in WITHDRAWN:
        return Withdrawn(name=server.name, version=version, status=status)
    latest = said.is_latest
    if latest is None and server.version_detail is not None:
        latest = server.version_detail.is_latest
    return None if latest is False else _entry(server, version, said, _named(where, raw))


def _entry(server: document.Server, version: str, said: document.Official, where: str) -> RegistryEntry:
    problems: list[Problem] = []
    packages = [
        _package(part, place, problems)
        for part, place in _parts(document.Package, server.packages, f"{where}, packages", problems)
    ]
    remotes = [
        RegistryRemote(where=place, url=part.url, transport=_transport(part.type), headers=_names(part.headers))
        for part, place in _parts(document.Remote, server.remotes, f"{where}, remotes", problems)
    ]
    return RegistryEntry(
        name=server.name,
        version=version,
        title=server.title,
        repository=_web(server.repository.url if server.repository else None),
        homepage=_web(server.website),
        published_at=said.published_at,
        updated_at=said.updated_at,
        packages=tuple(packages),
        remotes=tuple(remotes),
        problems=tuple(problems),
    )


def _package(part: document.Package, where: str, problems: list[Problem]) -> RegistryPackage:
    if part.runtime_arguments:
        message = "its arguments for npx, uvx or docker were left out: the sandbox starts the package itself"
        problems.append(Problem(where=where, message=message))
    variables = [one for one, _ in _parts(document.Input, part.environment, f"{where}, environmentVariables", problems)]
    arguments = [one for one, _ in _parts(document.Input, part.arguments, f"{where}, packageArguments", problems)]
    return RegistryPackage(
        where=where,
        kind=part.kind.lower(),
        identifier=part.identifier,
        version=part.version or None,
        base=part.base,
        sha256=part.sha256,
        transport=part.transport.type if part.transport else "stdio",
        environment=tuple(dict.fromkeys(_wanted(variables))),
        arguments=tuple(word for argument in arguments for word in _words(argument)),
    )


def _wanted(variables: Sequence[document.Input]) -> Iterator[str]:
    """Yield the variables that a user has to fill in.

    Others often switch modes, and a made-up value would switch them (docs/crawl.md); one that has a default or choices
    knows itself what to do without.
    """
    for one in variables:
        is_open = one.value is None and one.default is None and not one.choices
        if is_open and (one.required or one.secret) and one.name and _VARIABLE_NAME.fullmatch(one.name):
            yield one.name


def _words(argument: document.Input) -> Sequence[str]:
    """Return the words of an argument that stand there literally; what a user has to fill in (``{…}``) is none."""
    value = argument.value
    if value is None and argument.required and not argument.secret:
        value = argument.default
    if value is None or _is_template(value) or (argument.name and _is_template(argument.name)):
        return ()
    if argument.type != "named":
        return (value,) if value else ()
    if not argument.name or (argument.format == "boolean" and value.lower() == "false"):
        return ()
    is_flag = not value or (argument.format == "boolean" and value.lower() == "true")
    return (argument.name,) if is_flag else (argument.name, value)


def _is_template(text: str) -> bool:
    return "{" in text


def _names(inputs: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(one.name[:80] for one, _ in _parts(document.Input, inputs, "", []) if one.name)


def _parts(
    model: type[Part], raw: Sequence[Any] | None, where: str, problems: list[Problem]
) -> Iterator[tuple[Part, str]]:
    """Yield the parts that can be read, each with its place; each other one becomes a problem."""
    for number, part in enumerate(raw or ()):
        place = f"{where}[{number}]"
        try:
            yield model.model_validate(part), place
        except ValidationError as error:
            problems.append(Problem(where=place, message=_first(error)))


def _transport(word: str) -> Transport | None:
    return next((known for known in get_args(Transport) if known == word), None)


def _web(address: str | None) -> str | None:
    """Return a web address that is safe to link to, or None: it may be any text."""
    return address if address and address.lower().startswith(("https://", "http://")) and len(address) <= 500 else None


def _named(where: str, raw: Mapping[str, Any]) -> str:
    name = raw.get("name")
    return f"{where} {name[:100]!r}" if isinstance(name, str) else where


def _first(error: ValidationError) -> str:
    """Return the first thing that is wrong, without the text that it is about."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"])) or "it"
    return f"{place[:80]}: {first['msg'][:200]}"
