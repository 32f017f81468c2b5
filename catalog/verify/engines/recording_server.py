"""A stand-in MCP server over pipes: it has the tools and arguments it is told of, and writes down which calls reach it.

Run as a program (``recording_server.py TOOLS LOG``) by the Python of an engine, so it needs nothing but Python itself.
"""

import json
import sys
from pathlib import Path


def main(tools: Path, log: Path) -> None:
    """Answer requests from standard input until it ends; each call is a line of ``log`` before it is answered."""
    listed = [
        {"name": name, "inputSchema": {"type": "object", "properties": {key: {} for key in arguments}}}
        for name, arguments in json.loads(tools.read_text(encoding="utf-8")).items()
    ]
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        params = message.get("params") or {}
        match message["method"]:
            case "initialize":
                result: object = {
                    "protocolVersion": params["protocolVersion"],
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "recording", "version": "1"},
                }
            case "tools/list":
                result = {"tools": listed}
            case "tools/call":
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(params) + "\n")
                result = {"content": [{"type": "text", "text": "done"}]}
            case "ping":
                result = {}
            case other:
                _send({"id": message["id"], "error": {"code": -32601, "message": f"no method {other}"}})
                continue
        _send({"id": message["id"], "result": result})


def _send(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
