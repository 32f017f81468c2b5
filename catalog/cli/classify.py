"""``catalog classify``: judge the tools of a file, without a server and without the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.tool_lists import ToolRow
    from classifier.verdict import Classification

    Judged = tuple[ToolRow, Classification]

EPILOG = """\b
Examples:
  catalog classify tools.json
  catalog classify --jsonl tools.jsonl > verdicts.jsonl
  some-client tools/list | catalog classify -

A row of JSONL, or of an array, is a tool as tools/list gives it; `server` groups rows into one server, in whose context
they are read, and `id` is given back. A row that is no tool is given back with an `error`, and the exit code is 1."""


def classify(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A tools/list result, a JSON array or JSONL; - is stdin.")
    ],
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
) -> None:
    """Classify the tools of a file: category, severity, recoverability, risk and the recommended decision."""
    if json_ and jsonl:
        raise UsageError("--json and --jsonl exclude each other; choose one")
    from catalog.tool_lists import parse_rows

    rows, rejected = parse_rows(_read(file), "stdin" if file == "-" else repr(file))
    if not rows and rejected:
        raise InputError(rejected[0].message)
    judged = _judge(rows)
    if json_:
        from catalog.cli.console import print_json

        print_json(
            [_json(row, verdict) for row, verdict in judged]
            + [{"id": row.id, "error": row.message} for row in rejected]
        )
    elif jsonl:
        import json

        for row, verdict in judged:
            typer.echo(json.dumps(_json(row, verdict)))
        for refused in rejected:
            typer.echo(json.dumps({"id": refused.id, "error": refused.message}))
    else:
        _print_table(judged)
    if rejected:
        told = f"; {len(rejected) - 1} more" if len(rejected) > 1 else ""
        raise InputError(f"{rejected[0].message}{told}; the other {len(rows)} were judged")


def _read(file: str) -> str:
    import sys

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file!r}: {error.strerror}; name a file with tools, or - for stdin") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file!r} is not UTF-8 text (byte {error.start}); save it as UTF-8 JSON") from error


def _judge(rows: "Sequence[ToolRow]") -> "list[Judged]":
    """Judge each row in the context of its server, keeping the order of the rows."""
    from catalog.rules import load_ruleset
    from classifier.classify import classify_server

    servers: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        servers.setdefault(row.server, []).append(position)
    ruleset = load_ruleset()
    verdicts: dict[int, Classification] = {}
    for positions in servers.values():
        found = classify_server(ruleset, [rows[position].tool for position in positions])
        verdicts.update(zip(positions, found, strict=True))
    return [(row, verdicts[position]) for position, row in enumerate(rows)]


def _json(row: "ToolRow", verdict: "Classification") -> dict[str, object]:
    from dataclasses import asdict

    from catalog.cli.verdicts import verdict_json

    return {
        "id": row.id,
        "server": row.server,
        "name": row.tool.name,
        **verdict_json(verdict),
        "evidence": [asdict(one) for one in verdict.evidence],
    }


def _print_table(judged: "Sequence[Judged]") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.observations import RISK_STYLES
    from catalog.policy.recommend import decide
    from catalog.terminal import visible_name

    table = Table(box=None, pad_edge=False)
    with_server = any(row.server for row, _ in judged)
    columns = ("Tool", "Category", "Severity", "Undo", "Risk", "Confidence", "Decision", "Traits")
    for name in ("Server", *columns) if with_server else columns:
        table.add_column(name, justify="right" if name == "Confidence" else "left", overflow="fold")
    for row, verdict in judged:
        table.add_row(
            *([Text(visible_name(row.server))] if with_server else []),
            Text(visible_name(row.tool.name)),
            verdict.category.value,
            verdict.severity.label,
            verdict.recoverability.value,
            Text(verdict.risk.label, style=RISK_STYLES[verdict.risk.label]),
            f"{verdict.confidence:.2f}",
            decide(verdict).value,
            ", ".join((*verdict.traits, *(f"! {finding}" for finding in verdict.findings))) or "-",
        )
    out().print(table)
