"""``catalog gateway``: stand between a client and its servers, and let through what a policy lets through."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from catalog.counters.base import Counters
    from catalog.gateway.session import Services

EPILOG = """\b
Examples:
  catalog export truenas-ws-mcp --format json -o policy.json
  catalog gateway --policy policy.json -- truenas-ws-mcp
  catalog gateway --policy policy.json --log audit.jsonl -- npx -y truenas-mcp

In a client's configuration, put the gateway where the server's command was:
  "command": "catalog", "args": ["gateway", "--policy", "/path/policy.json", "--", "npx", "-y", "truenas-mcp"]

Exit codes: 0 the client has gone, 1 the policy, the log or the server cannot be used, 2 usage."""


def gateway(
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="The policy file (catalog export … --format json).")
    ],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="The server's command line.")
    ] = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="NAME", help="Whose policy in the file (default: its only one).")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="Append what was decided, as JSON lines.")
    ] = None,
    log_arguments: Annotated[
        bool, typer.Option("--log-arguments", help="Log arguments as they are; they can hold secrets.")
    ] = False,
    counters: Annotated[
        str | None,
        typer.Option(
            "--counters",
            metavar="FILE|URL",
            help="Where calls are counted: a file, or postgresql://… for several machines (default: in your data folder).",
        ),
    ] = None,
) -> None:
    """Enforce a policy between an MCP client and a server.

    What the policy does not name is denied. A tool whose definition is not the one that the policy was made for is
    withheld. A changed policy file counts at once.
    """
    if not command:
        raise UsageError("name the server's command: catalog gateway --policy FILE -- COMMAND")
    from catalog.counters.base import CountersUnavailable
    from catalog.gateway.guard import Guard
    from catalog.gateway.stdio import StdioGateway

    try:
        counting = _counters(counters)
    except CountersUnavailable as error:
        raise CatalogError(f"{error}. Name another place with --counters") from error
    services = _services(policy, server, log, log_arguments=log_arguments, counters=counting)
    _end_on_signal()
    try:
        StdioGateway(command, Guard(services)).run()
    except OSError as error:
        raise CatalogError(f"cannot start the server {command[0]!r}: {error.strerror}; name its command") from error


def _end_on_signal() -> None:
    """Have SIGTERM end the gateway in order, with the server that it started."""
    import signal

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def _services(
    policy: Path, server: str | None, log: Path | None, *, log_arguments: bool, counters: "Counters"
) -> "Services":
    from datetime import UTC, datetime

    from catalog.gateway.approvals import Seals
    from catalog.gateway.audit import AuditLog, NoAudit
    from catalog.gateway.policyfile import PolicyFile
    from catalog.gateway.session import Services

    return Services(
        policy=PolicyFile(policy).of(server),
        counters=counters,
        audit=AuditLog(log) if log else NoAudit(),
        seals=Seals(),
        now=lambda: datetime.now(UTC),
        logs_arguments=log_arguments,
    )


def _counters(place: str | None) -> "Counters":
    if place and place.startswith(("postgresql://", "postgres://")):
        from catalog.counters.postgresql import PostgresqlCounters

        return PostgresqlCounters(place)
    from catalog.counters.sqlite import SqliteCounters
    from catalog.settings import counters_path

    return SqliteCounters(Path(place) if place else counters_path())
