"""Searching in a real browser, with the keyboard alone: both engines behave the same."""

import functools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from catalog.model import Reason
from catalog_testing.built import built
from catalog_testing.search_site import add_search
from catalog_testing.view import dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("CATALOG_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)

# Milliseconds that a page may take on a busy machine.
PATIENCE = 60_000

# Served below a folder, as on a host that many sites share.
FOLDER = "farm/catalog"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser: install chromium, or name one in CATALOG_CHROMIUM")


@dataclass(frozen=True, slots=True)
class Site:
    """A site with search, below a folder of a server of this machine."""

    address: str
    directory: Path


@pytest.fixture(scope="module", params=["shards", "pagefind"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    engine: Literal["shards", "pagefind"] = request.param
    if engine == "pagefind":
        pytest.importorskip("pagefind_bin", reason="no Pagefind: install the extra 'search'")
    crates = [entry_row(f"crate_{number:02}_weigh", description="Weighs one crate.") for number in range(30)]
    hostile = entry_row("<img src=x onerror=alert(1)>", description="<script>alert(2)</script> & <b>bold</b>")
    felling = entry_row(
        "grove_fell", verdict(Category.DELETE, Level.HIGH, Recoverability.R2), description="Fells a grove."
    )
    view = memory_view(
        orchard(), dispatching(), (server_row("crates", product=None), [*crates, hostile, felling]),
        (server_row("gone", product=None, reason=Reason.CRASHED), []),
    )  # fmt: skip
    root = tmp_path_factory.mktemp(engine)
    made = built(view, root / FOLDER)
    add_search(made, view, engine)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}/{FOLDER}/", made.directory)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Yield an empty page of a phone; the test fails if anything was refused, missing, or asked of elsewhere."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(_text(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on(
        "request",
        lambda request: None if request.url.startswith((site.address, "blob:")) else complaints.append(request.url),
    )
    yield page
    page.close()
    assert complaints == []


def _text(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}"


def names(page: Page) -> list[str]:
    """Return the names of the results, in order."""
    return page.locator(".hits li > a").all_text_contents()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the one element of ``selector`` has the focus."""
    for _ in range(100):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector!r} cannot be reached by Tab")


def settled(page: Page, status: str) -> None:
    """Wait until the count of results says ``status``."""
    expect(page.get_by_role("status")).to_have_text(status)


def test_a_search_from_the_header_leads_to_a_result_by_keyboard_alone(site: Site, page: Page) -> None:
    page.goto(f"{site.address}servers/orchard/key-list/index.html")
    tab_to(page, ".find input")
    page.keyboard.type("key_make")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li > a").first).to_have_text("key_make")
    assert "q=key_make" in page.url
    tab_to(page, ".hits li > a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}servers/orchard/key-make/**")
    expect(page.locator("h1")).to_have_text("key_make")


def test_words_and_every_filter_work_together_and_the_address_keeps_them(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/")
    settled(page, "Type a word, or choose a filter.")
    tab_to(page, "#q")
    page.keyboard.type("fell")
    settled(page, "2 results.")
    assert set(names(page)) == {"orchard_fell", "grove_fell"}
    tab_to(page, ".filters summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=risk][value=Critical]")
    page.keyboard.press("Space")
    settled(page, "1 result.")
    assert names(page) == ["orchard_fell"]
    tab_to(page, "[name=category][value=Delete]")
    page.keyboard.press("Space")
    tab_to(page, "[name=trait]")
    page.keyboard.type("bulk-destroy")
    tab_to(page, "[name=provenance]")
    page.keyboard.type("listed by")
    tab_to(page, "[name=server]")
    page.keyboard.type("orchard")
    page.keyboard.press("Enter")
    page.wait_for_url(
        "**/search/?q=fell&risk=Critical&category=Delete&trait=bulk-destroy&provenance=live&server=orchard"
    )
    settled(page, "1 result.")
    page.reload()
    settled(page, "1 result.")
    assert page.locator("[name=risk][value=Critical]").is_checked()
    assert page.locator("[name=trait]").input_value() == "bulk-destroy"
    page.locator("[name=server]").fill("barn-mcp")
    page.locator("[name=server]").press("Enter")
    settled(page, "Nothing found. Try fewer or shorter words, or take a filter away.")
    page.go_back()
    settled(page, "1 result.")
    assert page.locator("[name=server]").input_value() == "orchard"


def test_a_filter_alone_lists_what_it_lets_through(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/?risk=Critical&risk=High&category=Delete")
    settled(page, "4 results.")
    assert names(page)[:2] == sorted(names(page)[:2])
    assert set(names(page)[:2]) == {"hay_burn", "orchard_fell"}
    assert set(names(page)[2:]) == {"grove_fell", "key_revoke"}


def test_more_results_are_shown_on_demand_and_the_focus_goes_to_the_first_of_them(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/?q=weigh")
    expect(page.locator(".hits li")).to_have_count(10)
    tab_to(page, "#further")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li")).to_have_count(20)
    expect(page.locator(".hits li:nth-child(11) > a")).to_be_focused()
    tab_to(page, "#further")
    page.keyboard.press("Enter")
    settled(page, "30 results.")
    assert len(set(names(page))) == 30


def test_what_a_server_calls_its_tool_is_text_in_a_result(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/?q=onerror")
    settled(page, "1 result.")
    assert names(page) == ["<img src=x onerror=alert(1)>"]
    assert page.locator(".hits img, .hits script, .hits b").count() == 0
    expect(page.locator(".hits .sub")).to_contain_text("<script>alert(2)</script> & <b>bold</b>")


def test_names_of_servers_are_offered_while_one_is_typed(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/")
    tab_to(page, ".filters summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=server]")
    page.keyboard.type("bar")
    expect(page.locator("#servers option")).to_have_count(1)
    assert page.locator("#servers option").get_attribute("value") == "barn-mcp"


def test_the_search_page_fits_a_phone(site: Site, page: Page) -> None:
    page.goto(f"{site.address}search/?q=weigh")
    expect(page.locator(".hits li")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_javascript_the_page_says_so_and_leads_on(browser: Browser, site: Site) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site.address}search/?q=fell")
    expect(page.get_by_role("status")).to_contain_text("Search needs JavaScript")
    page.get_by_role("link", name="Critical").click()
    page.wait_for_url("**/risk/critical/**")
    page.close()


def test_the_table_of_a_server_filters_by_words_risk_and_category_by_keyboard(site: Site, page: Page) -> None:
    page.goto(f"{site.address}servers/crates/index.html")
    shown = page.locator("#tools tbody tr:visible")
    expect(shown).to_have_count(32)
    tab_to(page, ".filter input")
    page.keyboard.type("crate 07")
    expect(shown).to_have_count(1)
    expect(page.locator(".filter output")).to_have_text("1 of 32")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(32)
    page.keyboard.press("Tab")
    page.keyboard.type("Del")
    expect(shown).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(shown).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(shown.locator("code")).to_have_text(["grove_fell"])
