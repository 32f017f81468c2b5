"""Where a mistake is reported: the publisher's address with the page's values filled in."""

import pytest

from sitegen.report import report_address, report_link


def test_placeholders_are_filled_in_and_encoded() -> None:
    template = "https://git.example/new?title={tool}%20on%20{server}&body={page}"
    assert report_link(template, tool="key_make & <b>", server="Orchard", page="servers/orchard/key-make/") == (
        "https://git.example/new?title=key_make%20%26%20%3Cb%3E%20on%20Orchard&body=servers%2Forchard%2Fkey-make%2F"
    )


def test_a_letter_can_be_written_too() -> None:
    assert report_link("mailto:farm@example.org?subject={tool}", tool="pick", page="x/") == (
        "mailto:farm@example.org?subject=pick"
    )


def test_a_name_that_looks_like_a_placeholder_is_data() -> None:
    filled = report_link("https://git.example/?t={tool}&s={server}", tool="{server}", server="{page}", page="x/")
    assert filled == "https://git.example/?t=%7Bserver%7D&s=%7Bpage%7D"


def test_other_braces_and_an_open_one_stay() -> None:
    assert report_link("https://git.example/{other}/{", tool="pick", page="x/") == "https://git.example/{other}/{"


def test_hidden_characters_and_long_names_cannot_bend_the_address() -> None:
    filled = report_link("https://git.example/?t={tool}", tool="a\ud800\u202e\n" + "b" * 5_000, page="x/")
    assert filled is not None
    assert "%E2%9F%A6U%2BD800%E2%9F%A7" in filled
    assert len(filled) < 700


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//farm.example", "farm", "http://[", "m" * 3_000, None]
)
def test_what_is_no_address_gives_no_link(address: str | None) -> None:
    assert report_address(address) is None
    assert report_link(address, page="x/") is None
