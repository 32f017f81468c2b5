"""What a crawl of hostile servers costs: the crawler's own memory stays small, whatever they send."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog_testing.commandline import CommandLine
from catalog_testing.crawling import SERVERS

MIB = 1024 * 1024

# The crawler's own memory, whatever servers send (issue 4). Python with all its modules takes a third of it.
MOST_MIB = 300

# Seconds for all servers below; far more than they need.
DEADLINE = 300

# The peak of this process alone: what wait4 and getrusage tell holds children and whoever forked it, too.
PROGRAM = """
import atexit, faulthandler, pathlib, sys

faulthandler.dump_traceback_later(250)

def tell():
    (line,) = [line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line[:6] == "VmHWM:"]
    print(line, file=sys.stderr)

atexit.register(tell)
from catalog.cli import main
main()
"""

HOSTILE: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "frame": ({"padding": 64 * MIB}, "too_large"),
    "line": ({"flood": 64 * MIB}, "too_large"),
    "nearly": ({"padding": 7 * MIB}, "listed"),
    "values": ({"values": 600_000}, "too_large"),
    "fewer values": ({"values": 499_000}, "too_large"),
    "tools": ({"pages": [[]], "many": 20_000}, "listed"),
    "more tools": ({"pages": [[]], "many": 20_001}, "too_large"),
    "chatter": ({"chatter": 60_000}, "too_large"),
    "pages": ({"endless": True}, "listed"),
    "words": ({"stderr": "boom\n" * 20, "exit": 3}, "crashed"),
}
"""What servers send (servers/server.py), and what becomes of them."""


def test_a_crawl_of_servers_that_send_too_much_stays_small(
    cli: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def configured(script: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"command": sys.executable, "args": ["-S", str(SERVERS / "server.py"), json.dumps(script)]}

    servers = {name: configured(script) for name, (script, _) in HOSTILE.items()}
    (tmp_path / "servers.json").write_text(json.dumps({"mcpServers": servers}))
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "sync", "--config", "servers.json", "--jobs", "2", "--report", str(report)],
        env=dict(cli.environment),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    outcomes = sorted(one["reason"] or one["outcome"] for one in json.loads(report.read_text())["servers"])
    assert outcomes == sorted(outcome for _, outcome in HOSTILE.values())
    peak = int(done.stderr.rsplit("VmHWM:", 1)[1].split()[0]) / 1024
    with capsys.disabled():
        sys.stdout.write(f"\nThe crawler of hostile servers took {peak:.0f} MiB of {MOST_MIB}.\n")
    assert peak < MOST_MIB
