"""Servers that cannot be listed, each with the reason why: never an empty list, never a wait without an end."""

from typing import Any

import pytest

from catalog.model import Reason
from catalog.probe.base import ProbeLimits

IMPATIENT = ProbeLimits(initialize_seconds=0.2, request_seconds=0.2)
"""For servers that never answer: the time passes for certain, however busy the machine is."""

IMPATIENT_LATER = ProbeLimits(initialize_seconds=20, request_seconds=0.2)

SMALL = ProbeLimits(frame_bytes=1024 * 1024, total_bytes=2 * 1024 * 1024, tools=50)


def test_a_crash_at_the_start(refusal: Any) -> None:
    error = refusal(stderr="boom", exit=3)
    assert (error.reason, error.detail) == (Reason.CRASHED, "it ended with exit code 3")


def test_a_program_that_ends_well_without_a_word_is_no_server(refusal: Any) -> None:
    error = refusal(before=["usage: tool [options]"], exit=0)
    assert error.reason is Reason.NOT_MCP


def test_a_crash_during_the_list(refusal: Any) -> None:
    error = refusal(list="crash")
    assert (error.reason, error.detail) == (Reason.CRASHED, "it ended with exit code 1")


def test_a_server_that_hangs_in_the_handshake(refusal: Any) -> None:
    error = refusal(IMPATIENT, initialize="hang")
    assert (error.reason, error.detail) == (Reason.TIMED_OUT, "no answer to initialize within 0.2 s")


def test_a_server_that_hangs_in_the_list(refusal: Any) -> None:
    error = refusal(IMPATIENT_LATER, list="hang")
    assert (error.reason, error.detail) == (Reason.TIMED_OUT, "no answer to tools/list within 0.2 s")


def test_a_server_that_refuses_the_handshake(refusal: Any) -> None:
    error = refusal(initialize="refuse")
    assert (error.reason, error.detail) == (Reason.PROTOCOL_ERROR, "initialize: not today (code -32600)")


@pytest.mark.parametrize("result", [[], "yes", {}, {"protocolVersion": 1}])
def test_a_handshake_that_makes_no_sense(refusal: Any, result: Any) -> None:
    error = refusal(initialize=result)
    assert (error.reason, error.detail) == (
        Reason.PROTOCOL_ERROR,
        "initialize was answered without a protocolVersion",
    )


@pytest.mark.parametrize("result", [[], "none", {}, {"tools": {}}, {"tools": None}])
def test_a_list_that_is_none(refusal: Any, result: Any) -> None:
    error = refusal(list=result)
    assert (error.reason, error.detail) == (Reason.PROTOCOL_ERROR, "tools/list was answered without a list of tools")


def test_a_server_that_refuses_to_list(refusal: Any) -> None:
    error = refusal(list="refuse")
    assert (error.reason, error.detail) == (Reason.PROTOCOL_ERROR, "tools/list: no tools for you (code -32000)")


def test_a_server_that_declares_tools_and_knows_no_list(refusal: Any) -> None:
    assert refusal(list="unknown").reason is Reason.PROTOCOL_ERROR


def test_a_line_that_is_too_long(refusal: Any) -> None:
    error = refusal(SMALL, padding=1_500_000)
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "one line of more than 1 MiB")


def test_a_line_without_an_end(refusal: Any) -> None:
    error = refusal(SMALL, flood=1_500_000)
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "one line of more than 1 MiB")


def test_short_lines_without_an_end(refusal: Any) -> None:
    error = refusal(SMALL, chatter=2200)
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "more than 2 MiB of output")


def test_more_tools_than_anyone_can_use(refusal: Any) -> None:
    error = refusal(SMALL, pages=[[{"name": f"tool_{number}"} for number in range(51)]])
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "more than 50 tools")


@pytest.mark.parametrize("tool", [None, {"name": "same"}])
def test_malformed_and_repeated_tools_count_too(refusal: Any, tool: Any) -> None:
    """Sixteen MiB of ``0,`` would be eight million problems to keep."""
    error = refusal(SMALL, pages=[[tool] * 30, [tool] * 30])
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "more than 50 tools")
