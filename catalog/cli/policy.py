"""``catalog policy``: check a policy file, run calls through it, and prove what is exported with the real engines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.policy.least import LoggedCall
    from catalog.policy.model import Policy
    from catalog.policy.review import Doubt
    from catalog.verify.proof import Proof
    from catalog.verify.simulate import Simulated

SIMULATE_EPILOG = """\b
Examples:
  catalog policy simulate policy.json --tool list_alerts
  catalog policy simulate truenas-mcp --tool truenas --arguments '{"action": "pool_delete"}'
  catalog policy simulate policy.json calls.jsonl --json
  catalog policy simulate github calls.jsonl --profile hardened --set allowed_hosts=api.github.com

A line of calls.jsonl: {"tool": "fetch", "arguments": {"url": "https://example.org"}, "time": "2026-01-31T12:00:00Z"}
Also `session`, and `server` where the file has several. What wants approval counts as approved."""
VERIFY_EPILOG = """\b
Examples:
  catalog policy verify truenas-mcp --format toolhive
  catalog policy verify truenas-mcp github slack --format all --profile hardened --json
  catalog policy verify policy.json --format opa

Exit codes: 0 every decision is equal, or stricter as listed; 1 something is looser, or stricter without being
listed, or an engine refuses the export; 2 usage; 3 as 0, but an engine could not be asked."""
CHECK_EPILOG = """\b
Examples:
  catalog policy check policy.json
  catalog policy check policy.json --strict --json

Exit codes: 0 a policy file (doubts are only warnings), 1 it is none, or with --strict something is doubtful."""
SCHEMA_EPILOG = """\b
Examples:
  catalog policy schema > policy.schema.json"""

app = typer.Typer(
    help="Check a policy file, run calls through it, and prove exports with the real engines.", no_args_is_help=True
)

Profile = Annotated[str, typer.Option("--profile", metavar="NAME", help="observe, baseline or hardened.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE[,VALUE]", help="Fill in a parameter of the profile."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog=SIMULATE_EPILOG)
def simulate(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A policy file, or a server's slug.")],
    calls: Annotated[Path | None, typer.Argument(metavar="CALLS", help="Calls as JSON lines; - for stdin.")] = None,
    tool: Annotated[str | None, typer.Option("--tool", metavar="NAME", help="One call, of this tool.")] = None,
    arguments: Annotated[str, typer.Option("--arguments", metavar="JSON", help="The arguments of that call.")] = "{}",
    server: Annotated[str | None, typer.Option("--server", help="Which, where the file has several.")] = None,
    profile: Profile = "baseline",
    set_: Set = None,
    json_: Json = False,
) -> None:
    """Say what a policy decides about calls, and why."""
    from datetime import UTC, datetime

    from catalog.counters.sqlite import SqliteCounters
    from catalog.verify.simulate import simulate as run

    asked = _asked(calls, tool, arguments)
    decided = _policy(policy, server, profile, set_ or [])
    foreign = [one for one in asked if one.server is not None and one.server != decided.server]
    counters = SqliteCounters(Path(":memory:"))
    try:
        mine = [one for one in asked if one.server in {None, decided.server}]
        done = tuple(run(decided, mine, counters, datetime.now(UTC)))
    finally:
        counters.close()
    if json_:
        from catalog.cli.console import print_json

        print_json([_simulated_json(one) for one in done])
    else:
        _print_simulated(done)
    if foreign:
        typer.echo(f"{len(foreign)} calls are for other servers than {decided.server!r} and were left out", err=True)


@app.command(epilog=VERIFY_EPILOG)
def verify(
    servers: Annotated[list[str], typer.Argument(metavar="SERVER…", help="Servers' slugs, or policy files.")],
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="A format, or `all`.")],
    profile: Profile = "baseline",
    set_: Set = None,
    near: Annotated[
        int | None,
        typer.Option("--near", min=0, help="Near misses for only so many rules of each decision (default: all)."),
    ] = None,
    json_: Json = False,
) -> None:
    """Ask the engines that enforce exported policies about every tool and action, and near misses, and compare.

    What is stricter must be listed in the export's `unsupported`; nothing may be looser.
    """
    from catalog.cli.proofs import print_proofs, proof_json

    proofs = _prove(servers, format_, profile, set_ or [], near)
    if json_:
        from catalog.cli.console import print_json

        print_json([proof_json(proof) for proof in proofs])
    else:
        print_proofs(proofs)
    if any(proof.failed for proof in proofs):
        raise typer.Exit(1)
    if any(proof.not_asked for proof in proofs):
        raise typer.Exit(3)


@app.command(epilog=CHECK_EPILOG)
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 where something is doubtful.")] = False,
    json_: Json = False,
) -> None:
    """Check a policy file: its form, and with the catalogue whether its names are those of the server."""
    from dataclasses import asdict

    from catalog.cli.policyfiles import known_entries, read_file
    from catalog.cli.wiring import open_view
    from catalog.policy.review import review

    policies = read_file(file)
    with open_view() as view:
        known = {server: known_entries(view, server) for server in policies}
    doubts = [doubt for policy in policies.values() for doubt in review(policy, known[policy.server])]
    strangers = [server for server, entries in known.items() if entries is None]
    if json_:
        from catalog.cli.console import print_json

        print_json({"doubts": [asdict(doubt) for doubt in doubts], "not_in_catalogue": strangers})
    else:
        from sitegen.words import count

        _print_doubts(doubts, strangers)
        rules = sum(len(policy.rules) for policy in policies.values())
        has = f"{count(rules, 'rule')} for {count(len(policies), 'server')}, {count(len(doubts), 'doubt')}"
        typer.echo(f"{file}: a policy file with {has}")
    if strict and doubts:
        raise typer.Exit(1)


@app.command(epilog=SCHEMA_EPILOG)
def schema() -> None:
    """Print the JSON Schema of the policy file."""
    from catalog.cli.console import print_json
    from catalog.policy.schema import schema as made

    print_json(made())


def _policy(named: str, server: str | None, profile: str, given: "Sequence[str]") -> "Policy":
    from catalog.cli.policyfiles import only_one, parameter_values, read_file, recommended
    from catalog.cli.wiring import open_view

    if Path(named).is_file():
        return only_one(read_file(Path(named)), server, named)
    with open_view() as view:
        return recommended(view, named, profile, parameter_values(given))[0]


def _asked(calls: Path | None, tool: str | None, arguments: str) -> "Sequence[LoggedCall]":
    import json
    import sys

    from catalog.policy.calllog import read_calls
    from catalog.policy.least import LoggedCall

    if (calls is None) is (tool is None):
        raise UsageError("name either a file of calls (- for stdin) or one call by --tool")
    if tool is not None:
        try:
            read = json.loads(arguments)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"--arguments is no JSON: {error}") from error
        if not isinstance(read, dict):
            raise UsageError(f"--arguments must be a JSON object, not {arguments!r}")
        return [LoggedCall(line=1, tool=tool, arguments=read)]
    try:
        text = sys.stdin.read() if str(calls) == "-" else Path(str(calls)).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {str(calls)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{str(calls)!r} is not UTF-8: byte {error.start}") from error
    log = read_calls(text.split("\n"))
    if log.unread:
        raise InputError(f"{str(calls)!r}, {log.unread[0]}")
    return log.calls


def _simulated_json(one: "Simulated") -> dict[str, object]:
    return {
        "tool": one.asked.tool,
        "arguments": one.asked.arguments,
        "time": one.time.isoformat(),
        "decision": str(one.decision),
        "reason": one.reason,
        "rules": [rule.key for rule in one.ruling.rules],
        "limits": [
            {"max": charge.limit.max, "window": charge.limit.window, "counts": charge.amount}
            for charge in one.ruling.charges
        ],
    }


def _print_simulated(done: "Sequence[Simulated]") -> None:
    import json

    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.policy.reason import rate
    from catalog.terminal import visible, visible_name

    table = Table(box=None, pad_edge=False)
    for heading in ("Decision", "Call", "Why", "Rules", "Limits"):
        table.add_column(heading, overflow="fold")
    for one in done:
        call = f"{visible_name(one.asked.tool)} {visible(json.dumps(one.asked.arguments)[:_SHOWN])}"
        rules = ", ".join(visible_name(rule.key) for rule in one.ruling.rules)
        limits = " and ".join(rate(charge.limit) for charge in one.ruling.charges)
        table.add_row(str(one.decision), Text(call), Text(visible(one.reason)), Text(rules), Text(visible(limits)))
    out().print(table)


_SHOWN = 120
"""Characters of a call's arguments that a table shows; ``--json`` has all."""


