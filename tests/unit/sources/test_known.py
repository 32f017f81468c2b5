"""The servers that curators wrote down: what holds for every file, and how one is found by name."""

import re
from collections import Counter

import pytest

from catalog.crawl.placeholders import placeholder
from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Package
from catalog.sources.known import load_known_servers
from catalog.sources.packages import parse_package

SERVERS = load_known_servers().servers


def every_server() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("server", SERVERS, ids=[server.slug for server in SERVERS])


def test_both_ecosystems_are_well_represented() -> None:
    count = Counter(server.origin.ecosystem for server in SERVERS if isinstance(server.origin, Package))
    assert count["pypi"] >= 10
    assert count["npm"] >= 10


def test_no_two_servers_share_a_slug_or_a_package() -> None:
    slugs = [server.slug for server in SERVERS]
    packages = [str(server.origin) for server in SERVERS]
    assert len(set(slugs)) == len(slugs)
    assert len(set(packages)) == len(packages)


def test_the_slug_of_a_server_names_no_other_product() -> None:
    products = {server.product: server.slug for server in SERVERS}
    taken = [s.slug for s in SERVERS if s.slug in products and s.product != s.slug]
    assert taken == []


@every_server()
def test_a_known_server_lives_in_a_package_of_no_fixed_version(server: ServerRef) -> None:
    assert isinstance(server.origin, Package)
    assert parse_package(str(server.origin)) == server.origin
    assert server.origin.version is None


@every_server()
def test_a_known_server_says_who_it_is(server: ServerRef) -> None:
    for text in (server.title, server.product_title, server.publisher):
        assert text
        assert text.strip() == text
    for address in (server.homepage, server.repository):
        assert address is None or re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+(/\S*)?", address)


@every_server()
def test_no_known_server_carries_the_address_of_a_package_registry(server: ServerRef) -> None:
    for text in (server.homepage or "", server.repository or "", *server.arguments):
        assert not re.search(r"pypi\.org|npmjs\.|pythonhosted|registry\.", text)


@every_server()
def test_every_variable_of_a_known_server_has_a_placeholder(server: ServerRef) -> None:
    assert all(placeholder(name) for name in server.environment)
    assert len(set(server.environment)) == len(server.environment)


def test_a_slug_names_one_server_and_a_product_all_of_its_servers() -> None:
    known = load_known_servers()
    assert [server.slug for server in known.resolve("truenas-ws-mcp")] == ["truenas-ws-mcp"]
    assert {server.product for server in known.resolve("truenas")} == {"truenas"}
    assert len(known.resolve("truenas")) == 3


@pytest.mark.parametrize(
    ("typed", "meant"), [("truenass", "truenas"), ("PLAYWRIGHT", "playwright"), ("gthub", "github")]
)
def test_a_misspelt_target_is_answered_with_the_closest_names(typed: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"unknown target '{typed}'.*Did you mean .*'{meant}'"):
        load_known_servers().resolve(typed)


def test_a_target_like_no_other_is_told_how_to_name_a_package() -> None:
    with pytest.raises(UsageError, match=r"pypi:NAME, npm:NAME, or -- COMMAND") as raised:
        load_known_servers().resolve("zzqx-\x1b[31m")
    assert "Did you mean" not in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_package_target_finds_its_known_server_at_the_version_asked_for() -> None:
    server = load_known_servers().of_package(Package(ecosystem="pypi", name="MCP_Server.Fetch", version="1.0"))
    assert server is not None
    assert server.slug == "fetch"
    assert server.origin == Package(ecosystem="pypi", name="MCP_Server.Fetch", version="1.0")


def test_a_package_of_the_same_name_elsewhere_is_another_server() -> None:
    assert load_known_servers().of_package(Package(ecosystem="npm", name="mcp-server-fetch")) is None
