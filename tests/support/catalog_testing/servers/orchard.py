"""A server of the MCP SDK on pipes, whatever version the client speaks: ``orchard.py NAME``."""

import os
import sys

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

server = MCPServer("orchard", version="1.2.3", log_level="CRITICAL")
name = sys.argv[1] if len(sys.argv) > 1 else "orchard"


class Consent(BaseModel):
    """What a person is asked."""

    sure: bool


@server.tool()
async def echo(text: str) -> str:
    """Say the same."""
    return f"{name}: {text}"


@server.tool()
async def climb(steps: int, ctx: Context) -> str:
    """Tell of each step."""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps)
    return "up"


@server.tool()
async def fell(ctx: Context) -> str:
    """Ask first."""
    answer = await ctx.elicit("Really?", Consent)
    return answer.action


@server.tool()
async def die() -> str:
    """End without an answer."""
    os._exit(3)


@server.resource(f"{name}://apple")
def apple() -> str:
    """An apple."""
    return f"an apple of {name}"


@server.prompt()
def pick(tree: str) -> str:
    """How to pick."""
    return f"Pick from {tree} in {name}"


if __name__ == "__main__":
    server.run("stdio")
