"""An MCP server whose one tool is the person that Claude Code asks: it always says no, in words that tell it was asked.

Run as a program over pipes, so it needs nothing but Python itself.
"""

import json
import sys

ASKED = "a person was asked"

_TOOL = {"name": "ask", "description": "Ask a person.", "inputSchema": {"type": "object"}}


def main() -> None:
    """Answer requests from standard input until it ends."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        match message["method"]:
            case "initialize":
                result: object = {
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "person", "version": "1"},
                }
            case "tools/list":
                result = {"tools": [_TOOL]}
            case "tools/call":
                answer = json.dumps({"behavior": "deny", "message": ASKED})
                result = {"content": [{"type": "text", "text": answer}]}
            case _:
                result = {}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
