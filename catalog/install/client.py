"""Run an ecosystem's own client (uv, npm) as the user has configured it: it alone knows the registry."""

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from catalog.install.base import InstallError
from catalog.model import Reason
from catalog.origin import Package

# Seconds for one run of a client: large trees over slow mirrors take a minute or two.
CLIENT_TIMEOUT = 300.0

# Bytes of a client's output that are read for its error message.
OUTPUT_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientResult:
    """How a client ended and what it said."""

    code: int
    stdout: str
    stderr: str


async def run_client(argv: Sequence[str], *, cwd: Path, extra: Mapping[str, str] | None = None) -> ClientResult:
    """Run ``argv`` in ``cwd`` with the user's environment plus ``extra``; it is killed when the caller is cancelled.

    Raises: TimeoutError after CLIENT_TIMEOUT seconds; FileNotFoundError when there is no such program.
    """
    child = await asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(CLIENT_TIMEOUT):
            stdout, stderr = await child.communicate()
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):  # it ended just now
                os.killpg(child.pid, 9)
            await child.wait()
    return ClientResult(
        code=child.returncode or 0,
        stdout=stdout[-OUTPUT_TAIL:].decode("utf-8", "replace"),
        stderr=stderr[-OUTPUT_TAIL:].decode("utf-8", "replace"),
    )


_INDEX_TROUBLE = re.compile(
    r"ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|operation timed out"
    r"|error sending request|connection (?:reset|refused|closed)|dns error|network is unreachable"
    r"|\b(?:429|502|503|504)\b|too many requests|bad gateway|service unavailable",
    re.IGNORECASE,
)
"""What uv and npm say when the index, or the way to it, is at fault and not the package."""


def unreachable(package: Package, client: str, said: str) -> InstallError | None:
    """Return the outcome where a client's words ``said`` blame the index or the way to it; None where they do not."""
    if not _INDEX_TROUBLE.search(said):
        return None
    return InstallError(
        Reason.UNREACHABLE,
        f"{package}: {without_addresses(' '.join(said.split()))[-600:]}",
        f"see that the package index {client} is configured with can be reached, then try again",
    )


def without_addresses(text: str) -> str:
    """Return a client's message with URLs cut to their last part: a registry's address is the user's business."""
    words = (f"<{word.rstrip('/').rsplit('/', 1)[-1]}>" if "://" in word else word for word in text.split(" "))
    return " ".join(words)
