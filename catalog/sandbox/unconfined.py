"""Run a program with the caller's own rights, because the user said ``--no-sandbox``."""

import asyncio
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from catalog.sandbox.base import Limits, Process, Program
from catalog.sandbox.process import MARK, ChildProcess, ended_on_leaving

WARNING = (
    "--no-sandbox: third-party code runs with your rights; it can read your files, use your network and start programs"
)


class Unconfined:
    """No sandbox: only an empty home, a clean environment, the watch on the tree, and the kill at the end."""

    name = "none"

    def place(self, source: Path, target: str) -> str:
        """See ``Sandbox.place``: programs see the host's own path."""
        del target
        return str(source)

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        """See ``Sandbox.start``."""
        with tempfile.TemporaryDirectory(prefix="catalog-home-", ignore_cleanup_errors=True) as home:
            environment = {"HOME": home, "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}
            environment.update(program.environment)
            async with ended_on_leaving(_started(program, environment, limits)) as process:
                yield process


async def _started(program: Program, environment: dict[str, str], limits: Limits) -> ChildProcess:
    # Not HOME, which the user may pass on: whatever has the mark is killed.
    mark = secrets.token_hex(16)
    child = await asyncio.create_subprocess_exec(
        *program.argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, MARK: mark},
        start_new_session=True,
    )
    process = ChildProcess(child, limits, mark=mark)
    process.watch(child.pid)
    return process
