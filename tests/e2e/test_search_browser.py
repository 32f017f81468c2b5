"""Searching in a real browser, with the keyboard alone: both engines behave the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.model import Reason
from catalog_testing.browser import PHONE, sideways, tab
from catalog_testing.built import built
from catalog_testing.search_site import use_own_search
from catalog_testing.serving import served
from catalog_testing.view import dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability

# Milliseconds that a page may take on a busy machine.
PATIENCE = 60_000


def site_of(folder: Path, engine: str) -> None:
    """Build a site whose search is answered by ``engine``."""
    crates = [entry_row(f"crate_{number:02}_weigh", description="Weighs one crate.") for number in range(30)]
    hostile = entry_row("<img src=x onerror=alert(1)>", description="<script>alert(2)</script> & <b>bold</b>")
    felling = entry_row(
        "grove_fell", verdict(Category.DELETE, Level.HIGH, Recoverability.R2), description="Fells a grove."
    )
    view = memory_view(
        orchard(), dispatching(), (server_row("crates", product=None), [*crates, hostile, felling]),
        (server_row("gone", product=None, reason=Reason.CRASHED), []),
    )  # fmt: skip
    site = built(view, folder)
    if engine == "shards":
        use_own_search(site)


@pytest.fixture(scope="module", params=["shards", "pagefind"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site, a folder of a host that many sites share."""
    if request.param == "pagefind":
        pytest.importorskip("pagefind_bin", reason="no Pagefind: install the extra 'search'")
    root = tmp_path_factory.mktemp(request.param)
    site_of(root, request.param)
    with served(root, "/farm/catalog/") as origin:
        yield origin


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page of a phone; the test fails if anything was refused, missing, or asked of elsewhere."""
    expect.set_options(timeout=PATIENCE)
    with tab(browser, address, width=PHONE) as opened:
        yield opened.page


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


def test_a_search_from_the_header_leads_to_a_result_by_keyboard_alone(address: str, page: Page) -> None:
    page.goto(f"{address}servers/orchard/key-list/index.html")
    tab_to(page, ".find input")
    page.keyboard.type("key_make")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li > a").first).to_have_text("key_make")
    assert "q=key_make" in page.url
    tab_to(page, ".hits li > a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}servers/orchard/key-make/**")
    expect(page.locator("h1")).to_have_text("key_make")


def test_words_and_every_filter_work_together_and_the_address_keeps_them(address: str, page: Page) -> None:
    page.goto(f"{address}search/")
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


def test_a_filter_alone_lists_what_it_lets_through(address: str, page: Page) -> None:
    page.goto(f"{address}search/?risk=Critical&risk=High&category=Delete")
    settled(page, "4 results.")
    assert names(page)[:2] == sorted(names(page)[:2])
    assert set(names(page)[:2]) == {"hay_burn", "orchard_fell"}
    assert set(names(page)[2:]) == {"grove_fell", "key_revoke"}


def test_more_results_are_shown_on_demand_and_the_focus_goes_to_the_first_of_them(address: str, page: Page) -> None:
    page.goto(f"{address}search/?q=weigh")
    expect(page.locator(".hits li")).to_have_count(10)
    tab_to(page, "#further")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li")).to_have_count(20)
    expect(page.locator(".hits li:nth-child(11) > a")).to_be_focused()
    tab_to(page, "#further")
    page.keyboard.press("Enter")
    settled(page, "30 results.")
    assert len(set(names(page))) == 30


def test_what_a_server_calls_its_tool_is_text_in_a_result(address: str, page: Page) -> None:
    page.goto(f"{address}search/?q=onerror")
    settled(page, "1 result.")
    assert names(page) == ["<img src=x onerror=alert(1)>"]
    assert page.locator(".hits img, .hits script, .hits b").count() == 0
    expect(page.locator(".hits .sub")).to_contain_text("<script>alert(2)</script> & <b>bold</b>")


def test_names_of_servers_are_offered_while_one_is_typed(address: str, page: Page) -> None:
    page.goto(f"{address}search/")
    tab_to(page, ".filters summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=server]")
    page.keyboard.type("bar")
    expect(page.locator("#servers option")).to_have_count(1)
    assert page.locator("#servers option").get_attribute("value") == "barn-mcp"


def test_the_search_page_fits_a_phone(address: str, page: Page) -> None:
    page.goto(f"{address}search/?q=weigh")
    expect(page.locator(".hits li")).to_have_count(10)
    assert sideways(page) <= 0


def test_without_javascript_the_page_says_so_and_leads_on(browser: Browser, address: str) -> None:
    with tab(browser, address, scripts=False) as opened:
        page = opened.page
        page.goto(f"{address}search/?q=fell")
        expect(page.get_by_role("status")).to_contain_text("Search needs JavaScript")
        page.get_by_role("link", name="Critical").click()
        page.wait_for_url("**/risk/critical/**")


def test_the_table_of_a_server_filters_by_words_risk_and_category_by_keyboard(address: str, page: Page) -> None:
    page.goto(f"{address}servers/crates/index.html")
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
