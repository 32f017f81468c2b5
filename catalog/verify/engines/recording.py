"""What the stand-in server behind an engine that is a proxy is told, and how it is started."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.verify.base import Call

_SERVER = Path(__file__).with_name("recording_server.py")


def recording_server(folder: Path, calls: Sequence[Call]) -> tuple[Mapping[str, object], Path]:
    """Return ``command`` and ``args`` of a server that has whatever is called, and the file of calls that reach it.

    Its schemas name every argument of the calls: a proxy may refuse others, whatever the policy says.
    """
    tools: dict[str, list[str]] = {}
    for call in calls:
        tools.setdefault(call.tool, []).extend(call.arguments)
    told, log = folder / "tools.json", folder / "calls.jsonl"
    told.write_text(json.dumps(tools), encoding="utf-8")
    log.touch()
    return {"command": sys.executable, "args": ["-I", str(_SERVER), str(told), str(log)]}, log
