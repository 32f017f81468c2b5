"""What holds of a call's arguments; what is not plainly what a condition asks for does not."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.conditions import holds, pointer, value_at
from catalog.policy.model import Condition, Operator, Scalar

NAN = float("nan")


def _holds(operator: Operator, value: object, *values: Scalar, optional: bool = False) -> bool:
    condition = Condition(argument="/a", operator=operator, values=values, optional=optional)
    return holds(condition, {"a": value})


@pytest.mark.parametrize("value", ["", 0, False, [], {}])
def test_what_is_empty_is_present_and_only_null_is_absent(value: object) -> None:
    assert _holds(Operator.PRESENT, value)
    assert not _holds(Operator.ABSENT, value)
    assert not _holds(Operator.PRESENT, None)
    assert _holds(Operator.ABSENT, None)


@pytest.mark.parametrize("operator", [Operator.ONE_OF, Operator.AT_MOST, Operator.WITHIN, Operator.HOST_IN])
def test_an_argument_that_is_left_out_fits_only_where_it_is_optional(operator: Operator) -> None:
    for arguments in ({}, {"a": None}):
        assert not holds(Condition(argument="/a", operator=operator, values=("x",)), arguments)
        assert holds(Condition(argument="/a", operator=operator, values=("x",), optional=True), arguments)


@pytest.mark.parametrize("operator", [Operator.ONE_OF, Operator.AT_MOST, Operator.AT_LEAST, Operator.WITHIN])
def test_without_values_nothing_that_is_given_fits(operator: Operator) -> None:
    given: tuple[object, ...] = ("x", 0, "/", "", {}, [""])
    for value in given:
        assert not _holds(operator, value, optional=True)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("EUR", True),
        (["EUR", "USD"], True),
        (["EUR", "GBP"], False),
        ([["EUR"]], False),
        ("eur", False),
        ("EUR ", False),
        ("\u0415UR", False),
        ({"EUR": 1}, False),
        (5, True),
        (5.0, True),
        ("5", False),
        (True, False),
        (1, False),
    ],
)
def test_one_of_compares_exactly_and_never_text_with_a_number(value: object, fits: bool) -> None:
    assert _holds(Operator.ONE_OF, value, "EUR", "USD", 5) is fits


@pytest.mark.parametrize(
    ("value", "fits"), [(False, True), (0, False), ("false", False), (True, False), ([True], False)]
)
def test_a_flag_that_must_be_false_is_false_itself(value: object, fits: bool) -> None:
    assert _holds(Operator.ONE_OF, value, False) is fits


@pytest.mark.parametrize("value", ["5", True, [5], {"n": 5}, NAN, float("inf"), float("-inf"), 10**400])
@pytest.mark.parametrize("operator", [Operator.AT_MOST, Operator.AT_LEAST])
def test_only_a_finite_number_can_be_compared(operator: Operator, value: object) -> None:
    assert not _holds(operator, value, 7 if operator is Operator.AT_MOST else 1)


def test_bounds_are_within_what_is_allowed() -> None:
    assert _holds(Operator.AT_MOST, 7, 7)
    assert not _holds(Operator.AT_MOST, 7.5, 7)
    assert _holds(Operator.AT_LEAST, 7, 7)
    assert not _holds(Operator.AT_LEAST, -8, 7)
    assert not _holds(Operator.AT_MOST, 1, NAN)


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("/srv/reports", True),
        ("/srv/reports/2026/a.txt", True),
        ("//srv//./reports/", True),
        (["/srv/reports/a", "/srv/reports/b"], True),
        (["/srv/reports/a", "/etc/passwd"], False),
        ("/srv/reports-old", False),
        ("/srv/reports/../../etc/passwd", False),
        ("/srv/reports/.git/config", False),
        ("srv/reports", False),
        ("\\srv\\reports", False),
        ("/srv/reports\0/x", False),
        ("~/srv/reports", False),
        ("file:///srv/reports", False),
        ("/Srv/reports", False),
        ("", False),
        (5, False),
        ({"path": "/srv/reports"}, False),
    ],
)
def test_a_path_must_be_below_a_folder_and_lead_nowhere_else(path: object, fits: bool) -> None:
    assert _holds(Operator.WITHIN, path, "/srv/reports", 5) is fits


@pytest.mark.parametrize("folder", ["", ".", "./"])
@pytest.mark.parametrize(
    ("path", "fits"), [("a/b", True), ("/etc/passwd", False), ("C:/Windows", False), ("file:///etc/passwd", False)]
)
def test_a_relative_folder_holds_no_absolute_path(folder: str, path: str, fits: bool) -> None:
    assert _holds(Operator.WITHIN, path, folder) is fits


def test_a_root_or_a_drive_holds_what_is_below_it_alone() -> None:
    assert _holds(Operator.WITHIN, "/etc/passwd", "/")
    assert not _holds(Operator.WITHIN, "etc/passwd", "/")
    assert _holds(Operator.WITHIN, "C:/data/a", "C:/data")
    assert not _holds(Operator.WITHIN, "D:/data/a", "C:/data")


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://api.example.com/v1?q=1", True),
        ("HTTP://API.Example.com:8443", True),
        (["https://api.example.com", "https://b.example"], True),
        (["https://api.example.com", "https://evil.example"], False),
        ("https://api.example.com.evil.example/", False),
        ("https://evil.example/https://api.example.com", False),
        ("https://evil.example#api.example.com", False),
        ("https://api.example.com@evil.example/", False),
        ("https://evil.example\\@api.example.com/", False),
        ("https:\\\\api.example.com", False),
        ("//api.example.com/", False),
        ("api.example.com", False),
        ("ftp://api.example.com", False),
        ("javascript:https://api.example.com", False),
        ("https://api.example.com\n.evil.example", False),
        ("https://\u0430pi.example.com", False),
        ("https://[api.example.com", False),
        ("http://api.example.com:", True),
        ("http://api.example.com:0080/", True),
        ("", False),
        (5, False),
        ({"url": "https://api.example.com"}, False),
    ],
)
def test_a_url_must_have_an_allowed_host_for_every_reader(url: object, fits: bool) -> None:
    assert _holds(Operator.HOST_IN, url, "API.example.com", "b.example") is fits


@pytest.mark.parametrize(
    ("where", "arguments", "found"),
    [
        ("/params/allowlist", {"params": {"allowlist": [1]}}, [1]),
        ("/a~1b/c~0d", {"a/b": {"c~d": 1}}, 1),
        ("/~01", {"~1": 1}, 1),
        ("/", {"": 1}, 1),
        ("/params/0", {"params": ["x"]}, None),
        ("/params/a", {"params": '{"a": 1}'}, None),
        ("/params/a", {}, None),
    ],
)
def test_a_pointer_enters_objects_alone(where: str, arguments: Mapping[str, object], found: object) -> None:
    assert value_at(where, arguments) == found


@given(st.lists(st.text(), min_size=1))
def test_a_pointer_names_what_it_was_made_for(names: list[str]) -> None:
    arguments: object = "found"
    for name in reversed(names):
        arguments = {name: arguments}
    assert isinstance(arguments, Mapping)
    assert value_at(pointer(*names), arguments) == "found"


@pytest.mark.parametrize(
    ("url", "fits"), [("http://[::1]:80/", True), ("http://[::1]x/", False), ("http://x[::1]/", False)]
)
def test_an_address_in_brackets_stands_alone(url: str, fits: bool) -> None:
    assert _holds(Operator.HOST_IN, url, "::1") is fits
