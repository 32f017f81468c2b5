import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.visible import bounded, embeddable_json, is_visible, one_line, visible, visible_json


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("pay\u202eeulb", "pay⟦U+202E⟧eulb"),
        ("ze\u200bro", "ze⟦U+200B⟧ro"),
        ("tag\U000e0041\U000e0042", "tag⟦U+E0041⟧⟦U+E0042⟧"),
        ("\x1b[31mred", "⟦U+001B⟧[31mred"),
        ("c1\x9b31m", "c1⟦U+009B⟧31m"),
        ("bell\x07", "bell⟦U+0007⟧"),
        ("lone \ud800 surrogate", "lone ⟦U+D800⟧ surrogate"),
        ("line\u2028separator", "line⟦U+2028⟧separator"),
        ("carriage\rreturn", "carriage⟦U+000D⟧return"),
    ],
)
def test_a_hidden_character_is_written_out(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@pytest.mark.parametrize("text", ["two\nlines\tand a tab", "größer 日本語 العربية", "👩🌾", "⚠️"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_windows_line_ends_are_line_ends() -> None:
    assert visible("one\r\ntwo") == "one\ntwo"


def test_a_long_run_of_a_hidden_character_is_counted_and_not_repeated() -> None:
    assert visible("a" + "\u200b" * 10_000 + "b") == "a⟦U+200B 10000 times⟧b"


@given(st.text())
def test_what_is_visible_has_nothing_left_to_show_and_can_be_encoded(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize("start", [0, 0x1000, 0x2000, 0x3000, 0xF000, 0x1F000, 0xE0000])
def test_a_text_counts_as_visible_exactly_where_there_is_nothing_to_show(start: int) -> None:
    characters = [chr(code) for code in range(start, start + 0x1000)]
    for character in characters:
        text = f"a{character}b"
        assert is_visible(text.encode()) == (visible(text) == text)


@given(st.text())
def test_json_with_hidden_characters_written_out_has_the_same_value(text: str) -> None:
    document = json.dumps({text: [text]}, ensure_ascii=False)
    assert json.loads(visible_json(document)) == {text: [text]} == json.loads(embeddable_json(document))


def test_json_inside_markup_cannot_close_a_script() -> None:
    text = embeddable_json(json.dumps("</script><!--\u2028&", ensure_ascii=False))
    assert not set("<>&\u2028") & set(text)


def test_a_bound_counts_the_ellipsis() -> None:
    assert bounded("apples and pears", 7) == "apples…"
    assert bounded("apples and pears", 13) == "apples and…"
    assert bounded("Apples. And pears.", 9) == "Apples…"
    assert bounded("a" * 20, 7) == "aaaaaa…"
    assert bounded("apples", 6) == "apples"


def test_one_line_is_the_first_paragraph() -> None:
    assert one_line("  Counts\n  apples.\n\nArgs:\n  crate", 80) == "Counts apples."


@given(st.text(st.sampled_from("ab .\n\t\u00a0\u2028é"), max_size=30), st.integers(2, 12))
def test_a_line_is_the_words_of_the_first_paragraph_whatever_stands_between_them(text: str, limit: int) -> None:
    words = text.strip().split("\n\n", 1)[0][: limit * 4].split()
    assert one_line(text, limit) == bounded(" ".join(words), limit)
