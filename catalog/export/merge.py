"""Put an export into settings that are already there: only what an earlier export wrote is replaced, all else stays.

How the command line uses it, for each file of an export (``Export.files``)::

    path = folder / file.filename
    before = read_settings(path)                # catalog.export.settings_files; "" where there is no file yet
    after = merge(before, file, format_)        # the whole new text; before == after where nothing is to do
    print(diff(before, after, str(path)))       # a unified diff; "" where nothing changes
    write_settings(path, after)                 # all or nothing

Merging is idempotent: ``merge(merge(x, file, f), file, f) == merge(x, file, f)``. Any file of any format
can be given; of a file that is not settings of a client (``mergeable`` says which), the export's text is the result.
``catalog-policy.json``, which the hook program reads, is merged too: policies of other servers stay.

What counts as an earlier export's: rules on the tools of the export's servers, and hooks that run ``catalog hook`` for
them. Pure: reading and writing are in catalog.export.settings_files.
"""

import difflib
from collections.abc import Callable, Mapping

from catalog.export.merging_json import (
    merge_claude_settings,
    merge_copilot_hooks,
    merge_cursor_hooks,
    merge_cursor_list,
    merge_policies,
    merge_servers,
)
from catalog.export.merging_toml import merge_codex
from catalog.policy.target import ExportFile

_MERGED: Mapping[tuple[str, str], Callable[[str, str, str], str]] = {
    ("claude-code", "settings.json"): merge_claude_settings,
    ("codex", "config.toml"): merge_codex,
    ("copilot-cli", "mcp-config.json"): merge_servers,
    ("copilot-cli", "catalog.json"): merge_copilot_hooks,
    ("cursor", "hooks.json"): merge_cursor_hooks,
    ("cursor", "permissions.json"): merge_cursor_list,
    ("fastmcp", "mcp.json"): merge_servers,
    ("gemini-cli", "settings.json"): merge_servers,
}
"""What merges a file's text, the export's text and the file's name, by format and the last part of the name."""

_POLICIES = "catalog-policy.json"


def mergeable(file: ExportFile, format_: str) -> bool:
    """Say whether ``merge`` keeps what is in an existing file; else it is replaced as a whole."""
    return _merger(file, format_) is not None


def merge(existing: str, exported: ExportFile, format_: str) -> str:
    """Return the text of a settings file with the export in it; an empty ``existing`` is no file yet.

    Rules for the servers of the export that an earlier export wrote are replaced, and its hook; all else stays, with
    comments and order in TOML. Raises: InputError where ``existing`` is broken, has another shape than the client's
    settings, or is JSON with comments, which could not be kept; it names the place.
    """
    merger = _merger(exported, format_)
    if merger is None or not existing.strip():
        return exported.text
    return merger(existing, exported.text, exported.filename)


def diff(before: str, after: str, name: str) -> str:
    """Return what changes as a unified diff of the file ``name``, or nothing."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), fromfile=name, tofile=f"{name} (merged)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _merger(file: ExportFile, format_: str) -> Callable[[str, str, str], str] | None:
    name = file.filename.rpartition("/")[2]
    return merge_policies if name == _POLICIES else _MERGED.get((format_, name))
