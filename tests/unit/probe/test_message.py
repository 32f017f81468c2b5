"""One JSON-RPC message, within bounds."""

import json

import pytest

from catalog.model import Reason
from catalog.probe.base import ProbeError
from catalog.probe.message import MOST_VALUES, read_message


def test_a_message_is_read() -> None:
    assert read_message(b' {"jsonrpc": "2.0", "id": 1, "result": {}}\r') == {"jsonrpc": "2.0", "id": 1, "result": {}}


@pytest.mark.parametrize(
    "line", [b"", b"Listening on 8080", b"[1]", b'"text"', b"{broken", b'{"a": 1}', b'{"a":' * 5_000]
)
def test_what_is_no_message_is_none(line: bytes) -> None:
    assert read_message(line) is None


@pytest.mark.parametrize("bomb", ["[]", "{}", "0", '""'])
def test_a_small_text_that_would_make_millions_of_objects_is_refused_unread(bomb: str) -> None:
    text = '{"jsonrpc": "2.0", "id": 1, "result": [' + ",".join([bomb] * MOST_VALUES) + "]}"
    with pytest.raises(ProbeError, match="one message of more than 500,000 values") as refusal:
        read_message(text.encode())
    assert refusal.value.reason is Reason.TOO_LARGE


def test_constants_that_are_no_json_become_null() -> None:
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"maximum": float("inf")}})
    assert read_message(message.encode()) == {"jsonrpc": "2.0", "id": 1, "result": {"maximum": None}}
