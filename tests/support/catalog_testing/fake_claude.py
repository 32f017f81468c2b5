"""A small program that behaves as Claude Code does without a terminal: lists, a model over HTTP, servers over pipes.

``HEEDS`` are the lists of its settings that it heeds, ``LEAVES`` after how many calls it leaves.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

HEEDS: tuple[str, ...] = ("deny", "ask", "allow")
LEAVES = 1_000_000


class Server:
    """An MCP server over pipes."""

    def __init__(self, command: str, args: list[str]) -> None:
        self.process = subprocess.Popen([command, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {}})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["result"]


def model(messages: list[Any], tools: list[str]) -> Any:
    """Return what the model wants next."""
    body = json.dumps({"messages": messages, "tools": [{"name": name} for name in tools]}).encode()
    request = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", body)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["content"][0]


def decide(name: str, settings: dict[str, Any]) -> str:
    for heeded in HEEDS:
        if name in settings["permissions"].get(heeded, ()):
            return heeded
    return "ask" if HEEDS else "allow"


def main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write("9.9.9 (fake)\n")
        return
    servers = json.loads(Path(arguments[arguments.index("--mcp-config") + 1]).read_text())["mcpServers"]
    prompt = arguments[arguments.index("--permission-prompt-tool") + 1]
    settings = json.loads(Path(".claude/settings.json").read_text())
    tools = {}
    for server, started in servers.items():
        running = Server(started["command"], started["args"])
        for tool in running.ask("tools/list", {})["tools"]:
            tools[f"mcp__{server}__{tool['name']}"] = (running, tool["name"])
    messages: list[Any] = []
    for _ in range(LEAVES):
        block = model(messages, list(tools))
        if block["type"] != "tool_use":
            break
        decided = decide(block["name"], settings)
        if block["name"] not in tools or decided == "deny":
            said = "no"
        elif decided == "ask":
            asked, person = tools[prompt]
            said = json.loads(asked.ask("tools/call", {"name": person, "arguments": {}})["content"][0]["text"])[
                "message"
            ]
        else:
            running, tool = tools[block["name"]]
            said = str(running.ask("tools/call", {"name": tool, "arguments": block["input"]}))
        messages.append({"role": "user", "content": [{"type": "tool_result", "content": said}]})
    sys.stdout.write("I have to leave\n")
    for running, _ in tools.values():
        running.process.terminate()
        running.process.wait()


if __name__ == "__main__":
    main()
