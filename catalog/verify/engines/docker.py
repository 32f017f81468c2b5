"""Docker MCP Gateway, rebuilt from its source: its tools.yaml read by name, and its interceptor run by jq.

The gateway itself does not run here. What it hands to an interceptor is known from its tests: the request as JSON.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call, EngineUnavailable

_TIMEOUT = 300
"""Seconds for all calls together, on a busy machine."""


class DockerGatewayEngine:
    """Lets a call pass if its tool is listed for its server and the interceptor prints nothing."""

    format = "docker-gateway"
    title = "Docker MCP Gateway rebuilt: tools.yaml, and the interceptor in jq"

    def version(self) -> str:
        """See `Engine.version`."""
        return subprocess.run([_jq(), "--version"], capture_output=True, encoding="utf-8", check=True).stdout.strip()

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        tools, *interceptors = export.files
        listed = yaml.safe_load(tools.text)
        passed = [call.tool in listed.get(call.server, [call.tool]) for call in calls]  # no entry: every tool
        for interceptor in interceptors:
            printed = _intercept(interceptor.text, calls)
            passed = [before and not prints for before, prints in zip(passed, printed, strict=True)]
        return [Decision.ALLOW if passes else Decision.DENY for passes in passed]


def _intercept(program: str, calls: Sequence[Call]) -> Sequence[bool]:
    """Return of each call whether the interceptor prints something or fails; either way, the call does not pass."""
    requests = [
        json.dumps({"method": "tools/call", "params": {"name": call.tool, "arguments": dict(call.arguments)}})
        for call in calls
    ]
    with TemporaryDirectory() as folder:
        alone, together = Path(folder, "alone.jq"), Path(folder, "together.jq")
        alone.write_text(program, encoding="utf-8")
        together.write_text(f"try [\n{program}\n] catch [.]", encoding="utf-8")  # a line for each request
        readable = [request for request in requests if not _HALF.search(request)]
        done = _run(together, "\n".join(readable))
        if done.returncode:
            raise ValueError(f"jq does not take the interceptor: {done.stderr[-500:]}")
        printed = dict(zip(readable, (line != "[]" for line in done.stdout.splitlines()), strict=True))
        for request in requests:
            if request not in printed:
                done = _run(alone, request)
                printed[request] = bool(done.returncode or done.stdout.strip())
    return [printed[request] for request in requests]


_HALF = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
"""Half of a surrogate pair in JSON, perhaps; jq ends there, and would not come to the requests after it."""


def _run(program: Path, request: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_jq(), "-c", "-f", program],
        input=request,
        capture_output=True,
        encoding="utf-8",
        timeout=_TIMEOUT,
        check=False,
    )


def _jq() -> str:
    found = shutil.which("jq")
    if found is None:
        raise EngineUnavailable("there is no jq: install it, version 1.6 or newer (Debian: apt-get install jq)")
    return found
