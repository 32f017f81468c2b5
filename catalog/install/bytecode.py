"""Compiled modules for unpacked packages, shared by all that hold the same code: starts without compiling.

Package folders are read-only in the sandbox, so Python would compile every module at every start. Sources are compiled
by a worker that imports nothing, in a sandbox of its own for each group (layers.py): even code that takes over the
compiler can spoil nothing but the layer that only the same code is given.
"""

import asyncio
import hashlib
import secrets
import struct
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from catalog.install import compile_worker
from catalog.install.layers import Group, Layers, groups
from catalog.install.runtimes import PythonHome, python_runtime
from catalog.install.trees import TreeFile
from catalog.sandbox.base import MIB, Limits, Mount, Process, Program, Sandbox

GROUP_SOURCE = 24 * MIB
"""Bytes of source in one group beyond which it is not compiled: five seconds of work, and few servers share it."""

# Bytes of one compiled module, and how many times its source: ordinary ones are about as large as their source.
_MODULE, _EXPANSION, _SMALL = 16 * MIB, 20, 64 * 1024

# Seconds for one group; Python compiles some 5 MB of source a second.
COMPILE_SECONDS = 60.0

# Workers for one group: a source that ends its worker is left out, and a new one goes on.
_WORKERS = 3

# Groups that are compiled at the same time: each one keeps a processor busy.
_AT_ONCE = 2

_LIMITS = Limits(memory=1024 * MIB, cpu_seconds=60, file_size=MIB, scratch=MIB, open_files=64)

# Beside an environment: its groups that are not compiled.
_MISSING = "uncompiled.json"

_GROUPS = TypeAdapter(tuple[Group, ...])

_WORKER = "/opt/compile_worker.py"


