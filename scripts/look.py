"""Take pictures of pages of a built site, on a phone and on a desk, in light and in dark.

    .venv/bin/python scripts/look.py build/demo/site build/pictures
    .venv/bin/python scripts/look.py build/demo/site build/pictures servers/truenas/index.html 'risk/*/index.html'

Without patterns it takes two pages of each kind. `make build/node/installed` fetches the browser.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import FloatRect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from catalog_testing.browser import DESK, PHONE, Scheme, chromium, tab
from catalog_testing.page_kinds import pages
from catalog_testing.serving import served

# Pixels: the browser's drawing surface ends a little further down.
TALLEST = 16_000

SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def main() -> None:
    """Write ``<page>-<width>-<scheme>.png`` for every page, width and colour scheme."""
    parser = argparse.ArgumentParser(description="Take pictures of pages of a built site.")
    parser.add_argument("site", type=Path, metavar="SITE_DIR")
    parser.add_argument("output", type=Path, metavar="OUT_DIR")
    parser.add_argument("patterns", nargs="*", metavar="PAGE", help="for example 'servers/*/index.html'")
    arguments = parser.parse_args()
    chosen = [found for pattern in arguments.patterns for found in sorted(arguments.site.glob(pattern))]
    paths = [found.relative_to(arguments.site).as_posix() for found in chosen]
    if arguments.patterns and not paths:
        parser.error(f"no page of {str(arguments.site)!r} is like {', '.join(map(repr, arguments.patterns))}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, served(arguments.site) as origin:
        for scheme in SCHEMES:
            for width in (PHONE, DESK):
                with tab(browser, origin, width=width, scheme=scheme) as opened:
                    for path in paths or pages(arguments.site):
                        name = path.removesuffix(".html").removesuffix("/index").replace("/", "_")
                        picture = arguments.output / f"{name[:150]}-{width}-{scheme}.png"
                        page = opened.open(path)
                        height: int = page.evaluate("document.documentElement.scrollHeight")
                        area = FloatRect(x=0, y=0, width=width, height=min(height, TALLEST))
                        page.screenshot(path=picture, full_page=True, clip=area)
                        print(picture)


main()
