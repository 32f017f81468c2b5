"""Whatever either side writes, the guard answers or passes it on, and nothing denied gets through."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.policy.evaluate import evaluate
from catalog.policy.model import PASSING, Decision, Policy
from catalog_testing.calls import calls, policies
from catalog_testing.guarding import Bench, hashes, tool
from catalog_testing.policy import rule

METHODS = (
    *(
        "tools/call",
        "tools/call",
        "tools/list",
        "resources/read",
        "prompts/get",
        "initialize",
        "ping",
        "server/discover",
    ),
    *("notifications/cancelled", "notifications/initialized", "completion/complete", "subscriptions/listen", "x"),
)
KEYS = st.sampled_from(
    ("jsonrpc", "id", "method", "params", "result", "error", "name", "arguments", "_meta", "uri", "requestState")
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(METHODS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Draw a line: bytes, JSON, or nearly a message."""
    kind = draw(st.sampled_from(("bytes", "json", "message", "message", "cut")))
    if kind == "bytes":
        return draw(st.binary(max_size=60)).replace(b"\n", b"")
    if kind == "json":
        return json.dumps(draw(VALUES)).encode()
    message: dict[str, object] = {"jsonrpc": "2.0", **draw(st.dictionaries(KEYS, VALUES, max_size=4))}
    if draw(st.booleans()):
        message["method"] = draw(st.sampled_from(METHODS))
    if draw(st.booleans()):
        message["id"] = draw(st.integers(0, 3) | st.sampled_from(("a", 1.5)))
    line = json.dumps(message).encode()
    return line[: draw(st.integers(0, len(line)))] if kind == "cut" else line


@given(policy=policies(), lines=st.lists(st.tuples(st.booleans(), frames()), max_size=10))
@settings(max_examples=100)
def test_no_line_of_either_side_breaks_the_guard(policy: Policy, lines: list[tuple[bool, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(policy, Path(folder))
        for from_client, line in lines:
            passed = bench.guard.from_client(line) if from_client else bench.guard.from_server(line)
            for one in passed:
                assert b"\n" not in one.line
                message = json.loads(one.line)
                if from_client and one.to == "server" and message.get("method") == "tools/call":
                    params = message["params"]
                    assert evaluate(policy, params["name"], params.get("arguments") or {}) in PASSING


@given(policy=policies(), data=st.data())
@settings(max_examples=100)
def test_a_call_passes_exactly_where_the_policy_lets_it(policy: Policy, data: st.DataObject) -> None:
    name, arguments = data.draw(calls(policy))
    with tempfile.TemporaryDirectory() as folder:
        passed = Bench(policy, Path(folder)).call(name, arguments) == "passed"
    decision = evaluate(policy, name, arguments)
    # Whether a call that is counted passes is the counters' to say; nobody can be asked here.
    if decision is not Decision.LIMIT:
        assert passed is (decision is Decision.ALLOW)


@given(reviewed=st.sets(st.sampled_from("abc")), shown=st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
@settings(max_examples=50)
def test_only_what_was_reviewed_is_listed(reviewed: set[str], shown: list[tuple[str, bool]]) -> None:
    honest = {name: tool(name) for name in "abc"}
    policy = Policy(
        server="s",
        rules=tuple(rule(name, Decision.ALLOW) for name in "abc"),
        definitions=hashes(*(honest[name] for name in sorted(reviewed))) or {"other": "0"},
    )
    with tempfile.TemporaryDirectory() as folder:
        seen = Bench(policy, Path(folder)).listed(
            *(honest[name] if same else tool(name, "Changed.") for name, same in shown)
        )
    for name in "abc":
        same = [is_same for other, is_same in shown if other == name]
        assert seen.count(name) == (len(same) if name in reviewed and all(same) else 0)
