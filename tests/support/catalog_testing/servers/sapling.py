"""A server on pipes that starts quickly: ``sapling.py NAME``. Standard library only, and any version with a handshake.

``echo`` says the same, ``fell`` asks the client first, ``wait`` never answers, ``die`` ends the server.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

TOOLS = ("echo", "fell", "wait", "die")


class Sapling:
    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: dict[str, object] = {}
        self.cancelled: list[object] = []

    def take(self, message: Mapping[str, Any]) -> None:
        """Do what a message asks."""
        method, id_ = message.get("method"), message.get("id")
        if method is None and isinstance(id_, str) and id_ in self._asked:
            self._say(self._asked.pop(id_), json.dumps(message.get("result")))
        elif method == "notifications/cancelled":
            self.cancelled.append(message["params"]["requestId"])
        elif method == "tools/call":
            self._call(id_, message["params"])
        elif id_ is not None:
            self._write({"id": id_, "result": self._result(str(method), message.get("params") or {})})

    def _call(self, id_: object, params: Mapping[str, Any]) -> None:
        tool, arguments = params["name"], params.get("arguments") or {}
        if tool == "echo":
            self._say(id_, f"{self._name}: {arguments.get('text')}")
        elif tool == "fell":
            self._asked[f"fell-{id_}"] = id_
            self._write({"id": f"fell-{id_}", "method": "elicitation/create", "params": {"message": "Really?"}})
        elif tool == "die":
            os._exit(3)

    def _result(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if method == "initialize":
            info = {"name": self._name, "version": "1"}
            return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
        if method == "tools/list":
            return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
        if method == "test/cancelled":
            return {"cancelled": self.cancelled}
        return {}

    def _say(self, id_: object, text: str) -> None:
        self._write({"id": id_, "result": {"content": [{"type": "text", "text": text}]}})

    def _write(self, message: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sapling = Sapling(sys.argv[1])
    for line in sys.stdin:
        sapling.take(json.loads(line))
