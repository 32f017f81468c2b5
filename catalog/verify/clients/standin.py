"""A model on loopback that asks for one call after the other and notes what became of each.

Clients speak to it as to their maker's interface: Anthropic's messages, or OpenAI's responses.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from catalog.policy.model import Decision

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A call as the model asks for it."""

    name: str
    arguments: Mapping[str, object]
    namespace: str | None = None
    """What OpenAI's clients group the tools of one server by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a call."""

    reached: bool
    """Whether the server got it."""
    counted: bool
    """Whether a limit counted it."""
    said: str
    """What the client told the model."""

    def decision(self, *asks: str) -> Decision:
        """Return what the client decided; one that cannot ask anybody says one of ``asks`` when it wanted to."""
        if self.reached:
            return Decision.LIMIT if self.counted else Decision.ALLOW
        return Decision.APPROVE if any(ask in self.said for ask in asks) else Decision.DENY


@dataclass(kw_only=True)
class Conversation:
    """The calls to ask for, and how far the client is; each client has its own way of saying where it stands."""

    wanted: Sequence[Wanted]
    watch: Callable[[], tuple[bool, bool]]
    """Says whether the server got the last call, and whether it was counted against a limit."""
    outcomes: list[Outcome] = field(default_factory=list)
    offered: frozenset[str] = frozenset()
    """The tools that the client shows to the model."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, said: Sequence[str], offered: frozenset[str]) -> tuple[int, Wanted] | None:
        """Take in what the client says became of the calls so far, and return the next one and its place."""
        with self.lock:
            self.offered |= offered
            if len(said) > len(self.outcomes):
                reached, counted = self.watch()
                self.outcomes.append(Outcome(reached=reached, counted=counted, said=said[-1]))
            place = len(self.outcomes)
            return (place, self.wanted[place]) if place < len(self.wanted) else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    conversation: Conversation

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._send("application/json", b"")

    def do_GET(self) -> None:
        self._send("application/json", b'{"data": [], "models": []}')

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        if self.path.partition("?")[0].endswith("/messages"):
            self._messages(body)
        elif self.path.partition("?")[0].endswith("/responses"):
            self._responses(body)
        else:
            self._send("application/json", b'{"input_tokens": 1}')

    def _messages(self, body: Json) -> None:
        offered = frozenset(tool["name"] for tool in body.get("tools", []) if "name" in tool)
        blocks = [
            block
            for message in body.get("messages", [])
            if isinstance(message["content"], list)
            for block in message["content"]
        ]
        said = [json.dumps(block.get("content")) for block in blocks if block.get("type") == "tool_result"]
        turn = self.conversation.next(said, offered) if offered else None  # without tools: a title, or a summary
        block: Json = {"type": "text", "text": "done"}
        if turn:
            place, call = turn
            block = {"type": "tool_use", "id": f"toolu_{place}", "name": call.name, "input": call.arguments}
        message = {
            "id": f"msg_{len(said)}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", "stand-in"),
            "content": [block],
            "stop_reason": "tool_use" if turn else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }
        if body.get("stream"):
            self._stream(_message_events(message, block))
        else:
            self._send("application/json", json.dumps(message).encode())

    def _responses(self, body: Json) -> None:
        offered = frozenset(
            name for tool in body.get("tools", []) for name in ([tool.get("name")] if "name" in tool else [])
        ) | frozenset(
            f"{tool.get('name')}{one.get('name')}"
            for tool in body.get("tools", [])
            for one in tool.get("tools", [])
            if isinstance(one, dict)
        )
        said = [
            json.dumps(item.get("output"))
            for item in body.get("input", [])
            if str(item.get("type")).endswith("_call_output")
        ]
        turn = self.conversation.next(said, offered)
        item: dict[str, object] = {
            "type": "message",
            "id": "m",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "done", "annotations": []}],
        }
        if turn:
            place, call = turn
            item = {
                "type": "function_call",
                "id": f"fc_{place}",
                "call_id": f"call_{place}",
                "name": call.name,
                "arguments": json.dumps(call.arguments),
                **({"namespace": call.namespace} if call.namespace else {}),
            }
        about = {"id": f"resp_{len(said)}"}
        usage = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "output_tokens_details": None}
        self._stream(
            [
                {"type": "response.created", "response": about},
                {"type": "response.output_item.done", "output_index": 0, "item": item},
                {"type": "response.completed", "response": {**about, "usage": {**usage, "total_tokens": 2}}},
            ]
        )

    def _stream(self, events: Sequence[Json]) -> None:
        text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self._send("text/event-stream", text.encode())

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _message_events(message: Json, block: Json) -> Sequence[Json]:
    """Return a message as it comes in a stream."""
    if block["type"] == "tool_use":
        start = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    else:
        start = {**block, "text": ""}
        delta = {"type": "text_delta", "text": block["text"]}
    ended = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    return [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]


@contextmanager
def serving(conversation: Conversation) -> Iterator[int]:
    """Serve the conversation on loopback; yields the port."""
    handler = type("Handler", (_Handler,), {"conversation": conversation})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
