"""Measure what ``catalog sync`` adds to the installs and starts it is made of, side by side in one run.

By hand: one ``uv pip install`` or ``npm install`` a package, one start, initialize, tools/list, one by one.
Third-party code runs in the same sandbox on both sides; what differs is all that Catalog adds: resolving to a
lock, the ladder, the store, the judgement, the command line itself. Needs the package registries; caches are
warmed first.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catalog.install.base import PACKAGE
from catalog.install.runtimes import find_node, find_npm, find_uv, node_runtime, own_python, python_runtime
from catalog.sandbox.base import Limits, Mount, Program
from catalog.sandbox.bubblewrap import Bubblewrap

ROUNDS = 3
TARGETS = ("pypi:truenas-ws-mcp", "pypi:mcp-server-time", "npm:@modelcontextprotocol/server-memory")
SCRIPTS = {
    "pypi:truenas-ws-mcp": "bin/truenas-ws-mcp",
    "pypi:mcp-server-time": "bin/mcp-server-time",
    "npm:@modelcontextprotocol/server-memory": "node_modules/@modelcontextprotocol/server-memory/dist/index.js",
}
ENVIRONMENT = {"TRUENAS_URL": "https://127.0.0.1", "TRUENAS_API_KEY": "placeholder"}
MESSAGES = (
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "by-hand", "version": "1"},
        },
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}},
)


def by_catalog(folder: Path) -> float:
    """Return the wall seconds of one ``catalog sync`` of all targets, one at a time, into a new database."""
    command = [str(Path(sys.executable).parent / "catalog"), "--db", str(folder / "catalog.db"), "sync"]
    command += [*TARGETS, "--jobs", "1"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def by_hand(folder: Path) -> float:
    """Return the wall seconds of the same installs and starts."""
    sandbox = Bubblewrap.find()
    began = time.perf_counter()
    for index, target in enumerate(TARGETS):
        ecosystem, _, name = target.partition(":")
        tree = folder / str(index)
        tree.mkdir()
        program = _python(name, tree, sandbox) if ecosystem == "pypi" else _node(name, tree, sandbox)
        asyncio.run(_list(program, sandbox))
    return time.perf_counter() - began


def _python(name: str, tree: Path, sandbox: Bubblewrap) -> Program:
    argv = [find_uv(), "pip", "install", "--quiet", "--target", str(tree), "--only-binary", ":all:", name]
    subprocess.run([*argv, "--python", str(own_python().executable)], check=True, capture_output=True)
    python = python_runtime(sandbox, own_python(), site_packages=False)
    return Program(
        argv=(python.executable, f"{PACKAGE}/{SCRIPTS[f'pypi:{name}']}"),
        environment={**ENVIRONMENT, **python.environment, "PYTHONPATH": PACKAGE},
        mounts=(*python.mounts, Mount(source=tree, target=PACKAGE)),
    )


def _node(name: str, tree: Path, sandbox: Bubblewrap) -> Program:
    npm, node = find_npm(), find_node()
    if npm is None or node is None:
        raise SystemExit("bench/sync.py needs Node.js and npm")
    (tree / "package.json").write_text("{}", encoding="utf-8")
    argv = [*npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", name]
    subprocess.run(argv, cwd=tree, check=True, capture_output=True, env={**os.environ})
    runtime = node_runtime(sandbox, node)
    script = SCRIPTS[f"npm:{name}"]
    return Program(
        argv=(runtime.executable, f"{PACKAGE}/{script}"), mounts=(*runtime.mounts, Mount(source=tree, target=PACKAGE))
    )


async def _list(program: Program, sandbox: Bubblewrap) -> None:
    async with sandbox.start(program, Limits()) as process:
        for message in MESSAGES:
            await process.write(json.dumps(message).encode() + b"\n")
        answer = b""
        while b'"tools"' not in answer or not answer.endswith(b"\n"):
            chunk = await process.read(65536)
            if not chunk:
                raise SystemExit(f"a server ended early: {process.stderr_tail()}")
            answer += chunk


def main() -> None:
    """Print both times and their ratio: the least of several interleaved rounds."""
    ours, theirs = [], []
    for round_ in range(ROUNDS + 1):
        with tempfile.TemporaryDirectory(dir=Path.home() / ".cache") as folder:
            hand = by_hand(Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            catalog = by_catalog(Path(folder))
        if round_:  # the first round warms the caches
            ours.append(catalog)
            theirs.append(hand)
        print(f"round {round_}: by hand {hand:.2f} s, catalog sync {catalog:.2f} s", flush=True)
    ratio = min(ours) / min(theirs)
    print(
        f"sync: {len(TARGETS)} servers, by hand {min(theirs):.2f} s, catalog sync {min(ours):.2f} s, ratio {ratio:.2f}"
    )
    print(f"goal: at most 1.20 times the installs and starts done by hand: {'met' if ratio <= 1.2 else 'MISSED'}")


if __name__ == "__main__":
    main()
