"""``catalog export``: a server's recommended policy in the syntax of the gateway or client that enforces it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.policy.model import Policy
    from catalog.policy.target import Exporter, Expresses, Unsupported

EPILOG = """\b
Examples:
  catalog export truenas-ws-mcp -o policy.json
  catalog export truenas-mcp --tool api_key_create
  catalog export truenas-mcp --tool truenas/system/api_key_create --json
  catalog export --format list"""


def export(
    server: Annotated[str | None, typer.Argument(help="A server's slug (catalog list).")] = None,
    tool: Annotated[
        str | None, typer.Option("--tool", metavar="NAME", help="Only this tool, action, or entry's key.")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="The target; `list` tells what each can express.")
    ] = "policylayer",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here instead of to stdout.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON: policy, filename, unsupported.")] = False,
) -> None:
    """Export the recommended policy of a server, or of one of its tools.

    What the target cannot express is written more strictly, never more loosely, and listed on stderr.
    """
    if format_ == "list":
        _list_formats(as_json=json_)
        return
    if server is None:
        raise UsageError("name a server: catalog export SERVER. All: catalog list")
    import json
    from dataclasses import asdict

    from catalog.cli.console import print_json

    exported = _exporter(format_).export(_recommended(server, tool))
    if output is not None:
        _write(output, exported.text)
    if json_:
        unsupported = [asdict(note) for note in exported.unsupported]
        print_json({"policy": json.loads(exported.text), "filename": exported.filename, "unsupported": unsupported})
        return
    if output is None:
        typer.echo(exported.text, nl=False)
    _print_unsupported(exported.unsupported, format_)


def _recommended(slug: str, tool: str | None) -> "Policy":
    from catalog.cli.lookup import find_entry, find_server
    from catalog.cli.wiring import open_view
    from catalog.policy.recommend import recommend
    from catalog.policy.selection import only

    with open_view() as view:
        server = find_server(view, slug)
        if server.listing is None:
            raise UsageError(f"{slug!r} has never been listed, so there is nothing to recommend. {server.latest.hint}")
        entries = view.entries(server.slug)
    policy = recommend(server.slug, entries)
    return policy if tool is None else only(policy, [find_entry(server.slug, entries, tool).key])


def _exporter(name: str) -> "Exporter":
    from catalog.export.registry import exporters

    known = exporters()
    if name not in known:
        raise UsageError(f"there is no format {name!r}; choose one of: {', '.join(known)}")
    return known[name]


def _list_formats(*, as_json: bool) -> None:
    from rich.table import Table

    from catalog.cli.console import out, print_json
    from catalog.export.registry import exporters

    known = exporters().values()
    if as_json:
        print_json([{"format": e.format, "title": e.title, **_abilities(e.expresses)} for e in known])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Format", "Target", "Tools", "Actions", "Limits", "Approval"):
        table.add_column(heading)
    for exporter in known:
        can = exporter.expresses
        marks = ("yes" if able else "-" for able in (can.tools, can.arguments, can.limits, can.approval))
        table.add_row(exporter.format, exporter.title, *marks)
    out().print(table)


def _abilities(expresses: "Expresses") -> dict[str, object]:
    from dataclasses import asdict

    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(expresses).items()}


def _print_unsupported(unsupported: "Sequence[Unsupported]", target: str) -> None:
    """Print what was written more strictly, one row for all entries that met with the same."""
    if not unsupported:
        return
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import notes
    from catalog.terminal import visible_name

    groups: dict[tuple[str, str], list[str]] = {}
    for note in unsupported:
        groups.setdefault((note.wanted, note.written), []).append(note.key)
    table = Table(box=None, pad_edge=False, expand=True)
    for heading in ("Wanted", "Written instead", "For"):
        table.add_column(heading, overflow="fold", ratio=2 if heading == "For" else 1)
    for (wanted, written), keys in groups.items():
        shown = [*keys[:_SHOWN], *([f"and {len(keys) - _SHOWN} more"] if len(keys) > _SHOWN else [])]
        table.add_row(
            Text(visible_name(wanted)), Text(visible_name(written)), Text("\n".join(map(visible_name, shown)))
        )
    console = notes()
    console.print(f"What {target} cannot express is written more strictly (all of it: --json):")
    console.print(table)


_SHOWN = 3
"""Entries named in a row; ``--json`` has them all."""


def _write(path: Path, text: str) -> None:
    """Write all of ``text`` or leave the file as it was. Raises: CatalogError where it cannot be written."""
    import os
    from contextlib import suppress

    target = path.resolve()
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")  # a device or a pipe must not be replaced by a file
            return
        new.write_text(text, encoding="utf-8")
        new.replace(target)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise CatalogError(f"cannot write {str(path)!r}: {error.strerror}. Choose another place with -o") from error
