"""What a server says cannot act on the terminal it is shown in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.terminal import quoted, visible, visible_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("a\ud800b", "a\\ud800b"),
        ("a\x9bb", "a\\x9bb"),
        ("日本語 é", "日本語 é"),
        ("[red]markup[/red]", "[red]markup[/red]"),
    ],
)
def test_what_would_act_or_hide_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(alphabet=st.characters()))
def test_nothing_invisible_is_left_and_it_can_be_encoded(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs"} for one in shown if one not in "\n\t")


def test_a_name_stays_on_its_line() -> None:
    assert visible_name("safe\n  risk: Low\tx\x1b") == "safe\\n  risk: Low\\tx\\x1b"


def test_every_line_of_a_quotation_is_marked() -> None:
    assert quoted("one\n  risk: Low\r") == "│ one\n│   risk: Low\\x0d"
