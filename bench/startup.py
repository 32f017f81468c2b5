"""Measure what ``catalog --help`` costs beside a bare interpreter, in CPU seconds of the process, in one run."""

import os
import subprocess
import sys
from pathlib import Path

ROUNDS = 7
GOAL = 0.3


def cpu_seconds(command: list[str]) -> float:
    """Return user and system seconds of one run of ``command``."""
    before = os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    return (after.children_user + after.children_system) - (before.children_user + before.children_system)


def main() -> None:
    """Print the least of several interleaved rounds."""
    catalog = str(Path(sys.executable).parent / "catalog")
    ours = min(cpu_seconds([catalog, "--help"]) for _ in range(ROUNDS))
    bare = min(cpu_seconds([sys.executable, "-c", "pass"]) for _ in range(ROUNDS))
    print(f"startup: catalog --help {ours:.2f} s of CPU, a bare interpreter {bare:.2f} s")
    print(f"goal: at most {GOAL} s: {'met' if ours <= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
