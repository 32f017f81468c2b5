"""Names of different servers collide where a client, a person or a model may take one tool for the other."""

import pytest

from catalog.rules import load_ruleset
from classifier.collisions import CollisionKind, collisions

WORDS = load_ruleset().lexicon.words()


def kinds(one: str, other: str) -> list[CollisionKind]:
    """Return how the only tools of two servers collide."""
    return [found.kind for found in collisions({"first": [one], "second": [other]}, WORDS)]


def test_a_name_on_several_servers_is_told_once_with_all_of_them() -> None:
    (found,) = collisions({"b": ["read_file", "ping"], "a": ["read_file"], "c": ["read_file", "read_file"]}, WORDS)
    assert found.kind is CollisionKind.SAME
    assert [(use.name, use.servers) for use in found.uses] == [("read_file", ("a", "b", "c"))]


@pytest.mark.parametrize(
    ("name", "disguise"),
    [
        ("list_files", "Iist_files"),
        ("list_files", "1ist_files"),
        ("post_note", "p0st_note"),
        ("confirm_order", "confirrn_order"),
        ("write_note", "vvrite_note"),
        ("read_page", "re\u0430d_page"),  # Cyrillic a
        ("open_page", "\u03bfpen_page"),  # Greek omicron
        ("read_page", "\uff52ead_page"),  # full-width r
        ("read_page", "read\u200b_page"),  # an invisible space
    ],
)
def test_characters_that_look_alike_are_confusable(name: str, disguise: str) -> None:
    assert kinds(name, disguise) == [CollisionKind.CONFUSABLE]


@pytest.mark.parametrize(
    ("name", "slip"),
    [
        ("create_invoice", "create_invoyce"),
        ("create_invoice", "create_invoce"),
        ("create_invoice", "create_invvoice"),
        ("create_invoice", "craete_invoice"),
        ("create_invoice", "createInvoicee"),
        ("deploy_website", "dpeloy_website"),
    ],
)
def test_one_slip_in_a_long_name_is_near(name: str, slip: str) -> None:
    assert kinds(name, slip) == [CollisionKind.NEAR]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("listIssues", "list_issues"),
        ("LIST-ISSUES", "list.issues"),
        ("create_invoice", "create_invoices"),
        ("create_invoice_v1", "create_invoice_v2"),
        ("get_invoice_lines", "set_invoice_lines"),
        ("create_file_copy", "create_tile_copy"),
        ("ping", "pong"),
        ("create_invoice", "delete_invoice"),
        ("create_invoice", "create_a_invoice"),
    ],
)
def test_other_words_styles_numbers_and_plurals_are_quiet(one: str, other: str) -> None:
    words = {*WORDS, "file", "tile"}
    assert collisions({"first": [one], "second": [other]}, words) == ()


def test_a_word_that_two_servers_use_is_ordinary() -> None:
    names = {"a": ["find_trainer"], "b": ["find_trailer"], "c": ["sell_trailer", "pay_trainer"]}
    assert collisions(names, WORDS) == ()


def test_a_server_cannot_make_its_own_word_ordinary() -> None:
    names = {"honest": ["create_invoice"], "other": ["create_invoyce", "send_invoyce", "list_invoyce"]}
    assert [found.kind for found in collisions(names, WORDS)] == [CollisionKind.NEAR]


def test_names_of_one_server_do_not_collide_with_each_other() -> None:
    assert collisions({"one": ["create_invoice", "create_invoyce", "create_inv0ice"], "two": ["ping"]}, WORDS) == ()