class Bytecode:
    """Compiles for layers, in one kind of sandbox."""

    def __init__(self, layers: Layers, sandbox: Sandbox) -> None:
        """Fill ``layers`` by workers in ``sandbox``."""
        self._layers = layers
        self._sandbox = sandbox
        self._gates: dict[str, asyncio.Lock] = {}

    async def provide(self, site_packages: Path, home: PythonHome, files: Iterable[TreeFile]) -> tuple[Group, ...]:
        """Put compiled modules beside ``files`` (paths below ``site_packages``); return the groups that have none yet.

        What is seen for the first time is only remembered: compiling it costs more than one start saves, and most
        code that no second environment holds is started once. An environment that is used again is completed.
        """
        fitting = [group for group in await asyncio.to_thread(groups, files) if group.size <= GROUP_SOURCE]
        missing = await self.complete(site_packages, home, fitting)
        known: list[Group] = []
        new: list[Group] = []
        for group in missing:
            (known if self._layers.is_known(home, group) else new).append(group)
        for group in new:
            self._layers.remember(home, group)
        return (*new, *await self.compile(site_packages, home, known))

    async def complete(self, site_packages: Path, home: PythonHome, missing: Sequence[Group]) -> tuple[Group, ...]:
        """Put compiled modules there for those of ``missing`` that have a layer by now; return the others."""
        ready: list[Group] = []
        waiting: list[Group] = []
        for group in missing:
            (ready if self._layers.has(home, group) else waiting).append(group)
        for group in ready:
            await asyncio.to_thread(self._layers.link, home, group, site_packages)
        return tuple(waiting)

    async def compile(self, site_packages: Path, home: PythonHome, wanted: Sequence[Group]) -> tuple[Group, ...]:
        """Make the layers of ``wanted``, put the modules there, and return the groups that could not be compiled."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(group: Group) -> None:
            async with slots, self._alone(group.digest):
                if not self._layers.has(home, group):
                    await self._make(site_packages, home, group)

        try:
            async with asyncio.TaskGroup() as tasks:
                for group in wanted:
                    tasks.create_task(one(group))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return await self.complete(site_packages, home, wanted)

    @asynccontextmanager
    async def _alone(self, digest: str) -> AsyncIterator[None]:
        """Let one task at a time make a layer: the others find it made."""
        gate = self._gates.setdefault(digest, asyncio.Lock())
        async with gate:
            yield
        self._gates.pop(digest, None)

    async def _make(self, site_packages: Path, home: PythonHome, group: Group) -> None:
        places = {content: site_packages / path for path, content in group.files.items()}
        sources = await asyncio.to_thread(_read, places)
        if sources is not None:
            modules = dict(zip(places, await self._answers(home, sources), strict=True))
            await asyncio.to_thread(self._layers.write, home, group, modules)

    async def _answers(self, home: PythonHome, sources: Sequence[bytes]) -> list[bytes]:
        """Return the compiled module of each source; empty for one that does not compile, kills or stalls a worker."""
        answers: list[bytes] = []
        until = time.monotonic() + COMPILE_SECONDS
        for _ in range(_WORKERS):
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    await self._ask_worker(home, sources, answers)
            except TimeoutError:
                break
            if len(answers) == len(sources):
                break
            answers.append(b"")  # the one at which the worker ended
        return [*answers, *[b""] * (len(sources) - len(answers))]

    async def _ask_worker(self, home: PythonHome, sources: Sequence[bytes], answers: list[bytes]) -> None:
        """Let a new worker compile what is not answered yet; ``answers`` grows with each module."""
        rest = sources[len(answers) :]
        async with self._sandbox.start(self._worker(home), _LIMITS) as worker:
            feeding = asyncio.create_task(_feed(worker, rest))
            try:
                async for answer in _read_answers(worker, rest):
                    answers.append(answer)  # noqa: PERF401  # what came before a time-out counts
            finally:
                feeding.cancel()
                await asyncio.wait([feeding])

    def _worker(self, home: PythonHome) -> Program:
        runtime = python_runtime(self._sandbox, home, site_packages=False)
        script = Path(compile_worker.__file__)
        return Program(
            argv=(runtime.executable, "-I", "-S", "-W", "ignore", self._sandbox.place(script, _WORKER)),
            environment=runtime.environment,
            mounts=(*runtime.mounts, Mount(source=script, target=_WORKER)),
            hidden=runtime.hidden,
        )


async def complete(bytecode: Bytecode, folder: Path, site_packages: Path, home: PythonHome) -> None:
    """Compile what the environment in ``folder`` has no modules for: used a second time, it will be used a third."""
    if missing := read_missing(folder):
        left = await bytecode.compile(site_packages, home, missing)
        if len(left) < len(missing):
            keep_missing(folder, left)


def keep_missing(folder: Path, missing: Sequence[Group]) -> None:
    """Keep beside an environment which groups of it are not compiled."""
    file = folder / _MISSING
    if not missing:
        file.unlink(missing_ok=True)
        return
    unfinished = file.with_name(f"{_MISSING}.{secrets.token_hex(4)}")
    unfinished.write_bytes(_GROUPS.dump_json(tuple(missing)))
    unfinished.rename(file)


def read_missing(folder: Path) -> tuple[Group, ...]:
    """Return what keep_missing kept; nothing where all is compiled."""
    try:
        return _GROUPS.validate_json((folder / _MISSING).read_bytes())
    except (FileNotFoundError, ValidationError):
        return ()


def _read(places: dict[str, Path]) -> list[bytes] | None:
    """Return the sources; None where one is not what was hashed: then somebody changes the folder."""
    sources = [place.read_bytes() for place in places.values()]
    same = all(hashlib.sha256(source).hexdigest() == name for name, source in zip(places, sources, strict=True))
    return sources if same else None


async def _feed(worker: Process, sources: Iterable[bytes]) -> None:
    try:
        for source in sources:
            await worker.write(struct.pack(">I", len(source)) + source)
        await worker.write(struct.pack(">I", compile_worker.LAST))
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended: what it did not answer says where


async def _read_answers(worker: Process, sources: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield an answer for each source until ``worker`` ends or says more than a compiled module can hold."""
    buffer = bytearray()
    for source in sources:
        if not await _fill(worker, buffer, 4):
            return
        (length,) = struct.unpack(">I", buffer[:4])
        if length > min(_MODULE, len(source) * _EXPANSION + _SMALL) or not await _fill(worker, buffer, 4 + length):
            return
        yield bytes(buffer[4 : 4 + length])
        del buffer[: 4 + length]


async def _fill(worker: Process, buffer: bytearray, size: int) -> bool:
    """Read until ``buffer`` holds ``size`` bytes; False where the worker ends before."""
    while len(buffer) < size:
        chunk = await worker.read(256 * 1024)
        if not chunk:
            return False
        buffer.extend(chunk)
    return True
