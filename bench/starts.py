"""Measure how much faster Python servers start with compiled modules, and what an environment costs on disk.

The same releases in the same sandbox, unpacked twice: without compiled modules, as a read-only folder is by itself, and
as a crawl keeps them, which compiles all of a package that is used a second time. One start is from ``sandbox.start``
to the end of tools/list; the least of several interleaved rounds counts, in seconds on the clock and, since other work
on the machine disturbs those, in processor seconds.

Disk: an environment costs its folders and the files that nobody else has a name for, and its share of the compiled
modules: a module's blocks divided by the environments that hold it. Files in uv's own cache cost nothing more.
"""

import asyncio
import contextlib
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from catalog.crawl.placeholders import placeholders
from catalog.install.base import Installed, InstallError
from catalog.install.bytecode import Bytecode
from catalog.install.environments import Environments
from catalog.install.layers import Layers
from catalog.install.pypi import PypiInstaller
from catalog.install.runtimes import find_uv
from catalog.install.trees import BLOCK, measure
from catalog.model import ServerRef
from catalog.origin import Package
from catalog.probe.base import ProbeError, ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Limits, Program
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.sources.known import load_known_servers

SERVERS = 10
ROUNDS = 3
GOAL, DISK_GOAL = 0.6, 0.10


class Bench:
    """Two installers on one cache of uv."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = Bubblewrap.find()
        uv = find_uv()
        self.plain = PypiInstaller(self.sandbox, uv, Environments(folder / "plain"))
        bytecode = Bytecode(Layers(folder / "layers"), self.sandbox)
        self.kept = PypiInstaller(self.sandbox, uv, Environments(folder / "kept"), bytecode)

    async def install(self, installer: PypiInstaller, package: Package) -> Installed:
        """Return ``package`` unpacked or found again; it stays until the end."""
        return await installer.install(package, Path(tempfile.mkdtemp(dir=self.folder)))

    async def seconds(self, installed: Installed, server: ServerRef) -> tuple[float, float]:
        """Return wall and processor seconds of one start until the tools are listed. Raises: ProbeError."""
        program = _configured(installed.program, server)
        began = time.perf_counter()
        async with self.sandbox.start(program, Limits()) as process:
            await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "bench")
            return time.perf_counter() - began, _seconds_of_children()


def _seconds_of_children() -> float:
    """Return the processor seconds of all that runs below this process: here one sandbox at a time."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            seconds += sum(process.cpu_times()[:4])
    return seconds


def _configured(program: Program, server: ServerRef) -> Program:
    environment = {**program.environment, **placeholders(server.environment)}
    return replace(program, argv=(*program.argv, *server.arguments), environment=environment)


def disk_share(installed: Installed) -> tuple[float, float]:
    """Return what an environment costs alone and with its share of compiled modules, as parts of its apparent size."""
    folder = installed.tree.parent
    size = measure([folder])
    shares = 0.0
    for module in folder.rglob("__pycache__/*.pyc"):
        status = module.stat()
        if status.st_nlink > 1:
            shares += status.st_blocks * BLOCK / (status.st_nlink - 1)  # one name is the layer's own
    return size.real / size.apparent, (size.real + shares) / size.apparent


async def measure_all(bench: Bench) -> None:
    """Print a line for each server and the goals."""
    rows: list[tuple[ServerRef, Installed, Installed]] = []
    for server in load_known_servers().servers:
        if not isinstance(server.origin, Package) or server.origin.ecosystem != "pypi" or len(rows) == SERVERS:
            continue
        try:
            plain = await bench.install(bench.plain, server.origin)
            await bench.seconds(plain, server)
        except (InstallError, ProbeError, TimeoutError):
            continue  # it needs more than a plain start
        pinned = replace(server.origin, version=plain.version)
        await bench.install(bench.kept, pinned)
        began = time.perf_counter()
        kept = await bench.install(bench.kept, pinned)
        print(f"{server.slug}: what no other had is compiled in {time.perf_counter() - began:.1f} s", flush=True)
        rows.append((server, plain, kept))
    sums = [[0.0, 0.0] for _ in range(2)]
    for server, *installs in rows:
        rounds = [[await bench.seconds(installed, server) for installed in installs] for _ in range(ROUNDS)]
        least = [[min(one[kind] for one in column) for kind in range(2)] for column in zip(*rounds, strict=True)]
        sums = [[total + one for total, one in zip(*pair, strict=True)] for pair in zip(sums, least, strict=True)]
        alone, shared = disk_share(installs[1])
        print(f"{server.slug}: {_ratios(least)}; disk {alone:.1%}, with its share {shared:.1%}", flush=True)
    print(f"starts: {len(rows)} servers, {_ratios(sums)}")
    ratio = sums[1][0] / sums[0][0]
    print(f"goal: at most {GOAL} times: {'met' if ratio <= GOAL else 'MISSED'} ({ratio:.2f})")
    disk = [disk_share(kept) for _, _, kept in rows]
    alone, with_share = (statistics.median(part[at] for part in disk) for at in range(2))
    print(f"disk: {alone:.1%} of the apparent size, {with_share:.1%} with the share of compiled modules (median)")
    print(f"goal: at most {DISK_GOAL:.0%} alone: {'met' if alone <= DISK_GOAL else 'MISSED'}")


def _ratios(least: list[list[float]]) -> str:
    """Return the wall and processor seconds without and with compiled modules, as one line."""
    told = []
    for name, at in (("wall", 0), ("processor", 1)):
        without, kept = (one[at] for one in least)
        told.append(f"{name} {without:.2f} s without, {kept:.2f} s with compiled modules ({kept / without:.2f})")
    return ", ".join(told)


def main() -> None:
    """Measure in a folder on the disk of uv's cache, so that its files can be linked."""
    cache = Path.home() / ".cache"
    cache.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache, prefix="bench-starts-"))
    try:
        asyncio.run(measure_all(Bench(folder)))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
