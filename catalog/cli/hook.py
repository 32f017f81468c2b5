"""``catalog hook``: decide on one call for a client that asks before it makes it.

Only its help comes from here: catalog.start runs the program itself without loading the command line.
"""

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """\b
Examples:
  catalog export truenas-ws-mcp --format claude-code    (writes the settings that register it)
  catalog hook --dialect claude-code --policy .claude/catalog-policy.json < request.json
  catalog hook --dialect cursor --policy .cursor/catalog-policy.json --log calls.jsonl < request.json

Exit codes: 0 answered, 2 could not decide, so the client must not make the call. In a client's settings, write
`catalog hook … || exit 2`: then the call is also refused where the program cannot be started."""


def hook(
    dialect: Annotated[
        str, typer.Option("--dialect", metavar="NAME", help="The client: claude-code, codex, copilot-cli or cursor.")
    ],
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="The policy file, catalog-policy.json.")],
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Where calls are counted (default: hook.db in your data folder)."),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="FILE", help="Append each decision as a JSON line, without arguments."),
    ] = None,
    client_asks: Annotated[
        bool,
        typer.Option("--client-asks", help="Let through what needs approval: the client's settings ask. For Codex."),
    ] = False,
) -> None:
    """Decide on one call that a client is about to make; the request is read from stdin.

    A tool that the policy does not name is denied, and so is every tool of a server that it does not name. Tools of the
    client itself are left to the client. Whatever goes wrong, the call is denied.
    """
    from catalog.hook.program import main

    given = {"--dialect": dialect, "--policy": policy, "--state": state, "--log": log}
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    main([*arguments, *(["--client-asks"] if client_asks else [])])
