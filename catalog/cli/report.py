"""Print or write what a crawl amounts to (catalog.crawl.report)."""

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import CatalogError

if TYPE_CHECKING:
    from catalog.crawl.report import Looked, Tally


def print_report(tally: "Tally") -> None:
    """Print outcomes by reason, rungs that rescued, the slowest servers, and where tools are new or changed."""
    from rich.text import Text

    from catalog.cli.console import out

    console = out()
    lines = [
        ("outcomes", _counts(tally.outcomes())),
        ("rescued by", _counts(tally.rescues())),
        ("slowest", ", ".join(f"{one.server.slug} {one.seconds:.1f} s" for one in tally.slowest()[:5])),
    ]
    changed = [one for one in tally.looked if one.changes.added or one.changes.changed or one.changes.removed]
    if changed:
        added, other, removed = (
            sum(len(getattr(one.changes, kind)) for one in changed) for kind in ("added", "changed", "removed")
        )
        servers = f"{len(changed)} server{'' if len(changed) == 1 else 's'}"
        lines.append(("tools", f"{added} new, {other} changed, {removed} gone on {servers}"))
    console.print()
    for name, text in lines:
        if text:
            console.print(Text(f"{name:<11}", style="bold").append(text, style="not bold"), soft_wrap=True)


def write_report(tally: "Tally", file: Path) -> None:
    """Write the report as JSON. Raises: CatalogError where the file cannot be written."""
    import json

    document = {
        "outcomes": dict(tally.outcomes()),
        "rescued": dict(tally.rescues()),
        "slowest": [{"server": one.server.slug, "seconds": round(one.seconds, 3)} for one in tally.slowest()],
        "servers": [_server(one) for one in tally.looked],
    }
    try:
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CatalogError(
            f"the report {str(file)!r} cannot be written ({error.strerror}); name another file"
        ) from error


def _counts(counts: "dict[str, int]") -> str:
    return ", ".join(
        f"{number} {name.replace('_', ' ')}" for name, number in sorted(counts.items(), key=lambda pair: -pair[1])
    )


def _server(one: "Looked") -> dict[str, object]:
    return {
        "server": one.server.slug,
        "origin": str(one.server.origin),
        "outcome": one.kind,
        "reason": one.reason,
        "note": one.note,
        "detail": one.detail,
        "version": one.version,
        "tools": one.tools,
        "actions": one.actions,
        "seconds": round(one.seconds, 3),
        "rungs": [f"{rung.name}:{rung.result}" for rung in one.rungs],
        "added": one.changes.added,
        "changed": one.changes.changed,
        "removed": one.changes.removed,
    }
