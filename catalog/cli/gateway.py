"""``catalog gateway``: stand between a client and its servers, and let through what a policy lets through."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import UsageError

EPILOG = """\b
Examples:
  catalog export truenas-ws-mcp --format json -o policy.json
  catalog gateway --policy policy.json -- truenas-ws-mcp
  catalog gateway --policy policy.json --url https://nas.lan/mcp --header 'Authorization: Bearer …'
  catalog gateway --policy policies.json --config mcp.json --listen 127.0.0.1:8080 --log audit.jsonl

In a client's configuration, put the gateway where the server's command was:
  "command": "catalog", "args": ["gateway", "--policy", "/path/policy.json", "--", "npx", "-y", "truenas-mcp"]

Exit codes: 0 the client has gone, 1 the policy, the log or a server cannot be used, 2 usage."""


def gateway(
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="The policy file (catalog export … --format json).")
    ],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="The server's command line.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address of a server that speaks HTTP.")] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME: VALUE", help="Send this to --url; repeat it for more."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Every server of an mcp.json; each needs a policy of its name."),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", metavar="HOST:PORT", help="Serve clients over HTTP at /mcp (default: this terminal's)."
        ),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", metavar="NAME", help="A name clients may reach --listen by, beside loopback."),
    ] = None,
    token_env: Annotated[
        str | None,
        typer.Option("--token-env", metavar="VARIABLE", help="Where the token is that clients of --listen must show."),
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
    otel: Annotated[
        bool, typer.Option("--otel", help="Send what was decided as OpenTelemetry spans (OTEL_… in the environment).")
    ] = False,
    counters: Annotated[
        str | None,
        typer.Option(
            "--counters",
            metavar="FILE|URL",
            help="Where calls are counted: a file, or postgresql://… (default: a file of yours).",
        ),
    ] = None,
) -> None:
    """Enforce a policy between MCP clients and servers.

    What the policy does not name is denied. A tool whose definition is not the one that the policy was made for is
    withheld. A changed policy file counts at once.
    """
    if sum((bool(command), url is not None, config is not None)) != 1:
        raise UsageError("name one server: catalog gateway --policy FILE -- COMMAND, or --url URL, or --config FILE")
    if header and url is None:
        raise UsageError("--header goes with --url")
    if (allowed_host or token_env) and listen is None:
        raise UsageError("--allowed-host and --token-env go with --listen")
    from catalog.cli import gatewaying as wiring

    _end_on_signal()
    with wiring.environment(log, counters, logs_arguments=log_arguments, otel=otel) as around:
        guards = wiring.Guards(policy, around)
        if command and listen is None:
            wiring.run_pipes(command, guards.one(server))
            return
        if config is not None:
            served = wiring.of_config(config, guards)
        else:
            served = [wiring.of_server(command or (), url, header or (), guards.one(server))]
        wiring.run(served, wiring.front(listen, allowed_host or (), token_env))


def _end_on_signal() -> None:
    """Have SIGTERM end the gateway in order, with the servers that it started."""
    import signal

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
