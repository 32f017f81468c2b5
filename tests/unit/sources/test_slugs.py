"""Names of servers that no curator named: unique per origin and safe in paths and URLs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.origin import Command, Image, Package, Recording, Remote, Source
from catalog.sources.slugs import command_slug, image_slug, package_slug, recording_slug, remote_slug, source_slug

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
    assert re.fullmatch(r"command-my-server-[0-9a-f]{8}", command_slug(Command(argv=("python3", "/srv/My Server.py"))))
    assert re.fullmatch(r"command-orchard-[0-9a-f]{8}", command_slug(Command(argv=("/usr/bin/orchard", "--stdio"))))


def test_two_command_lines_make_two_slugs_wherever_the_words_part() -> None:
    lines = [("run", "a b"), ("run", "a", "b"), ("run", "a"), ("run", "a", ""), ("./run", "a")]
    assert len({command_slug(Command(argv=line)) for line in lines}) == len(lines)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_a_slug_is_safe_whatever_the_command_line_holds(argv: list[str]) -> None:
    slug = command_slug(Command(argv=tuple(argv)))
    assert SAFE.fullmatch(slug)
    assert len(slug) <= 100


def test_what_opens_a_remote_server_does_not_change_its_slug() -> None:
    slugs = {
        remote_slug(Remote(url=url))
        for url in (
            "https://grove.example/mcp",
            "https://a:b@grove.example/mcp?key=1#2",
            "https://grove.example/mcp?key=3",
        )
    }
    (slug,) = slugs
    assert re.fullmatch(r"remote-grove-example-mcp-[0-9a-f]{8}", slug)
    assert remote_slug(Remote(url="https://grove.example/mcp/2")) != slug


@pytest.mark.parametrize("reference", ["grove/fig", "grove/fig:1.2", "grove/fig@sha256:0", "grove/fig:1@sha256:0"])
def test_another_version_of_an_image_is_the_same_server(reference: str) -> None:
    assert image_slug(Image(reference=reference)) == image_slug(Image(reference="grove/fig:latest"))


def test_images_of_two_registries_are_two_servers() -> None:
    slugs = {
        image_slug(Image(reference=name)) for name in ("localhost:5000/fig", "localhost:5001/fig:1", "fig", "fi-g")
    }
    assert len(slugs) == 4


def test_a_recording_is_named_after_its_file() -> None:
    assert recording_slug(Recording(name="orchard.json")) == "recording-orchard"
    assert re.fullmatch(r"recording-my-list-[0-9a-f]{8}", recording_slug(Recording(name="My List.json")))


@given(st.text(min_size=1))
def test_every_slug_is_safe_whatever_the_origin_holds(text: str) -> None:
    made = (image_slug(Image(reference=text)), source_slug(Source(path=text)), recording_slug(Recording(name=text)))
    for slug in made:
        assert SAFE.fullmatch(slug)
        assert len(slug) <= 100
