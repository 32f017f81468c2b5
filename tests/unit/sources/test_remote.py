"""Targets that are an address, and the headers for them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.origin import Remote
from catalog.sources.remote import parse_header, parse_remote, remote_server


@pytest.mark.parametrize("target", ["truenas", "pypi:mcp", "ftp://host/x", "httpserver", "", "/srv/http://x"])
def test_what_is_no_address_is_left_to_others(target: str) -> None:
    assert parse_remote(target) is None


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://tools.example/mcp", "https://tools.example/mcp"),
        ("HTTPS://Tools.Example:443/MCP?Key=A#part", "https://tools.example/MCP?Key=A"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("http://[::1]:80/mcp", "http://[::1]/mcp"),
    ],
)
def test_an_address_has_one_spelling(target: str, url: str) -> None:
    assert parse_remote(target) == Remote(url=url, typed=True)


def test_an_address_from_data_is_marked_and_keeps_its_transport() -> None:
    remote = parse_remote("https://tools.example/sse", transport="sse", typed=False)
    assert remote == Remote(url="https://tools.example/sse", transport="sse", typed=False)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("https://", "names no host"),
        ("https:///mcp", "names no host"),
        ("https://?x", "names no host"),
        ("https://{tenant}.example/mcp", "'{tenant}'"),
        ("https://tools.example/%7Btenant%7D/mcp", "'%7Btenant%7D'"),
        ("https://tools.example:99999/", "is no address"),
        ("https://tools.example:port/", "is no address"),
        ("https://[::1/", "is no address"),
        ("https://tools.example/a b", "percent-encode"),
        ("https://tools.example\\@evil.example/", "--header"),
        ("https://tools.example\\.evil.example/", "percent-encode"),
        ("https://bücher.example/", "xn--"),
        ("https://tools.example/" + "x" * 2000, "too long"),
        ("https://tools.example/\x1b[31m", "percent-encode"),
        ("https://tools.example/\nx", "percent-encode"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(target: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_remote(target)
    assert message in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("host", ["tools.example", "tools.example:99999", "tools.example:port", "[::1"])
def test_a_password_in_an_address_is_refused_and_not_repeated(host: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_remote(f"https://ann:s3cr3t@{host}/mcp?key=k3y")
    assert "s3cr3t" not in str(error.value)
    assert "k3y" not in str(error.value)


@given(st.text())
def test_any_text_after_the_scheme_is_an_address_or_a_usage_error(text: str) -> None:
    try:
        remote = parse_remote(f"https://{text}")
    except UsageError:
        return
    assert remote is not None
    assert re.fullmatch(r"remote(-+[a-z0-9]+)+", remote_server(remote).slug)
    assert parse_remote(remote.url) == remote


def test_a_server_of_an_address_is_named_by_host_and_path() -> None:
    remote = Remote(url="https://tools.example:8443/v1/mcp/?key=k3y")
    server = remote_server(remote)
    assert server.title == "tools.example:8443/v1/mcp"
    assert server.slug.startswith("remote-tools-example-8443-v1-mcp-")
    assert server.origin == remote


def test_two_addresses_are_two_servers_and_one_over_two_transports_is_one() -> None:
    def slug(url: str) -> str:
        return remote_server(Remote(url=url)).slug

    assert len({slug(f"https://a.example/{path}") for path in ("a-b", "a/b", "a.b", "?a=b")}) == 4
    assert remote_server(Remote(url="https://a.example/", transport="sse")).slug == slug("https://a.example/")


@pytest.mark.parametrize(
    ("option", "header"),
    [
        ("Authorization: Bearer abc", ("Authorization", "Bearer abc")),
        ("x-key:a:b ", ("x-key", "a:b")),
        ("Cookie: ", ("Cookie", "")),
    ],
)
def test_a_header_is_a_name_and_a_value(option: str, header: tuple[str, str]) -> None:
    assert parse_header(option) == header


@pytest.mark.parametrize(
    "option", ["s3cr3t", ": s3cr3t", "a b: s3cr3t", "X: s3cr3t\r\nY: z", "X: s3cr3t\x00", "Host: s3cr3t"]
)
def test_what_is_no_header_is_refused_without_its_value(option: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_header(option)
    assert "s3cr3t" not in str(error.value)
