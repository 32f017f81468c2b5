"""``catalog cache``: unpacked packages that are kept to be used again, and the compiled modules they share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from catalog.install.environments import Pruned
    from catalog.install.trees import Size

INFO_EPILOG = """\b
Examples:
  catalog cache info
  catalog cache info --json"""
PRUNE_EPILOG = """\b
Examples:
  catalog cache prune                   (what is too old to be used again, and what is beyond 20 GiB)
  catalog cache prune --keep-mib 2000   (until the rest takes 2,000 MiB, least recently used first)
  catalog cache prune --idle-days 3"""
CLEAN_EPILOG = """\b
Examples:
  catalog cache clean"""

DAY = 24 * 3600.0

app = typer.Typer(help="Unpacked packages that are kept to be used again.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog=INFO_EPILOG)
def info(json_: Json = False) -> None:
    """Say what is kept, and how much disk it takes: hard links to uv's cache take none."""
    from catalog.cli.console import out, print_json
    from catalog.cli.wiring import package_cache, settings

    contents = package_cache().contents()
    folder = str(settings().cache)
    sizes = {
        "environments": contents.environments_size,
        "bytecode": contents.layers_size,
        "total": contents.total,
    }
    if json_:
        counts = {
            "environments": contents.environments,
            "in_use": contents.in_use,
            "packages": contents.packages,
            "layers": contents.layers,
        }
        bytes_ = {name: _bytes(size) for name, size in sizes.items()}
        print_json({"folder": folder, "counts": counts, "bytes": bytes_})
        return
    from rich.table import Table
    from rich.text import Text

    counts_of = {
        "environments": f"{contents.environments} of {contents.packages} packages, {contents.in_use} in use",
        "bytecode": f"{contents.layers} modules and packages",
        "total": "",
    }
    table = Table(box=None, pad_edge=False)
    for name in (folder, "", "apparent", "on disk"):
        table.add_column(Text(name), justify="right" if name in ("apparent", "on disk") else "left")
    for name, size in sizes.items():
        table.add_row(name, counts_of[name], _mib(size.apparent), _mib(size.real))
    out().print(table)


@app.command(epilog=PRUNE_EPILOG)
def prune(
    keep_mib: Annotated[
        int | None, typer.Option("--keep-mib", min=0, metavar="MIB", help="What may stay (default: 20,480).")
    ] = None,
    idle_days: Annotated[
        float | None,
        typer.Option("--idle-days", min=0, metavar="DAYS", help="Delete what was not used for so long (default: 14)."),
    ] = None,
    json_: Json = False,
) -> None:
    """Delete what was not used for long; nothing that a running crawl uses."""
    from catalog.cli.wiring import package_cache
    from catalog.sandbox.base import MIB

    most = None if keep_mib is None else keep_mib * MIB
    _tell(package_cache().prune(most, None if idle_days is None else idle_days * DAY), as_json=json_)


@app.command(epilog=CLEAN_EPILOG)
def clean(json_: Json = False) -> None:
    """Delete everything that is kept; the next sync unpacks it again."""
    from catalog.cli.wiring import package_cache

    _tell(package_cache().clean(), as_json=json_)


def _tell(pruned: "Pruned", *, as_json: bool) -> None:
    if as_json:
        from catalog.cli.console import print_json

        print_json({"deleted": pruned.environments, "bytes": _bytes(pruned.size), "left": pruned.left})
        return
    typer.echo(f"deleted {pruned.environments} environments ({_mib(pruned.size.real)}), {pruned.left} are left")


def _bytes(size: "Size") -> dict[str, int]:
    return {"apparent": size.apparent, "real": size.real}


def _mib(size: int) -> str:
    from catalog.sandbox.base import MIB

    return f"{size / MIB:,.1f} MiB"
