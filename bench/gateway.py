"""What the gateway adds to a tool call over pipes: the same call, in turn without it and through it, in one run.

The server answers at once and does nothing else, so the time is the pipes' and the gateway's. In the policy of 278
rules the call is one that is counted, with an audit log: everything that the gateway does to a call.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from catalog.policy.model import Decision, Limit, Match, Policy, Rule
from catalog.policy.writing import policies_json

CALLS = 2_000
WARM = 100

SERVER = """
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" in m:
        r = {"content": [{"type": "text", "text": "ok"}]}
        if m["method"] == "tools/list":
            r = {"tools": [{"name": "nas", "inputSchema": {"type": "object"}}]}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}) + "\\n")
        sys.stdout.flush()
"""


class Peer:
    """A program that answers requests on pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.sent, self.received = self.process.stdin, self.process.stdout

    def ask(self, line: bytes) -> float:
        """Return how long the answer takes, in ms."""
        start = time.perf_counter()
        self.sent.write(line)
        answer = self.received.readline()
        took = time.perf_counter() - start
        assert b'"ok"' in answer or b"denied" in answer, answer
        return took * 1_000

    def end(self) -> None:
        """Close its input and wait until it has left."""
        self.sent.close()
        self.process.wait()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        policy, server = Path(folder, "policy.json"), [sys.executable, "-c", SERVER]
        policy.write_text(json.dumps(policies_json([_policy()])))
        options = ["--policy", str(policy), "--log", f"{folder}/audit.jsonl", "--counters", f"{folder}/counters.db"]
        catalog = Path(sys.executable).with_name("catalog")
        direct, through = Peer(server), Peer([str(catalog), "gateway", *options, "--", *server])
        figures: dict[str, list[float]] = {"direct": [], "counted": [], "allowed": [], "denied": []}
        for number in range(WARM + CALLS):
            taken = {
                "direct": direct.ask(_call(number * 4, "action_0")),
                "counted": through.ask(_call(number * 4 + 1, "action_0")),
                "allowed": through.ask(_call(number * 4 + 2, "action_1")),
                "denied": through.ask(_call(number * 4 + 3, "action_2")),
            }
            if number >= WARM:
                for path, took in taken.items():
                    figures[path].append(took)
        direct.end()
        through.end()
    print(f"{CALLS:,} calls of each kind, in turn; ms")
    print(f"{'path':24} {'median':>8} {'p95':>8} {'median of the differences to direct':>36}")
    for path, taken_ms in figures.items():
        more = statistics.median(one - other for one, other in zip(taken_ms, figures["direct"], strict=True))
        p95 = statistics.quantiles(taken_ms, n=20)[-1]
        print(f"{path:24} {statistics.median(taken_ms):8.3f} {p95:8.3f} {more:36.3f}")


def _policy() -> Policy:
    limit = Limit(max=1_000_000, window="day")
    decisions = (Decision.LIMIT, Decision.ALLOW, Decision.DENY)
    rules = (
        Rule(
            tool="nas",
            when=(Match(argument="action", value=f"action_{number}"),),
            decision=decisions[number % 3],
            limits=(limit,) if number % 3 == 0 else (),
            reason="It does what it does.",
            key=f"nas/{number}",
        )
        for number in range(278)
    )
    return Policy(server="nas", rules=tuple(rules))


def _call(id_: int, action: str) -> bytes:
    params = {"name": "nas", "arguments": {"category": "pool", "action": action, "params": {"name": "tank"}}}
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": params}).encode() + b"\n"


if __name__ == "__main__":
    main()
