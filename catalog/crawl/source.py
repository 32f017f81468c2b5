"""Read the tools that a package's source declares: instead of a list that could not be had, or to compare with one."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from catalog.crawl.comparison import compare
from catalog.facts import Finding
from catalog.install.base import Installed
from catalog.model import Declared, Listed, NotListed
from catalog.probe.static.source_tools import SourceTools

ReadSource = Callable[[Sequence[Path]], Awaitable[SourceTools]]
"""Reads files and folders; never fails for what they hold."""

_FINDINGS = TypeAdapter(tuple[Finding, ...])

# Bytes of kept findings that are read back: at most a hundred findings of some 200 characters.
_MOST_BYTES = 256 * 1024


def declared_instead(found: SourceTools, failed: NotListed) -> Declared | NotListed:
    """Return what the source declares in place of a list; ``failed`` where it declares nothing that is understood."""
    if not found.entries:
        return failed
    return Declared(
        entries=found.entries,
        reason=failed.reason,
        detail=failed.detail,
        hint=failed.hint,
        problems=found.problems,
    )


async def compared(listed: Listed, installed: Installed, read: ReadSource) -> tuple[Finding, ...]:
    """Return where the running server and its source differ.

    Reading takes seconds, so what was found is kept beside the package's tree and holds for the same list of names.
    """
    names = sorted(entry.key for entry in listed.entries)
    address = hashlib.sha256(json.dumps(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    kept = installed.beside / f"compared-{address}.json" if installed.beside else None
    if kept is not None and (findings := _kept(kept)) is not None:
        return findings
    findings = compare(listed.entries, await read(installed.sources))
    if kept is not None:
        with suppress(OSError):  # it is read anew next time
            kept.write_text(json.dumps([asdict(finding) for finding in findings]), encoding="utf-8")
    return findings


def _kept(file: Path) -> tuple[Finding, ...] | None:
    try:
        with file.open("rb") as opened:
            return _FINDINGS.validate_json(opened.read(_MOST_BYTES))
    except (OSError, ValidationError):
        return None
