"""What counts as a change of a tool, and what only as another day or another machine."""

import pytest

from catalog.steady import is_same_tool
from classifier.definition import JsonObject


def tool(text: str) -> JsonObject:
    return {"name": "pick", "description": text, "inputSchema": {"properties": {"day": {"default": text}}}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("since 2026-11-25", "since 2026-11-26"),
        ("at 2026-11-25T10:00:00Z", "at 2026-11-26T11:30:00.123+00:00"),
        ("stamp 1764000000", "stamp 1764009999"),
        ("below /home/ann/orchard", "below /root/orchard"),
        ("see localhost:8080", "see localhost:41234"),
    ],
)
def test_another_moment_path_or_port_is_the_same_tool(one: str, other: str) -> None:
    assert is_same_tool(tool(one), tool(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Picks apples.", "Picks pears."),
        ("at most 10", "at most 100"),
        ("version 1.2.3", "version 1.2.4"),
        ("reads /etc/orchard", "reads a file"),
        ("since 2026-11-25", "since yesterday"),
        ("sends it to https://one.example", "sends it to https://two.example"),
    ],
)
def test_any_other_difference_is_a_change(one: str, other: str) -> None:
    assert not is_same_tool(tool(one), tool(other))
