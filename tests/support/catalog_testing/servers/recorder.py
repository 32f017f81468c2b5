"""A server on pipes that writes down every call that reaches it: ``recorder.py CALLS TOOL…``. Standard library only.

The tool ``die`` ends it without an answer, ``chatter`` prints what is no message, ``long`` answers with as many
characters as its argument ``size`` says.
"""

import json
import sys
from pathlib import Path
from typing import Any

DIED = 3


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def result(method: str, params: dict[str, Any], tools: list[str], calls: Path) -> dict[str, Any]:
    """Return the result of one request."""
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "recorder", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in tools]}
    if method == "tools/call":
        with calls.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": params["name"], "arguments": params.get("arguments")}) + "\n")
        if params["name"] == "die":
            sys.exit(DIED)
        if params["name"] == "chatter":
            write("Warning: no message")
        size = (params.get("arguments") or {}).get("size", 2)
        return {"content": [{"type": "text", "text": "o" * size}]}
    return {}


def main() -> None:
    calls, tools = Path(sys.argv[1]), sys.argv[2:]
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            answer = result(message["method"], message.get("params") or {}, tools, calls)
            write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}))


if __name__ == "__main__":
    main()
