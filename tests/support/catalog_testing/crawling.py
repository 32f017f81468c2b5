"""Start the fixture servers of ``servers/`` and look for what they leave behind."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import psutil

from catalog.install.base import Installed
from catalog.install.runtimes import own_python, python_runtime
from catalog.probe.base import ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Limits, Mount, Process, Program, Sandbox
from classifier.definition import JsonValue

SERVERS = Path(__file__).parent / "servers"

T = TypeVar("T")


def run(coroutine: Coroutine[object, object, T], *, seconds: float = 60) -> T:
    """Run ``coroutine``; a test that hangs fails instead."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await coroutine

    return asyncio.run(bounded())


def python_program(sandbox: Sandbox, name: str, *arguments: str, **environment: str) -> Program:
    """Return a program that runs the fixture ``name`` of ``servers/`` in ``sandbox``."""
    runtime = python_runtime(sandbox, own_python(), site_packages=False)
    script = SERVERS / name
    target = f"/opt/package/{name}"
    return Program(
        argv=(runtime.executable, "-I", "-S", sandbox.place(script, target), *arguments),
        environment={**runtime.environment, **environment},
        mounts=(*runtime.mounts, Mount(source=script, target=target)),
        hidden=runtime.hidden,
    )


def scripted(sandbox: Sandbox, **script: JsonValue) -> Program:
    """Return the fixture server that behaves as ``script`` says (servers/server.py)."""
    return python_program(sandbox, "server.py", json.dumps(script))


def processes_with(mark: str) -> list[psutil.Process]:
    """Return the processes of this machine whose command line holds ``mark``."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(mark in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def read_all(process: Process) -> bytes:
    """Return everything that ``process`` writes to its standard output until it closes it."""
    chunks = []
    while chunk := await process.read(64 * 1024):
        chunks.append(chunk)
    return b"".join(chunks)


def tools(sandbox: Sandbox, installed: Installed) -> list[str]:
    """Return the names of the tools that an installed package's server lists in ``sandbox``."""

    async def ask() -> list[str]:
        async with sandbox.start(installed.program, Limits()) as process:
            listed = await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "0")
        return [entry.definition.name for entry in listed.entries]

    return run(ask())
