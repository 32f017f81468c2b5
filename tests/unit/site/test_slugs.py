import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.slugs import slug, unique_slugs


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("api_key_create", "api-key-create"),
        ("getHTTPLog", "gethttplog"),
        ("files/read.text", "files-read-text"),
        ("Caf\u00e9 list", "cafe-list"),
    ],
)
def test_an_ordinary_name_keeps_its_words(name: str, wanted: str) -> None:
    assert slug(name, distinct=name) == wanted


@pytest.mark.parametrize("name", ["..", ".", "", "🌳🌳", "/", "%2e%2e", "CON", "nul", "x" * 300, "a/../../b", "\x00"])
def test_no_name_leaves_its_folder_or_names_a_device(name: str) -> None:
    safe = slug(name, distinct=name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", safe)
    assert safe not in {"con", "nul"}
    assert len(safe) <= 80


def test_names_without_a_letter_get_different_folders() -> None:
    assert slug("🌳", distinct="🌳") != slug("🌲", distinct="🌲")


def test_of_names_that_collide_the_one_spelled_like_the_slug_keeps_it() -> None:
    slugs = unique_slugs([("get_user", "get_user"), ("Get-User", "Get-User"), ("GET USER", "GET USER")])
    assert slugs["get_user"] == "get-user"
    assert len(set(slugs.values())) == 3


def test_what_is_added_later_does_not_move_what_was_there() -> None:
    before = unique_slugs([("get_user", "get_user")])
    after = unique_slugs([("barn/hay/get_user", "get_user"), ("get_user", "get_user"), ("Get User", "Get User")])
    assert after["get_user"] == before["get_user"]


def test_a_tool_named_like_the_page_of_another_does_not_take_its_place() -> None:
    names = ["get_user", "Get User"]
    taken = unique_slugs((name, name) for name in names)["Get User"]
    slugs = unique_slugs((name, name) for name in [*names, taken])
    assert len(set(slugs.values())) == 3
    assert slugs[taken] == taken


@given(st.lists(st.text(max_size=12), unique=True, max_size=30))
def test_every_key_gets_its_own_folder(keys: list[str]) -> None:
    slugs = unique_slugs((key, key) for key in keys)
    assert len(set(slugs.values())) == len(keys)
