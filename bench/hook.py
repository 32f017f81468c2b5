"""Measure the hook program as a process, as a client starts it, beside a bare interpreter, in one run.

The policy file has as many rules as TrueNAS' two servers need: 59 on tools and 278 on the actions of a dispatcher. The
rounds are interleaved, so that what else the machine does meets all of them.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 60
GOAL = 60.0
"""Milliseconds that 95 of 100 calls may take."""


def policy_file(folder: Path) -> Path:
    """Write a policy of the size of a large server's."""
    tools = [{"key": f"t{n}", "tool": f"t{n}", "decision": "allow", "reason": "It only reads."} for n in range(59)]
    actions = [
        {
            "key": f"truenas/a{n}",
            "tool": "truenas",
            "when": {"argument": "action", "value": f"a{n}"},
            "decision": "limit",
            "limits": [{"max": 1_000_000, "window": "hour"}],
            "reason": "It writes, and what it wrote can be undone.",
        }
        for n in range(278)
    ]
    path = folder / "catalog-policy.json"
    path.write_text(json.dumps({"version": 1, "servers": {"ws": {"rules": tools + actions}}}), encoding="utf-8")
    return path


def milliseconds(command: Sequence[str], sent: bytes) -> tuple[float, float]:
    """Return how long one run takes from its start to its end, and the processor time that it takes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=sent, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (time.perf_counter() - began) * 1_000, spent * 1_000


def call(tool: str, **arguments: object) -> bytes:
    """Return what Claude Code sends before a call."""
    name = f"mcp__ws__{tool}"
    return json.dumps({"session_id": "s", "tool_name": name, "tool_input": arguments}).encode()


def main() -> None:
    """Print the median and the 95th of 100 of each, and the least processor time beside a bare interpreter's."""
    catalog = str(Path(sys.executable).parent / "catalog")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        policy = policy_file(folder)
        hook = [catalog, "hook", "--dialect", "claude-code", "--policy", str(policy), "--state", str(folder / "s.db")]
        runs = {
            "a bare interpreter": ([sys.executable, "-c", "pass"], b""),
            "hook, a tool that is allowed": (hook, call("t7")),
            "hook, an action that is counted": (hook, call("truenas", action="a7")),
        }
        took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in runs}
        for turn in range(ROUNDS + 3):
            for kind, (command, sent) in runs.items():
                spent = milliseconds(command, sent)
                if turn >= 3:  # the first write what Python compiles
                    took[kind].append(spent)
    bare = min(spent for _, spent in took["a bare interpreter"])
    worst = 0.0
    for kind, runs_of in took.items():
        times = sorted(wall for wall, _ in runs_of)
        least = min(spent for _, spent in runs_of)
        middle, late = times[ROUNDS // 2], times[int(ROUNDS * 0.95)]
        worst = max(worst, late)
        print(f"{kind}: p50 {middle:.0f} ms, p95 {late:.0f} ms; processor {least:.0f} ms, {least / bare:.1f} of bare")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"load of each processor meanwhile: {load:.1f}")
    print(f"goal: p95 at most {GOAL:.0f} ms: {'met' if worst <= GOAL else 'MISSED'} ({worst:.0f} ms)")


if __name__ == "__main__":
    main()
