"""Republished copies are recognised by their prefix."""

import pytest

from catalog.facts import FindingKind
from catalog.origin import Package
from catalog.sources.clones import clone_finding, load_republishers


def test_each_prefix_marks_a_copy_and_says_of_what() -> None:
    for one in load_republishers():
        finding = clone_finding(Package(ecosystem=one.ecosystem, name=f"{one.prefix}orchard-mcp"))
        assert finding is not None
        assert finding.kind is FindingKind.CLONE
        assert finding.detail.endswith("orchard-mcp")


@pytest.mark.parametrize("name", ["orchard-mcp", "mseep-", "my-mseep-tool"])
def test_a_package_without_such_a_prefix_is_no_copy(name: str) -> None:
    assert clone_finding(Package(ecosystem="pypi", name=name)) is None


def test_python_names_are_the_same_whatever_their_case_and_signs() -> None:
    assert clone_finding(Package(ecosystem="pypi", name="MSEEP_orchard")) is not None


def test_a_prefix_of_another_ecosystem_means_nothing() -> None:
    assert clone_finding(Package(ecosystem="npm", name="mseep-orchard")) is None
