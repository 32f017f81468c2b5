"""Measure ``catalog site build`` itself, from a catalogue on disk to all files of a site: full, unchanged, one change.

    python bench/site_whole.py [TOOLS[,TOOLS…]] [--folder DIR] [--plot FILE]      (default 5000)

The tools are made up (bench/site_tools.py) and go through the real store and the real rules. CPU seconds are those of
the whole process tree, user and system; memory is the peak of its largest process. The site is written below --folder,
/dev/shm by default: 100,000 tools take 4 GB there.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from site_plot import Point, plotted
from site_tools import servers

from catalog.cli.site import open_parts
from catalog.cli.wiring import database_option, open_view
from catalog.model import Entry, Listed, Observation, Provenance, ServerRef
from catalog.origin import Package
from catalog.store.repository import Store
from sitegen.build import How, build_site
from sitegen.parts import SiteOptions

PROGRAM = str(Path(sys.executable).parent / "catalog")
SEEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

NOTHING_GOAL, ONE_GOAL = 0.05, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one build took."""

    cpu: float
    wall: float
    peak: float
    """MB."""
    told: str
    """What the build said it did."""


def fill(url: str, tools: int) -> None:
    """Make a catalogue of so many tools, judged."""
    with Store.open(url) as store:
        for slug, definitions in servers(tools):
            store.record(observation(slug, definitions, SEEN))
    database_option.set(url)
    with open_view():
        pass  # it judges what is not judged


def observation(slug: str, definitions: Sequence[object], at: datetime) -> Observation:
    """Return a look at a made-up server that lists these tools."""
    origin = Package(ecosystem="npm", name=f"@farm/{slug}", version="1.4.0")
    entries = tuple(Entry(definition=each, provenance=Provenance.LIVE) for each in definitions)  # type: ignore[arg-type]
    listed = Listed(server_name=slug, server_version="1.4.0", protocol_version="2025-11-25", entries=entries)
    server = ServerRef(slug=slug, title=slug, origin=origin, publisher="The Orchard Keepers")
    return Observation(server=server, started_at=at, finished_at=at, outcome=listed, version="1.4.0")


def change_one(url: str, day: int = 1) -> None:
    """Look at one server again, on another day, and find so many tools less."""
    slug, definitions = next(iter(servers(25)))
    with Store.open(url) as store:
        store.record(observation(slug, definitions[day:], SEEN + timedelta(days=day)))


def warm(url: str, output: Path) -> None:
    """Print the wall seconds of a build after one change in a process that has built before, as ``site serve`` does."""
    database_option.set(url)
    for day in (2, 3):
        change_one(url, day)
        began = time.perf_counter()
        with open_parts() as parts:
            report = build_site(parts, SiteOptions(), output, How(search=False))
    print(f"{time.perf_counter() - began:.2f} {report.changed}")


def build(url: str, output: Path, *options: str) -> Cost:
    """Build once. Raises: SystemExit where it fails."""
    argv = [PROGRAM, "--db", url, "site", "build", "-o", str(output), *options]
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    told = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(told)
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=time.perf_counter() - began,
        peak=usage.ru_maxrss / 1024,
        told=told.splitlines()[1],
    )


def measure(folder: Path, tools: int) -> Point:
    """Print what each kind of build takes with so many tools, and the goals."""
    url, output = f"sqlite:///{folder}/catalog.db", folder / "site"
    began = time.process_time()
    fill(url, tools)
    print(f"{tools:,} tools: stored and judged in {time.process_time() - began:.1f} CPU s", flush=True)
    full = build(url, output, "--jobs", "1")
    nothing = build(url, output, "--jobs", "1")
    change_one(url)
    one = build(url, output, "--jobs", "1", "--no-search")
    argv = [sys.executable, __file__, "warm", url, str(output)]
    running = float(subprocess.run(argv, capture_output=True, check=True, text=True).stdout.split()[0])
    for name, cost in (("everything", full), ("nothing new", nothing), ("one server", one)):
        print(f"  {name:12} {cost.cpu:8.2f} CPU s {cost.wall:8.2f} s {cost.peak:6,.0f} MB   {cost.told}", flush=True)
    ratio = nothing.cpu / full.cpu
    print(
        f"  goal: nothing new at most {NOTHING_GOAL:.0%}: {'met' if ratio <= NOTHING_GOAL else 'MISSED'} ({ratio:.1%})"
    )
    told = "met" if running <= ONE_GOAL else "MISSED"
    print(
        f"  goal: one server at most {ONE_GOAL} s: {told} ({running:.2f} s in a process that runs, {one.wall:.2f} anew)"
    )
    shutil.rmtree(output)
    return Point(pages=tools, cpu=full.cpu, peak=full.peak)


def main() -> None:
    """Measure each number of tools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", nargs="?", default="5000")
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    points = []
    for tools in map(int, options.tools.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            points.append(measure(Path(folder), tools))
    if options.plot:
        options.plot.write_text(plotted(points, "A whole site: cost over number of tools"), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["warm"]:
        warm(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