def _prove(
    servers: "Sequence[str]", format_: str, profile: str, given: "Sequence[str]", near: int | None
) -> "Sequence[Proof]":
    from catalog.cli.policyfiles import known_entries, parameter_values, read_file, recommended
    from catalog.cli.wiring import open_view
    from catalog.export.registry import exporters
    from catalog.verify.calls import derive
    from catalog.verify.engines.registry import engines
    from catalog.verify.proof import prove

    known = exporters()
    if format_ != "all" and format_ not in known:
        raise UsageError(f"there is no format {format_!r}; choose `all` or one of: {', '.join(known)}")
    values, chosen = parameter_values(given), []
    with open_view() as view:
        for server in dict.fromkeys(servers):
            if Path(server).is_file():
                policies = read_file(Path(server)).values()
                chosen += [(policy, known_entries(view, policy.server) or ()) for policy in policies]
            else:
                chosen.append(recommended(view, server, profile, values))
    return [
        proof
        for exporter in ([known[format_]] if format_ != "all" else known.values())
        for policy, entries in chosen
        for proof in prove(exporter, engines(exporter.format), policy, derive(policy, entries, near=near))
    ]


def _print_doubts(doubts: "Sequence[Doubt]", strangers: "Sequence[str]") -> None:
    from catalog.terminal import visible, visible_name

    for doubt in doubts:
        about = ": ".join(visible_name(part) for part in (doubt.server, doubt.about) if part)
        typer.echo(f"warning: {about}: {visible(doubt.message)}", err=True)
    for server in strangers:
        typer.echo(
            f"warning: {visible_name(server)}: the catalogue has no list of this server, so names were not checked; "
            "look at it: catalog sync",
            err=True,
        )
