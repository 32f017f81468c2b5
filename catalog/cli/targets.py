"""What the command line names: known servers, packages, addresses, bundles, images, sources, files, a command."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import InputError, UsageError

if TYPE_CHECKING:
    from catalog.model import ServerRef
    from catalog.sources.known import KnownServers
    from catalog.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one command line asks to look at."""

    words: Sequence[str] = ()
    command: tuple[str, ...] | None = None
    """What stands after ``--``."""
    known: bool = False
    clients: bool = False
    """The configurations of the clients of this machine."""
    configs: Sequence[Path] = ()
    """Client configuration files."""
    use_secrets: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def named_targets(wanted: Wanted, knowledge: "KnownServers") -> "tuple[list[Target], list[str]]":
    """Return the servers that are asked for, each once, and what was left out of client files; nothing is run.

    Raises: UsageError for a word that names nothing, and for two words that name one server; InputError for a client
        file that is named and cannot be read.
    """
    from catalog.origin import Remote
    from catalog.sources.commands import command_server
    from catalog.target import Target

    servers = [server for word in wanted.words for server in _named(word, knowledge)]
    if wanted.known:
        servers += knowledge.servers
    if wanted.command is not None:
        servers.append(command_server(wanted.command))
    found = [
        # Headers are for the address that was typed beside them.
        Target(
            server=server,
            environment=wanted.environment,
            headers=wanted.headers if isinstance(server.origin, Remote) else {},
        )
        for server in servers
    ]
    targets: dict[str, Target] = {}
    for target in found:
        same = targets.setdefault(target.server.slug, target)
        if same.server.origin != target.server.origin:
            raise UsageError(
                f"{str(same.server.origin)!r} and {str(target.server.origin)!r} are one server; "
                "sync one after the other"
            )
    configured, notes = _configured(wanted, knowledge)
    for target in configured:
        same = targets.setdefault(target.server.slug, target)
        if same.server.origin != target.server.origin:
            # Clients often name one package at two versions: no reason to look at none of the others.
            notes.append(f"{target.server.origin} is named as {same.server.origin}, too; only that one is looked at")
    return list(targets.values()), notes


def _named(word: str, knowledge: "KnownServers") -> "Iterable[ServerRef]":
    from catalog.sources.bundles import bundle_server, parse_bundle
    from catalog.sources.images import image_server, parse_image
    from catalog.sources.packages import package_server, parse_package
    from catalog.sources.remote import parse_remote, remote_server
    from catalog.sources.source_tree import parse_source, source_server

    if package := parse_package(word):
        return [knowledge.of_package(package) or package_server(package)]
    if remote := parse_remote(word):
        return [remote_server(remote)]
    if bundle := parse_bundle(word):
        return [bundle_server(bundle)]
    if image := parse_image(word):
        return [image_server(image)]
    if source := parse_source(word):
        return [source_server(source)]
    return knowledge.resolve(word)


def _configured(wanted: Wanted, knowledge: "KnownServers") -> "tuple[list[Target], list[str]]":
    """Return the servers of client files, known ones by their own slug, and notes on what was left out."""
    from catalog.origin import Package
    from catalog.sources.client_config import read_client_file

    found = _client_files() if wanted.clients else []
    targets: list[Target] = []
    notes: list[str] = []
    for file in (*wanted.configs, *found):
        try:
            config = read_client_file(file, use_secrets=wanted.use_secrets)
        except InputError as error:
            if file in wanted.configs:
                raise
            notes.append(str(error))  # one broken file of a client is no reason to leave out the others
            continue
        notes += [f"{config.client} ({file}): {problem.where}: {problem.message}" for problem in config.problems]
        for target in config.targets:
            origin = target.server.origin
            known = knowledge.of_package(origin) if isinstance(origin, Package) else None
            server = replace(known, arguments=target.server.arguments or known.arguments) if known else target.server
            targets.append(replace(target, server=server, environment={**wanted.environment, **target.environment}))
    return targets, notes


def _client_files() -> list[Path]:
    import sys

    from catalog.sources.client_files import find_client_files

    found = find_client_files(Path.home(), Path.cwd(), os.environ, sys.platform)
    if not found:
        raise UsageError("no configuration of an MCP client was found here; name one: catalog sync --config FILE")
    return [file.path for file in found]
