"""``catalog export``: recommended policies in the syntax of the gateway or client that enforces them."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import UsageError

EPILOG = """\b
Examples:
  catalog export truenas-ws-mcp -o policy.json
  catalog export truenas-mcp --tool truenas/system/api_key_create --json
  catalog export truenas --format json --profile hardened --set allowed_hosts=nas.lan -o policies/
  catalog export filesystem --only read --as files
  catalog export truenas-mcp --allow pool_list,system_info --unfold --format json
  catalog export truenas-mcp --as nas --from-log calls.jsonl
  catalog export --client-config ~/.claude.json --format claude-code --taint -o . --merge --dry-run
  catalog export --format list

Exit codes: 0 exported, 1 a file cannot be read or written, 2 usage, 3 exported, but some servers were never listed
and are denied."""


def export(  # one parameter an option
    servers: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVER|PRODUCT]...", help="Servers or products (catalog list).")
    ] = None,
    client_config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Every server of a client's configuration, under its name there."),
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What the client or gateway calls the server.")
    ] = None,
    profile: Annotated[
        str, typer.Option(metavar="observe|baseline|hardened", help="How strict the policy is.")
    ] = "baseline",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE[,VALUE]", help="Fill in a parameter of the profile."),
    ] = None,
    taint: Annotated[
        bool,
        typer.Option(
            "--taint", help="Ask about what could carry out a toxic flow once a session has read text of outsiders."
        ),
    ] = False,
    tool: Annotated[
        str | None, typer.Option("--tool", metavar="NAME", help="Only this tool, action, or entry's key.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="CATEGORY[,…]", help="Only what is read, write, delete or admin.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[,NAME]", help="Only these tools, actions or keys; their rules stay."),
    ] = None,
    from_log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only what this log of calls (JSON lines) shows as called.")
    ] = None,
    allow_resources: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Resources that may be read; * at the end for all so begun."),
    ] = None,
    allow_prompts: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Prompts that may be used; as resources.")
    ] = None,
    unfold: Annotated[
        bool, typer.Option("--unfold", help="Show a dispatcher's actions as tools of their own (catalog gateway).")
    ] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="The target; `list` tells what each can express.")
    ] = "policylayer",
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR/", help="Write here instead of to stdout; DIR/ for several files."
        ),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Keep what is in existing settings at -o; shows what changes.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change at -o, and write nothing.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print JSON: files, unsupported, notes, and what a log's calls meet with.")
    ] = False,
) -> None:
    """Export recommended policies: of servers, of products, of a client's whole configuration, or of single tools.

    What the target cannot express is written more strictly, never more loosely, and listed on stderr. With --tool,
    --only and --allow together, what any of them names is kept; --from-log narrows that further.
    """
    if format_ == "list":
        from catalog.cli.export_formats import list_formats

        list_formats(as_json=json_)
        return
    from catalog.cli.export_formats import exporter
    from catalog.cli.export_output import Output, deliver
    from catalog.cli.export_policies import Wish, policies
    from catalog.cli.export_subjects import Subjects, find
    from catalog.cli.wiring import open_view
    from catalog.policy.unfold import as_tools

    if not servers and client_config is None:
        raise UsageError("name a server: catalog export SERVER. All: catalog list")
    if (merge or dry_run) and output is None:
        raise UsageError("--merge and --dry-run need a place: -o FILE, or -o DIR/")
    target = exporter(format_)
    wish = Wish(
        profile=profile,
        parameters=set_ or (),
        taint=taint,
        tool=tool,
        categories=only,
        allow=allow or (),
        log=from_log,
        resources=allow_resources or (),
        prompts=allow_prompts or (),
        unfold=unfold,
    )
    with open_view() as view:
        found = find(view, Subjects(named=servers or (), client_config=client_config, name=as_))
    made = policies(found.servers, wish)
    in_front = unfold and format_ not in _OF_THE_GATEWAY
    deliver(
        target.export(*(map(as_tools, made.policies) if in_front else made.policies)),
        Output(format=format_, to=output, merge=merge, dry_run=dry_run, as_json=json_),
        notes=[*found.notes, *made.notes, *([_IN_FRONT] if in_front else [])],
        stopped=made.stopped,
    )
    if found.unlisted:
        raise typer.Exit(3)


_OF_THE_GATEWAY = ("json", "csv")
"""Formats that say what the gateway does: it calls the dispatcher for the tools that it shows."""

_IN_FRONT = "actions are named as catalog gateway shows them: run it behind, by the same export with --format json"
