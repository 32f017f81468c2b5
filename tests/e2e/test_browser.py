"""The built site in a real browser: no page scrolls sideways on a phone, and nothing is refused or fails to load."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from catalog_testing.built import Built, built
from catalog_testing.view import dispatching, entry_row, memory_view, orchard, server_row

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("CATALOG_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)

# Seconds for one page; a browser on a busy machine takes its time to start.
TIMEOUT = 120

PHONE = 375

# Chromium makes no window narrower than 500 pixels, so a frame of the phone's width holds the page. The site's own
# policy does not concern this page, which only the test serves.
FRAME = """<!doctype html><title>waiting</title><iframe src="/{path}" width="{width}" height="800"></iframe>
<script>
document.querySelector("iframe").addEventListener("load", (event) => {{
  const page = event.target.contentDocument.documentElement;
  document.title = `width ${{page.scrollWidth}}`;
}});
</script>"""

PAGES = (
    "index.html",
    "servers/orchard/index.html",
    "servers/orchard/key-make/index.html",
    "servers/barn-mcp/hay-move/index.html",
    "risk/critical/index.html",
    "method/index.html",
    "rules/index.html",
    f"servers/long/{'n' * 64}-",
)

pytestmark = pytest.mark.skipif(
    BROWSER is None,
    reason="no browser: install chromium, or name one in CATALOG_CHROMIUM",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A site on a port of this machine."""

    site: Built
    port: int


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    long = entry_row(
        "n" * 300, description="w" * 2_000, properties={"p" * 200: {"type": "string", "default": "d" * 200}}
    )
    site = built(
        memory_view(orchard(), dispatching(), (server_row("long", title="t" * 200), [long])),
        tmp_path_factory.mktemp("site") / "out",
    )
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site.directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Served(site, server.server_port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_and_nothing_is_refused(served: Served, path: str, tmp_path: Path) -> None:
    if path.endswith("-"):
        folder = next((served.site.directory / "servers/long").glob("n*"))
        path = f"servers/long/{folder.name}/index.html"
    (served.site.directory / "frame.html").write_text(FRAME.format(path=path, width=PHONE))
    dom, log = browse(f"http://127.0.0.1:{served.port}/frame.html", tmp_path)
    measured = re.search(r"<title>width (\d+)</title>", dom)
    assert measured, log
    assert int(measured[1]) <= PHONE
    assert "CONSOLE" not in log


def test_the_browser_reports_what_the_policy_refuses(served: Served, tmp_path: Path) -> None:
    """Without this, a browser that logs nothing would make the test above pass for ever."""
    page = (served.site.directory / "index.html").read_text()
    (served.site.directory / "evil.html").write_text(page.replace("</main>", "<script>alert(1)</script></main>"))
    _, log = browse(f"http://127.0.0.1:{served.port}/evil.html", tmp_path)
    assert "Content Security Policy" in log


def browse(address: str, profile: Path) -> tuple[str, str]:
    """Return the page after its scripts ran, and what the browser logged."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )  # fmt: skip
    return done.stdout, done.stderr
