"""Calls run through the reference evaluator as a gateway would meet them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.counters.sqlite import SqliteCounters
from catalog.errors import InputError
from catalog.policy.calllog import read_calls
from catalog.policy.model import Decision, Limit, Policy, Rule
from catalog.verify.simulate import Simulated, simulate
from catalog_testing.policy import policy, rule

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _run(tried: Policy, text: str) -> Sequence[Simulated]:
    counters = SqliteCounters(Path(":memory:"))
    try:
        return tuple(simulate(tried, read_calls(text.split("\n")).calls, counters, NOON))
    finally:
        counters.close()


def _decisions(tried: Policy, *lines: str) -> list[Decision]:
    return [one.decision for one in _run(tried, "\n".join(lines))]


TWICE = policy(rule("make", Decision.LIMIT, limit=Limit(max=2, window="minute")))


def test_a_limit_counts_the_calls_given_and_denies_what_is_over_it() -> None:
    done = _run(TWICE, '{"tool": "make"}\n\n{"tool": "make"}\n{"tool": "make"}\n')
    assert [one.decision for one in done] == [Decision.LIMIT, Decision.LIMIT, Decision.DENY]
    assert done[-1].reason == "the limit is reached: 2 calls per minute"


def test_a_new_calendar_window_counts_anew() -> None:
    lines = [f'{{"tool": "make", "time": "2026-01-31T12:00:{second}Z"}}' for second in ("57", "58", "59")]
    later = '{"tool": "make", "time": "2026-01-31T13:01:00+01:00"}'
    assert _decisions(TWICE, *lines, later) == [Decision.LIMIT, Decision.LIMIT, Decision.DENY, Decision.LIMIT]


def test_a_session_that_read_text_of_outsiders_is_asked_from_then_on() -> None:
    reads = Rule(tool="read", decision=Decision.ALLOW, taints=True, reason="", key="read")
    sends = Rule(tool="send", decision=Decision.ALLOW, after_taint=Decision.APPROVE, reason="", key="send")
    asked = [
        f'{{"tool": "{tool}", "session": "{session}"}}'
        for tool, session in (("send", "a"), ("read", "a"), ("send", "a"), ("send", "b"))
    ]
    assert _decisions(policy(reads, sends), *asked) == [
        Decision.ALLOW,
        Decision.ALLOW,
        Decision.APPROVE,
        Decision.ALLOW,
    ]


def test_an_audit_log_is_read_but_for_other_methods() -> None:
    lines = (
        '{"method": "resources/read", "server": "s"}',
        '{"server": "s", "method": "tools/call", "tool": "make", "outcome": "x"}',
    )
    assert [call.tool for call in read_calls(lines).calls] == ["make"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: Expecting"),
        ("[]", "holds no object"),
        ('{"arguments": {}}', "must be text"),
        ('{"tool": "t", "arguments": []}', "must be an object"),
    ],
)
def test_a_line_that_is_no_call_is_named(line: str, said: str) -> None:
    (told,) = read_calls([line]).unread
    assert said in told


@pytest.mark.parametrize("time", ['"noon"', "true", "1e300"])
def test_a_time_that_is_none_is_named(time: str) -> None:
    with pytest.raises(InputError, match="line 1: time must be like"):
        _run(TWICE, f'{{"tool": "t", "time": {time}}}')


def test_calls_out_of_order_are_refused() -> None:
    lines = ('{"tool": "make", "time": 1800000060}', '{"tool": "make", "time": 1800000000}')
    with pytest.raises(InputError, match="sort by time"):
        _decisions(TWICE, *lines)


def test_an_audit_log_without_arguments_is_simulated_by_the_actions_that_it_names() -> None:
    event = '{"server": "s", "method": "tools/call", "tool": "nas", "selected": {"action": "ls"}, "outcome": "passed", '
    line = event + '"arguments": {"action": "text of 2"}}'
    assert _decisions(policy(rule("nas", Decision.ALLOW, action="ls")), line) == [Decision.ALLOW]
