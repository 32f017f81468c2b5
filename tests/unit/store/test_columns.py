"""Text that no database takes is kept all the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import dialect

from catalog.store.columns import AnyText

POSTGRESQL = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not annotate it


def stored(text: str) -> str:
    bound = AnyText().process_bind_param(text, POSTGRESQL)
    assert bound is not None
    return bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zähle die Äpfel 🍎\n", "Zähle die Äpfel 🍎\n"),
        ("a\x00b", r"a\u0000b"),
        ("\ud83d", r"\ud83d"),
        (r"\u0000", r"\u005cu0000"),
    ],
)
def test_only_what_cannot_be_stored_and_the_escape_itself_look_different(text: str, expected: str) -> None:
    assert stored(text) == expected


@given(st.text(st.characters(codec=None, categories=["L", "Cs", "Cc", "P"])))
def test_any_text_is_stored_as_plain_unicode_and_comes_back(text: str) -> None:
    plain = stored(text)

    assert "\x00" not in plain
    assert plain.encode().decode() == plain
    assert AnyText().process_result_value(plain, POSTGRESQL) == text


@given(st.lists(st.text(st.sampled_from("\\u0d8\x00\ud800"), max_size=8), unique=True))
def test_different_texts_are_stored_differently(texts: list[str]) -> None:
    assert len({stored(text) for text in texts}) == len(texts)
