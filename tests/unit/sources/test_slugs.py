"""Names of servers that no curator named: unique per origin and safe in paths and URLs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.origin import Command, Package
from catalog.sources.slugs import command_slug, package_slug

SAFE = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*")


def pypi(name: str) -> str:
    return package_slug(Package(ecosystem="pypi", name=name))


def npm(name: str) -> str:
    return package_slug(Package(ecosystem="npm", name=name))


def test_a_plain_name_stays_readable() -> None:
    assert pypi("orchard-tools") == "pypi-orchard-tools"
    assert npm("@grove/orchard") == "npm-grove--orchard"


def test_all_spellings_of_one_python_package_share_a_slug() -> None:
    assert pypi("Orchard_Tools") == pypi("orchard.tools") == pypi("orchard-tools")


def test_the_same_name_in_two_registries_makes_two_slugs() -> None:
    assert pypi("orchard") != npm("orchard")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b", "a-b"),
        ("a_b", "a-b"),
        ("Orchard", "orchard"),
        ("a~b", "a.b"),
        ("@a.b/c", "@a-b/c"),
        ("@a/b.c", "@a/b-c"),
    ],
)
def test_two_npm_packages_never_share_a_slug(one: str, other: str) -> None:
    assert npm(one) != npm(other)


def test_names_that_differ_after_many_characters_differ() -> None:
    assert npm("o" * 100 + "a") != npm("o" * 100 + "b")


def test_a_version_does_not_change_the_slug() -> None:
    assert package_slug(Package(ecosystem="npm", name="orchard", version="1.0.0")) == npm("orchard")


def test_a_command_is_named_after_the_file_it_runs() -> None:
    assert re.fullmatch(r"command-my-server-[0-9a-f]{6}", command_slug(Command(argv=("python3", "/srv/My Server.py"))))
    assert re.fullmatch(r"command-orchard-[0-9a-f]{6}", command_slug(Command(argv=("/usr/bin/orchard", "--stdio"))))


def test_two_command_lines_make_two_slugs_wherever_the_words_part() -> None:
    lines = [("run", "a b"), ("run", "a", "b"), ("run", "a"), ("run", "a", ""), ("./run", "a")]
    assert len({command_slug(Command(argv=line)) for line in lines}) == len(lines)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_a_slug_is_safe_whatever_the_command_line_holds(argv: list[str]) -> None:
    slug = command_slug(Command(argv=tuple(argv)))
    assert SAFE.fullmatch(slug)
    assert len(slug) <= 100
