"""``catalog sync``: look at servers, store what was seen, judge it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from catalog.cli.progress import Style
    from catalog.crawl.events import Event
    from catalog.crawl.freshness import Freshness
    from catalog.crawl.parts import Parts
    from catalog.crawl.report import Tally
    from catalog.store.repository import Store
    from catalog.target import Target

EPILOG = """\b
Examples:
  catalog sync truenas              (every server of the product TrueNAS)
  catalog sync pypi:mcp-server-fetch npm:@modelcontextprotocol/server-memory@2026.1.26
  catalog sync --env TRUENAS_URL=https://nas.lan --env TRUENAS_API_KEY truenas-ws-mcp
  catalog sync --known --max-age 7d --progress plain
  catalog sync -- python3 ./my_server.py --stdio

Exit codes: 0 all listed, 1 failed, 2 usage, 3 some targets were not listed."""

COMMAND_META = "catalog.command"


class SyncCommand(TyperCommand):
    """Takes what stands after ``--`` as one command line, not as more targets."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split ``args`` at ``--`` and keep the rest for the command."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[COMMAND_META] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


def sync(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]... [-- COMMAND ARGS...]",
            help="A known product or server, pypi:NAME[@VERSION], npm:NAME[@VERSION].",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=VALUE]", help="Pass a variable on (nothing else of your environment is passed)."),
    ] = None,
    known: Annotated[bool, typer.Option("--known", help="All known servers (catalog list --known).")] = False,
    read: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", exists=True, help="A further file or folder that a COMMAND may read."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, max=64, help="Servers that run at the same time; as many install.")
    ] = 2,
    fresh: Annotated[bool, typer.Option("--fresh", help="Look at everything anew, also at what is unchanged.")] = False,
    max_age: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Pass over what was seen since: 90m, 12h, 7d. The registries are not asked."),
    ] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run servers with YOUR rights: they can read your files and use your network."
        ),
    ] = False,
    progress: Annotated[
        str, typer.Option(metavar="auto|plain|json|none", help="How progress is told on stderr.")
    ] = "auto",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the crawl amounts to as JSON.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the outcomes as JSON.")] = False,
) -> None:
    """Look at MCP servers in a sandbox, store their tools, classify them.

    Packages are fetched without running their code, then run without network. Values of --env are never kept. A
    package whose version is unchanged is passed over; a crawl that was interrupted goes on where it was.
    """
    from catalog.cli import crawling
    from catalog.cli.observations import print_looked
    from catalog.cli.report import write_report
    from catalog.cli.targets import named_servers
    from catalog.cli.wiring import open_store, settings
    from catalog.crawl.freshness import Freshness
    from catalog.sources.known import load_known_servers
    from catalog.target import Target

    style = _style(progress)
    wanted = Freshness(fresh=fresh, max_age=None if max_age is None else _age(max_age))
    knowledge = load_known_servers()
    servers = named_servers(targets or [], context.meta.get(COMMAND_META), knowledge, known=known)
    if not servers:
        raise UsageError(
            "name what to look at, for example: catalog sync truenas (known servers: catalog list --known)"
        )
    environment = crawling.environment(env or [])
    wished = [Target(server=server, environment=environment) for server in servers]
    isolation = crawling.sandbox(no_sandbox=no_sandbox)
    parts = crawling.parts(isolation, knowledge, crawling.work_folder(settings().cache), read or [], jobs)
    with open_store() as store:
        tally = _crawl(wished, parts, store, wanted, jobs, style)
        print_looked(tally, store, as_json=json_)
        if report is not None:
            write_report(tally, report)
        unlisted = any(_is_unlisted(one.server.slug, store) for one in tally.looked)
    if unlisted:
        raise typer.Exit(3)


def _crawl(
    targets: "Sequence[Target]", parts: "Parts", store: "Store", wanted: "Freshness", jobs: int, style: "Style"
) -> "Tally":
    """Look at ``targets``, judge what was seen, and return what it amounts to."""
    import asyncio
    from datetime import UTC, datetime

    from catalog.cli import crawling
    from catalog.cli.console import notes
    from catalog.cli.progress import crawl_progress
    from catalog.cli.wiring import judge
    from catalog.crawl.crawler import crawl, sweep
    from catalog.crawl.look import Looker
    from catalog.crawl.report import Tally
    from catalog.crawl.skim import Skimmer

    tally = Tally()
    request = " ".join(sorted(f"{target.server.slug}={target.server.origin}" for target in targets))
    progress = store.begin_crawl(request, datetime.now(UTC), fresh=wanted.fresh)
    if progress.done:
        left = f"{len(progress.done)} of {len(targets)} servers are done"
        notes().print(f"The crawl of {progress.started_at:%Y-%m-%d %H:%M} UTC goes on: {left}.")
    skim = Skimmer(last=store.server, newest=crawling.newest, wanted=wanted, done=progress.done)

    async def look() -> None:
        # The rules take a third of a second to read: done while the first servers are fetched.
        reading = asyncio.create_task(asyncio.to_thread(_read_rules))
        await asyncio.to_thread(sweep, parts.work)
        await crawl(
            targets,
            Looker(parts),
            record=lambda observation: store.record(observation, progress.id),
            sink=sink,
            concurrency=2 * jobs,
            skim=skim,
        )
        await reading

    with crawl_progress(len(targets), style) as show:

        def sink(event: "Event") -> None:
            tally(event)
            show(event)

        asyncio.run(look())
    store.end_crawl(progress.id, datetime.now(UTC))
    judge(store)
    return tally


def _is_unlisted(slug: str, store: "Store") -> bool:
    """Say whether a server's latest look gave no list; one that was passed over counts by what is known of it."""
    row = store.server(slug)
    return row is None or row.latest.outcome == "not_listed"


def _read_rules() -> None:
    from catalog.rules import load_ruleset

    load_ruleset()


def _style(text: str) -> "Style":
    from typing import get_args

    from catalog.cli.progress import Style

    for style in get_args(Style):
        if style == text:
            chosen: Style = style
            return chosen
    raise UsageError(f"--progress {text!r} is none of auto, plain, json, none")


def _age(text: str) -> "timedelta":
    """Read for example ``90m``, ``12h`` or ``7d``. Raises: UsageError."""
    import re
    from datetime import timedelta

    units = {"m": "minutes", "h": "hours", "d": "days"}
    found = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if found is None:
        raise UsageError(f"--max-age {text!r} is no age; write a number and m, h or d, for example 12h")
    return timedelta(**{units[found[2]]: int(found[1])})
