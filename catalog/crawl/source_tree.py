"""Look at a server of which there is only source: a folder or an archive. Nothing of it is run."""

import asyncio
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.crawl.events import RungEnded, RungStarted, Sink
from catalog.crawl.parts import Parts
from catalog.install.archive import ArchiveError, unpack
from catalog.model import Declared, NotListed, Observation, Outcome, Reason, Rung
from catalog.origin import Source
from catalog.probe.static.source_tools import SourceTools
from catalog.target import Target

RUNG = "declared"


async def read_tree(target: Target, source: Source, parts: Parts, sink: Sink) -> Observation:
    """Return the tools that the source declares."""
    started, began = datetime.now(UTC), time.monotonic()
    sink(RungStarted(server=target.server, rung=RUNG))
    parts.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{target.server.slug[:40]}-", dir=parts.work))
    try:
        async with parts.gates.runs:
            outcome, detail = await _read(source, folder, parts)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    seconds = time.monotonic() - began
    result: Rung = Rung(
        name=RUNG, result="ok" if isinstance(outcome, Declared) else "failed", seconds=seconds, detail=detail
    )
    sink(RungEnded(server=target.server, rung=result))
    return Observation(
        server=target.server,
        started_at=started,
        finished_at=started + timedelta(seconds=seconds),
        outcome=outcome,
        rungs=(result,),
    )


async def _read(source: Source, folder: Path, parts: Parts) -> tuple[Outcome, str]:
    try:
        path = await asyncio.to_thread(_folder, source, folder)
    except ArchiveError as error:
        hint = "name an archive of source code, or its folder: catalog sync source:PATH"
        return NotListed(reason=Reason.INSTALL_FAILED, detail=str(error), hint=hint), "cannot be unpacked"
    if path is None:
        hint = "name where it is now: catalog sync source:PATH"
        return NotListed(reason=Reason.NOT_FOUND, detail=f"there is no {source.public}", hint=hint), "not found"
    found = await parts.read_source([path])
    return _outcome(found), f"{len(found.entries)} entries in {found.files} files"


def _folder(source: Source, folder: Path) -> Path | None:
    """Return the folder to read; an archive is unpacked into ``folder``. Raises: ArchiveError."""
    path = Path(source.path)
    if path.is_file():
        unpack(path, folder)
        return folder
    return path if path.is_dir() else None


def _outcome(found: SourceTools) -> Outcome:
    if found.entries:
        return Declared(entries=found.entries, reason=None, detail="", hint="", problems=found.problems)
    read = "; ".join(f"{problem.where}: {problem.message}" for problem in found.problems[:5])
    return NotListed(
        reason=Reason.NOT_MCP,
        detail=f"no tools are declared in {found.files} source files. {read}".strip(),
        hint="run it instead, for example: catalog sync -- python3 ./server.py",
    )
