"""Where an export goes: files, settings that are there already, or the terminal; and what is told about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from catalog.policy.least import Stopped
    from catalog.policy.target import Export, ExportFile, Unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where to, and how."""

    format: str
    to: str | None = None
    """A file, or a folder; None for stdout."""
    merge: bool = False
    dry_run: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What becomes of one file."""

    path: Path
    before: str
    after: str


def deliver(export: "Export", output: Output, *, notes: Sequence[str], stopped: "Sequence[Stopped]") -> None:
    """Write or print an export and tell what it could not say. Raises: UsageError, CatalogError."""
    changes, remarks = _changes(export, output)
    if not output.dry_run:
        for change in changes:
            _write(change)
    told = [*export.requires, *notes, *remarks]
    if output.as_json:
        _print_json(export, output, changes, told, stopped)
        return
    if output.to is None:
        _print_files(export.files)
    elif output.merge or output.dry_run:
        _print_changes(changes)
    _print_notes(told)
    _print_stopped(stopped)
    _print_unsupported(export.unsupported, output.format)


def _changes(export: "Export", output: Output) -> tuple[list[_Change], list[str]]:
    """Return what becomes of each file, and remarks on it."""
    if output.to is None:
        return [], []
    changes: list[_Change] = []
    remarks: list[str] = []
    for file, path in zip(export.files, _places(export, output.to), strict=True):
        if not (output.merge or output.dry_run):
            changes.append(_Change(path=path, before="", after=file.text))
            continue
        from catalog.export.merge import merge, mergeable
        from catalog.export.settings_files import read_settings

        before = read_settings(path)
        after = merge(before, file, output.format) if output.merge else file.text
        if output.merge and before and not mergeable(file, output.format):
            remarks.append(f"{path} is not made for merging: it is replaced as a whole")
        changes.append(_Change(path=path, before=before, after=after))
    return changes, remarks


def _places(export: "Export", to: str) -> list[Path]:
    """Return where each file goes. Raises: UsageError where several have one place."""
    folder = Path(to)
    if not (to.endswith("/") or folder.is_dir()):
        if len(export.files) > 1:
            names = ", ".join(file.filename for file in export.files)
            raise UsageError(f"this export has {len(export.files)} files; name a folder: -o {to}/ (for {names})")
        if not folder.parent.is_dir():
            raise CatalogError(f"cannot write {to!r}: there is no folder {str(folder.parent)!r}; make it, or change -o")
        return [folder]
    for file in export.files:
        parts = PurePosixPath(file.filename)
        if parts.is_absolute() or ".." in parts.parts or "\\" in file.filename:
            raise CatalogError(f"the file {file.filename!r} would not be inside {to!r}; export without -o to see it")
    return [folder / file.filename for file in export.files]


def _write(change: _Change) -> None:
    """Write a file as a whole, or leave it as it was; a device or a pipe is written to and not replaced."""
    from catalog.export.settings_files import write_settings

    try:
        if change.path.exists() and not change.path.is_file() and not change.path.is_dir():
            change.path.write_text(change.after, encoding="utf-8")
            return
    except OSError as error:
        raise CatalogError(f"cannot write {str(change.path)!r}: {error.strerror}; write elsewhere with -o") from error
    write_settings(change.path, change.after)


def _print_files(files: "Sequence[ExportFile]") -> None:
    for file in files:
        if len(files) > 1:
            typer.echo(f"==> {file.filename} <==")
        typer.echo(file.text, nl=not file.text.endswith("\n"))


def _print_changes(changes: Sequence[_Change]) -> None:
    from catalog.export.merge import diff
    from catalog.terminal import visible

    for change in changes:
        shown = diff(change.before, change.after, str(change.path))
        typer.echo(visible(shown) if shown else f"{change.path}: nothing changes", nl=not shown)


def _print_json(
    export: "Export", output: Output, changes: Sequence[_Change], notes: Sequence[str], stopped: "Sequence[Stopped]"
) -> None:
    import json
    from dataclasses import asdict

    from catalog.cli.console import print_json

    first = export.files[0]
    printed: dict[str, object] = {
        "policy": json.loads(first.text) if first.filename.endswith(".json") else first.text,
        "filename": first.filename,
        "files": [asdict(file) for file in export.files],
        "unsupported": [asdict(note) for note in export.unsupported],
        "notes": list(notes),
        "stopped": [
            {"line": one.call.line, "tool": one.call.tool, "decision": one.decision, "reason": one.reason}
            for one in stopped
        ],
    }
    if output.merge or output.dry_run:
        from catalog.export.merge import diff

        printed["changes"] = [
            {"path": str(one.path), "diff": diff(one.before, one.after, str(one.path))} for one in changes
        ]
    print_json(printed)


def _print_notes(told: Sequence[str]) -> None:
    from catalog.cli.console import notes
    from catalog.terminal import visible_name

    for note in told:
        notes().print(visible_name(note), markup=False, style="yellow", soft_wrap=True)


def _print_stopped(stopped: "Sequence[Stopped]") -> None:
    """Print which calls of a log do not get through, one row for all that meet with the same."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in stopped:
        groups.setdefault((one.decision, one.reason, one.call.tool), []).append(str(one.call.line))
    rows = [(decision, tool, reason, _few(lines, ", ", _LINES)) for (decision, reason, tool), lines in groups.items()]
    if rows:
        _print_table("What the log shows as called and this policy does not let through:", _STOPPED, rows)


def _print_unsupported(unsupported: "Sequence[Unsupported]", target: str) -> None:
    """Print what was written more strictly, one row for all entries that met with the same."""
    groups: dict[tuple[str, str], list[str]] = {}
    for note in unsupported:
        groups.setdefault((note.wanted, note.written), []).append(note.key)
    rows = [(wanted, written, _few(keys, "\n", _KEYS)) for (wanted, written), keys in groups.items()]
    if rows:
        title = f"What {target} cannot express is written more strictly (all of it: --json):"
        _print_table(title, ("Wanted", "Written instead", "For"), rows)


_STOPPED = ("Decision", "Tool", "Why", "Lines")
_KEYS = 3
"""Entries named in a row; ``--json`` has them all."""
_LINES = 5


def _few(items: Sequence[str], between: str, most: int) -> str:
    from catalog.terminal import visible_name

    shown = [visible_name(item) for item in items[:most]]
    return between.join([*shown, *([f"and {len(items) - most} more"] if len(items) > most else [])])


def _print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import notes
    from catalog.terminal import visible_name

    table = Table(box=None, pad_edge=False, expand=True)
    for place, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", ratio=2 if place == len(headings) - 1 else 1)
    for row in rows:
        *cells, last = row
        table.add_row(*(Text(visible_name(cell)) for cell in cells), Text(last))
    notes().print(title)
    notes().print(table)
