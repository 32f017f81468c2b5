"""Without JavaScript a reader gets from the home page to a tool's policy, and reads all that the others read."""

import json

from playwright.sync_api import Browser

from catalog_testing.browser import tab
from catalog_testing.built import Built
from catalog_testing.page_kinds import pages
from catalog_testing.showcase import BINS

# The search form stays, and says that it needs scripts; what is closed opens without them.
UNSEEN = """() => [...document.querySelectorAll("main *")].filter((element) =>
  element.children.length === 0 && element.textContent.trim() &&
  !element.matches("svg :is(title, desc), script") &&
  !element.closest("details > :not(summary), [role=search], [hidden]:is(button), [hidden]:has(input, button)") &&
  !element.checkVisibility({opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true})
).map((element) => element.outerHTML)"""
CONTROLS = "main :is(button, input, select):visible:not([role=search] *)"


def test_a_reader_without_scripts_gets_from_home_to_the_policy_of_a_tool(
    browser: Browser, site: Built, origin: str
) -> None:
    with tab(browser, origin, scripts=False) as opened:
        page = opened.open("index.html")
        page.locator("main a[href='servers/granary/index.html']").first.click()
        assert page.locator("#tools tbody tr:visible").count() == BINS
        page.locator("#tools a", has_text="bin_burn").click()
        page.locator("a[href='#control']").first.click()
        policy = page.locator("#control pre").first.inner_text()
    assert json.loads(policy) == json.loads((site.directory / "servers/granary/bin-burn/policy.json").read_text())


def test_a_reader_without_scripts_opens_an_answer(browser: Browser, origin: str) -> None:
    with tab(browser, origin, scripts=False) as opened:
        page = opened.open("servers/orchard/key-make/index.html")
        page.locator("#questions summary").first.click()
        assert page.locator("#questions details[open] p").first.is_visible()


def test_no_page_offers_what_needs_scripts_or_hides_anything_without(
    browser: Browser, site: Built, origin: str
) -> None:
    with tab(browser, origin, scripts=False) as plain:
        for path in pages(site.directory):
            page = plain.open(path)
            assert page.locator(CONTROLS).count() == 0, path
            assert page.evaluate(UNSEEN) == [], path
