"""Paths and addresses as regular expressions: what the reference lets pass and nothing else, in a real RE2."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.patterns import host_pattern, path_pattern
from catalog.policy.conditions import holds
from catalog.policy.model import Condition, Operator

PIECES = ("/", "/", ".", "..", "./", "srv", "data", "~", ":", "C:", ".git", "\\", "\0", "a b", "\n", "é", "+")
FOLDERS = ("/srv", "srv", "/srv/data", "/", ".", "", "./~", "~", "C:/srv", "a b", "/srv/+", "..", "é")
ADDRESSES = (
    "a.example",
    "A.Example",
    "kube",
    "\u212aube",
    "[::1]",
    ":80",
    ":",
    "/",
    "?",
    "#",
    "@",
    "\\",
    " ",
    "x",
    "\t",
)
HOSTS = ("a.example", "KUBE", "::1", "x y", "", "a.example:80", "é")


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is not None and re2.compile(pattern).search(text) is not None


@settings(max_examples=200, deadline=None)
@given(
    folders=st.lists(st.sampled_from(FOLDERS), max_size=3).map(tuple),
    below=st.booleans(),
    pieces=st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)
def test_a_path_matches_exactly_where_it_is_within_a_folder(folders: tuple[str, ...], below: bool, pieces: str) -> None:
    path = (folders[0] if folders and below else "") + pieces
    condition = Condition(argument="/path", operator=Operator.WITHIN, values=folders)
    assert _matches(path_pattern(folders), path) is holds(condition, {"path": path})


@settings(max_examples=200, deadline=None)
@given(
    hosts=st.lists(st.sampled_from(HOSTS), max_size=3).map(tuple),
    scheme=st.sampled_from(("http://", "HTTPS://", "ftp://", "http:", "")),
    pieces=st.lists(st.sampled_from(ADDRESSES), max_size=5).map("".join),
)
def test_an_address_never_matches_unless_its_host_is_on_the_list(
    hosts: tuple[str, ...], scheme: str, pieces: str
) -> None:
    condition = Condition(argument="/url", operator=Operator.HOST_IN, values=hosts)
    wanted = holds(condition, {"url": scheme + pieces})
    if _matches(host_pattern(hosts), scheme + pieces):
        assert wanted
    else:
        assert not wanted or "[" in pieces  # an address in brackets with something behind it


@pytest.mark.parametrize("address", ["https://KUBE", "http://kube:80/x?y#z", "hTTp://[::1]:8/", "http://::1"])
def test_usual_addresses_are_told_apart_as_the_reference_does(address: str) -> None:
    condition = Condition(argument="/url", operator=Operator.HOST_IN, values=("kube", "::1"))
    assert _matches(host_pattern(("kube", "::1")), address) is holds(condition, {"url": address})
