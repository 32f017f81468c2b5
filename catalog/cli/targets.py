"""What the command line names: known servers, packages, and one command."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.errors import UsageError

if TYPE_CHECKING:
    from catalog.model import ServerRef
    from catalog.sources.known import KnownServers


def named_servers(
    targets: Sequence[str], command: tuple[str, ...] | None, knowledge: "KnownServers", *, known: bool
) -> "list[ServerRef]":
    """Return the servers that the command line names, each once, before anything is run.

    Raises: UsageError for a word that names nothing, and for two ways to reach one server.
    """
    from catalog.sources.commands import command_server
    from catalog.sources.packages import package_server, parse_package

    found: list[ServerRef] = []
    for target in targets:
        package = parse_package(target)
        found += [knowledge.of_package(package) or package_server(package)] if package else knowledge.resolve(target)
    if known:
        found += knowledge.servers
    if command is not None:
        found.append(command_server(command))
    servers: dict[str, ServerRef] = {}
    for server in found:
        same = servers.setdefault(server.slug, server)
        if same.origin != server.origin:
            raise UsageError(
                f"{str(same.origin)!r} and {str(server.origin)!r} are one server; sync one after the other"
            )
    return list(servers.values())
