"""An MCP server in a few lines, to be packed into wheels: lists one tool."""

import json
import sys


def main(tool: str = "hello") -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        result: object = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "tiny", "version": "1"},
        }
        if request["method"] == "tools/list":
            result = {"tools": [{"name": tool}]}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
