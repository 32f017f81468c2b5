"""Read declared tools in a process of its own: a parser in C reads hostile text, and must not take the crawler down.

The child gets a request as JSON on standard input and answers with JSON; it limits its own memory before it reads.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from catalog.model import Definition, Entry, Problem, Provenance
from catalog.probe.static.collector import RUN
from catalog.probe.static.reader import declared_tools
from catalog.probe.static.source_tools import MIB, SourceTools, StaticLimits

# Address space of the child: a hostile file of 4 MiB takes about 500 MiB while it is parsed.
MEMORY_BYTES = 1024 * MIB

# The limits count processor time; by the clock a busy machine gets three times as long, and seconds to start.
CLOCK_FACTOR = 3
GRACE_SECONDS = 15.0

# Of the child's answer: its definitions hold 32 MiB at most, its words 15.
_ANSWER_BYTES = 128 * MIB


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sources: list[Path]
    limits: dict[str, float]


class _Noted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    where: str
    message: str


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entries: list[dict[str, JsonValue]]
    problems: list[_Noted]
    files: int
    dynamic: bool
    words: list[str]


async def declared_tools_apart(sources: Sequence[Path], limits: StaticLimits = StaticLimits()) -> SourceTools:  # noqa: B008  # frozen
    """Return what ``declared_tools`` returns; where the process fails, nothing, a problem, and a dynamic list."""
    request = json.dumps({"sources": [str(source) for source in sources], "limits": asdict(limits)})
    # -P: what lies in the folder that the user happens to be in is not imported.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "catalog.probe.static.apart",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limits.total_seconds * CLOCK_FACTOR + GRACE_SECONDS):
            text = await _exchange(process, request.encode())
            code = await process.wait()
    except TimeoutError:
        return _failed("reading the source took too long")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _read(text) if code == 0 else _failed(f"reading the source ended with code {code}")


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process was started without pipes")
    with suppress(ConnectionError):  # it died before it had read the request; its code says so
        process.stdin.write(request)
        await process.stdin.drain()
        process.stdin.close()
    parts, left = [], _ANSWER_BYTES
    while left > 0 and (part := await process.stdout.read(min(left, MIB))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        process.kill()
    return b"".join(parts)


def _read(text: bytes) -> SourceTools:
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError:
        return _failed("the answer of the reading process cannot be read")
    return SourceTools(
        entries=tuple(
            Entry(definition=Definition(raw=raw), provenance=Provenance.DECLARED, run=RUN) for raw in answer.entries
        ),
        problems=tuple(Problem(where=one.where, message=one.message) for one in answer.problems),
        files=answer.files,
        dynamic=answer.dynamic,
        words=frozenset(answer.words),
    )


def _failed(message: str) -> SourceTools:
    return SourceTools(entries=(), problems=(Problem(where="source", message=message),), dynamic=True)


def _main() -> None:
    """Answer one request; the process ends afterwards."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    request = _Request.model_validate_json(sys.stdin.buffer.read())
    whole = {name for name, kind in StaticLimits.__annotations__.items() if kind is int}
    limits = {name: int(value) if name in whole else value for name, value in request.limits.items()}
    found = declared_tools(request.sources, StaticLimits(**limits))  # type: ignore[arg-type]  # made by asdict above
    answer = {
        "entries": [entry.definition.raw for entry in found.entries],
        "problems": [{"where": one.where, "message": one.message} for one in found.problems],
        "files": found.files,
        "dynamic": found.dynamic,
        "words": sorted(found.words),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
