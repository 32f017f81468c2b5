"""Targets that name a package."""

import pytest

from catalog.errors import UsageError
from catalog.origin import Package
from catalog.sources.packages import package_server, parse_package


@pytest.mark.parametrize(
    ("target", "package"),
    [
        ("pypi:orchard", Package(ecosystem="pypi", name="orchard")),
        ("pypi:Orchard.tools_2@1.0rc1", Package(ecosystem="pypi", name="Orchard.tools_2", version="1.0rc1")),
        ("pypi:orchard@1!2.0.post1+local", Package(ecosystem="pypi", name="orchard", version="1!2.0.post1+local")),
        ("npm:orchard", Package(ecosystem="npm", name="orchard")),
        ("npm:@grove/orchard", Package(ecosystem="npm", name="@grove/orchard")),
        ("npm:@grove/orchard@1.2.3-beta.1", Package(ecosystem="npm", name="@grove/orchard", version="1.2.3-beta.1")),
    ],
)
def test_a_package_target_is_read(target: str, package: Package) -> None:
    assert parse_package(target) == package


@pytest.mark.parametrize("target", ["truenas", "pypi", "oci:orchard", "PYPI:orchard", "", "https://example.com"])
def test_another_kind_of_target_is_none(target: str) -> None:
    assert parse_package(target) is None


@pytest.mark.parametrize(
    "target",
    [
        "pypi:",
        "pypi:@1.0",
        "pypi:-orchard",
        "pypi:orchard/../../etc",
        "pypi:orchard; rm -rf /",
        "pypi:orchard==1.0",
        "pypi:orchard[all]",
        "pypi:git+https://example.com/x",
        "npm:",
        "npm:@grove",
        "npm:@grove/",
        "npm:../orchard",
        "npm:.orchard",
        "npm:--registry=x",
        "npm:--help",
        "npm:-g",
        "pypi:--help",
        "npm:orchard --flag",
        "npm:@grove/orchard/more",
        "npm:" + "o" * 215,
        "npm:orchard\n",
    ],
)
def test_a_name_that_no_package_can_have_is_refused_with_what_to_write(target: str) -> None:
    with pytest.raises(UsageError, match=r"write (pypi|npm):NAME or (pypi|npm):NAME@VERSION") as raised:
        parse_package(target)
    assert repr(target) in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    "target",
    ["pypi:orchard@", "pypi:orchard@newest", "pypi:orchard@1.0@2.0", "npm:orchard@", "npm:orchard@^1.0", "npm:a@1 2"],
)
def test_a_version_that_is_none_is_refused_with_an_example(target: str) -> None:
    with pytest.raises(UsageError, match=r"no valid version after '@'; write for example \w+:\w+@1\.2\.3"):
        parse_package(target)


def test_a_package_that_no_curator_named_is_a_server_of_its_own() -> None:
    package = Package(ecosystem="npm", name="@grove/orchard", version="2.0.0")
    server = package_server(package)
    assert server.slug == "npm-grove--orchard"
    assert server.title == "@grove/orchard"
    assert server.origin == package
    assert server.product is None
