"""What packages say of themselves: found wherever they say it, cleaned and bounded."""

import pytest

from catalog.facts import PackageFacts
from catalog.install.metadata import MOST_WORDS, node_facts, python_facts
from catalog.origin import Package


def python(*lines: str) -> PackageFacts:
    package = Package(ecosystem="pypi", name="Tiny_Server", version="1.0")
    return python_facts(package, "\n".join(("Metadata-Version: 2.4", "Name: x", *lines)) + "\n\nLicense: text\n")


def node(name: str = "tiny", **manifest: object) -> PackageFacts:
    return node_facts(Package(ecosystem="npm", name=name, version="1.0.0"), manifest)


def test_a_package_that_says_nothing_is_known_by_its_name_and_version() -> None:
    assert python() == PackageFacts(purl="pkg:pypi/tiny-server@1.0", version="1.0")
    assert node() == PackageFacts(purl="pkg:npm/tiny@1.0.0", version="1.0.0")


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (("License-Expression: MIT OR Apache-2.0", "License: something"), "MIT OR Apache-2.0"),
        (("License: MIT", "Classifier: License :: OSI Approved :: BSD License"), "MIT"),
        (("Classifier: Topic :: Security", "Classifier: License :: OSI Approved :: MIT License"), "MIT License"),
        (("License: MIT License\n  Permission is hereby granted", "Classifier: License :: Other"), "Other"),
        ((f"License: {'x' * 500}",), None),
    ],
)
def test_a_python_licence_is_what_says_it_best(lines: tuple[str, ...], licence: str | None) -> None:
    assert python(*lines).licence == licence


@pytest.mark.parametrize("label", ["Repository", "Source", "source code", "Source-Code", "GitHub"])
def test_a_python_repository_has_many_labels(label: str) -> None:
    facts = python("Project-URL: Homepage, https://example.com/", f"Project-URL: {label}, https://example.com/r.git")
    assert (facts.homepage, facts.repository) == ("https://example.com/", "https://example.com/r")


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("Author: Ana", "Ana"),
        ("Author-email: Ana <ana@example.com>, Bo <bo@example.com>", "Ana, Bo"),
        ("Author-email: ana@example.com", "ana"),
        ("Maintainer: Bo", "Bo"),
    ],
)
def test_a_python_publisher_is_who_wrote_or_keeps_it(line: str, publisher: str) -> None:
    assert python(line).publisher == publisher


@pytest.mark.parametrize(
    "stated",
    [
        "https://github.com/owner/repo",
        "git+https://github.com/owner/repo.git",
        "git://github.com/owner/repo.git",
        "git+ssh://git@github.com/owner/repo.git",
        "git@github.com:owner/repo.git",
        "github:owner/repo",
        "owner/repo",
        {"type": "git", "url": "git+https://github.com/owner/repo.git", "directory": "packages/x"},
    ],
)
def test_an_npm_repository_is_written_in_many_ways(stated: object) -> None:
    assert node(repository=stated).repository == "https://github.com/owner/repo"


@pytest.mark.parametrize(
    ("manifest", "publisher"),
    [
        ({"author": "Ana <ana@example.com> (https://example.com)"}, "Ana"),
        ({"author": {"name": "Ana", "email": "ana@example.com"}}, "Ana"),
        ({"publisher": "Bo"}, "Bo"),
        ({}, "@scope"),
    ],
)
def test_an_npm_publisher_is_the_author_or_the_scope(manifest: dict[str, object], publisher: str) -> None:
    assert node("@scope/tiny", **manifest).publisher == publisher


@pytest.mark.parametrize("hostile", [5, None, [], {}, {"url": 5}, {"type": []}, {"name": {}}, "", "\x00", "\u202e"])
def test_what_is_no_text_is_not_believed(hostile: object) -> None:
    facts = node(license=hostile, homepage=hostile, repository=hostile, author=hostile)
    assert facts == PackageFacts(purl="pkg:npm/tiny@1.0.0", version="1.0.0")


def test_words_are_one_line_without_control_characters_and_bounded() -> None:
    facts = node(license="MIT\n\x1b[31m\u202eevil", author="x" * 5000)
    assert facts.licence == "MIT [31m evil"
    assert facts.publisher == "x" * MOST_WORDS


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "https://", "https://[", "https://x y", "https://x\n", "x" * 600],
)
def test_an_address_that_is_none_is_left_out(address: str) -> None:
    facts = node(homepage=address if not address.endswith("\n") else "https://x\n.com")
    assert facts.homepage is None


def test_a_password_in_an_address_is_left_out() -> None:
    assert node(homepage="https://user:secret@example.com/x").homepage == "https://example.com/x"
    assert node(repository="git+https://user:secret@example.com/x.git").repository == "https://example.com/x"
