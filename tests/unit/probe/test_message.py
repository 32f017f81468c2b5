"""JSON-RPC messages in one line, within bounds."""

import json

import pytest

from catalog.model import Reason
from catalog.probe.base import ProbeError
from catalog.probe.message import MOST_VALUES, read_messages


def test_a_message_is_read() -> None:
    assert read_messages(b' {"jsonrpc": "2.0", "id": 1, "result": {}}\r') == [{"jsonrpc": "2.0", "id": 1, "result": {}}]


def test_the_messages_of_a_batch_are_read_in_order_and_what_is_none_is_left_out() -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 2},
        5,
        {"id": 3},
        None,
        [{"jsonrpc": "2.0", "id": 4}],
        {"jsonrpc": "2.0", "id": 1},
    ]
    assert [message["id"] for message in read_messages(json.dumps(batch).encode())] == [2, 1]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Listening on 8080",
        b"[1]",
        b'"text"',
        b"{broken",
        b'{"a": 1}',
        b'{"a":' * 5_000,
        b"[" * 100_000,
        b"[INFO] x",
    ],
)
def test_what_is_no_message_is_left_out(line: bytes) -> None:
    assert read_messages(line) == []


@pytest.mark.parametrize("bomb", ["[]", "{}", "0", '""'])
def test_a_small_text_that_would_make_millions_of_objects_is_refused_unread(bomb: str) -> None:
    text = '{"jsonrpc": "2.0", "id": 1, "result": [' + ",".join([bomb] * MOST_VALUES) + "]}"
    with pytest.raises(ProbeError, match="one message of more than 500,000 values") as refusal:
        read_messages(text.encode())
    assert refusal.value.reason is Reason.TOO_LARGE


def test_constants_that_are_no_json_become_null() -> None:
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"maximum": float("inf")}})
    assert read_messages(message.encode()) == [{"jsonrpc": "2.0", "id": 1, "result": {"maximum": None}}]
