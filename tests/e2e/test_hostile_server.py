"""A site of hostile servers in a real browser: nothing that they say runs, loads, opens or hides anything."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from catalog_testing.browser import PHONE, sideways, tab
from catalog_testing.built import Built, built
from catalog_testing.hostile import PAYLOADS, hostile
from catalog_testing.node import html_problems
from catalog_testing.page_kinds import every_page, pages, redirects
from catalog_testing.serving import served

# Every handler that a page could have been given fires: each element is pointed at, focused and toggled.
PROVOKE = """() => {
  for (const element of document.querySelectorAll("*")) {
    for (const kind of ["mouseover", "focus", "load", "error", "toggle"]) element.dispatchEvent(new Event(kind));
  }
}"""

# What no template of ours makes.
FOREIGN = "img, iframe, base, form:not([role=search]), object, embed, style, [style], [onerror], [onload], [autofocus]"


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(hostile(), tmp_path_factory.mktemp("hostile") / "out")


@pytest.fixture(scope="module")
def address(evil: Built) -> Iterator[str]:
    with served(evil.directory) as origin:
        yield origin


def test_nothing_runs_on_any_page(browser: Browser, evil: Built, address: str) -> None:
    with tab(browser, address) as opened:
        for path in every_page(evil.directory):
            page = opened.open(path)
            page.evaluate(PROVOKE)
            assert page.url == address + path
            assert page.locator(FOREIGN).count() == 0, path


def test_a_redirect_leads_to_the_page_of_the_tool_and_nowhere_else(browser: Browser, evil: Built, address: str) -> None:
    paths = redirects(evil.directory)
    assert len(paths) == len(PAYLOADS)
    with tab(browser, address) as opened:
        for path in paths:
            with opened.page.expect_navigation(url=re.compile(f"^{re.escape(address)}servers/evil/(?!was-)")):
                opened.page.goto(address + path)


def test_no_link_leads_to_a_script(browser: Browser, evil: Built, address: str) -> None:
    with tab(browser, address) as opened:
        for path in pages(evil.directory):
            schemes = opened.open(path).eval_on_selector_all("[href]", "links => links.map((link) => link.protocol)")
            assert set(schemes) <= {"http:", "https:", "mailto:", None}, path


def test_no_page_is_pushed_wider_than_a_phone(browser: Browser, evil: Built, address: str) -> None:
    with tab(browser, address, width=PHONE) as phone:
        assert [path for path in pages(evil.directory) if sideways(phone.open(path)) > 0] == []


def test_every_kind_of_page_stays_valid_html(evil: Built) -> None:
    paths = [*pages(evil.directory), *redirects(evil.directory)]
    assert html_problems([evil.directory / path for path in paths]) == []


def test_policies_are_still_copied_and_answers_still_open(browser: Browser, evil: Built, address: str) -> None:
    tools = [path for path in pages(evil.directory) if b'id="questions"' in (evil.directory / path).read_bytes()]
    assert tools
    with tab(browser, address, permissions=["clipboard-read", "clipboard-write"]) as opened:
        for path in tools:
            page = opened.open(path)
            page.locator("#control figure button").first.click()
            page.locator("#control button", has_text="Copied").wait_for()
            shown = page.locator("#control pre").first.text_content()
            assert page.evaluate("navigator.clipboard.readText()") == shown
            page.locator("#questions summary").first.click()
            assert page.locator("#questions details[open]").count() == 1


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(1, len(PAYLOADS) + 1))
def test_what_is_written_as_markup_is_read_as_text(browser: Browser, evil: Built, address: str, payload: str) -> None:
    names = {
        path: evil.text(path.removesuffix("index.html"), "h1")
        for path in every_page(evil.directory)
        if path.count("/") == 3
    }
    wanted = " ".join(payload.split())
    path = next(path for path, name in names.items() if name == wanted)
    with tab(browser, address) as opened:
        assert " ".join(opened.open(path).locator("h1").inner_text().split()) == wanted
