"""One build of tool pages by this generator, in a process of its own: what bench/site.py measures.

Usage: python bench/site_build.py KIND DATA OUTPUT PAGES. Kinds: ``flat`` (as the product renders), ``plain`` (by
Jinja2 alone), ``rows`` (made from judged definitions instead of read), ``twins`` (the same with page.json and page.md),
``many`` (the data again and again).
"""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from site_data import PER_FILE, read_pages

from sitegen.pages.tool import ToolPage
from sitegen.parts import SiteOptions
from sitegen.render import Renderer

if TYPE_CHECKING:
    from site_pages import Twins

SIZE = "4,000+ servers"
OPTIONS = SiteOptions(base_url="https://farm.example/")


def write(html: Callable[[ToolPage], bytes], pages: Iterable[ToolPage], output: Path) -> None:
    """Write each page into a folder of its own; pages of one server come one after another."""
    server, folder = "", -1
    for page in pages:
        parent, _, tool = page.path[:-1].rpartition("/")
        if parent != server:
            if folder >= 0:
                os.close(folder)
            (output / parent).mkdir(parents=True, exist_ok=True)
            server, folder = parent, os.open(output / parent, os.O_RDONLY)
        os.mkdir(tool, dir_fd=folder)
        file = os.open(f"{tool}/index.html", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644, dir_fd=folder)
        try:
            os.write(file, html(page))
        finally:
            os.close(file)


def with_twins(pages: "Iterable[tuple[ToolPage, Twins]]", output: Path) -> Iterator[ToolPage]:
    """Yield each page, and write the files for programs beside it once it is written."""
    for page, twins in pages:
        yield page
        for path, content in twins():
            file = os.open(output / path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                os.write(file, content)
            finally:
                os.close(file)


def main() -> None:
    """Build."""
    kind, data, output, count = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    renderer = Renderer(OPTIONS, SIZE)
    # Pages hold no circles, so nothing is gained by looking for them after every few hundred objects.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    match kind:
        case "flat":
            write(renderer.html, read_pages(data), output)
        case "plain":
            write(renderer.plain, read_pages(data), output)
        case "rows":
            from site_pages import made_pages  # noqa: PLC0415  it brings the classifier along

            write(renderer.html, made_pages(count), output)
        case "twins":
            from site_pages import made_with_twins  # noqa: PLC0415  as above

            write(renderer.html, with_twins(made_with_twins(count), output), output)
        case "many":
            whole = len(list(data.iterdir())) * PER_FILE
            for number in range(-(-count // whole)):
                write(renderer.html, islice(read_pages(data), count - number * whole), output / str(number))


if __name__ == "__main__":
    main()
