"""Calls tools through a FastMCP proxy of a configuration; run by the Python that FastMCP is installed for.

``fastmcp_client.py CONFIG CALLS LOG`` prints of each call whether the server behind the proxy wrote it into its log.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path


async def reached(
    config: object, calls: Sequence[tuple[str, dict[str, object]]], size: Callable[[], int]
) -> list[bool]:
    """Make the calls one after the other; return of each whether the log of this size has grown."""
    from fastmcp import Client  # type: ignore[import-not-found]  # noqa: PLC0415  # installed for another Python
    from fastmcp.exceptions import FastMCPError  # type: ignore[import-not-found]  # noqa: PLC0415
    from fastmcp.server import create_proxy  # type: ignore[import-not-found]  # noqa: PLC0415
    from mcp.shared.exceptions import MCPError  # noqa: PLC0415

    found = []
    async with Client(create_proxy(config)) as client:
        for tool, arguments in calls:
            before = size()
            with suppress(FastMCPError, MCPError):
                await client.call_tool(tool, arguments)
            found.append(size() > before)
    return found


if __name__ == "__main__":
    _config, _calls, _log = map(Path, sys.argv[1:4])
    _told, _asked = (json.loads(file.read_text(encoding="utf-8")) for file in (_config, _calls))
    sys.stdout.write(json.dumps(asyncio.run(reached(_told, _asked, lambda: _log.stat().st_size))))
