"""``catalog sync``: look at servers, store what was seen, judge it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from catalog.cli.progress import Style
    from catalog.cli.registry import RegistryRequest
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
  catalog sync https://tools.example.com/mcp --header 'Authorization: Bearer …'
  catalog sync --clients             (what the MCP clients of this machine start)
  catalog sync --registry https://registry.example --since 2026-11-01
  catalog sync -- python3 ./my_server.py --stdio

Exit codes: 0 all listed, 1 failed, 2 usage, 3 some targets were not listed."""

COMMAND_META = "catalog.command"


class SyncCommand(TyperCommand):
    """Takes what stands after ``--`` as one command line, not as more targets."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split ``args`` at ``--`` and keep the rest for the command; let ``--registry`` stand without an address."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[COMMAND_META] = tuple(args[at + 1 :])
            args = args[:at]
        if "--registry" in args:
            at = args.index("--registry") + 1
            if at == len(args) or args[at].startswith("-"):
                args = [*args[:at], "", *args[at:]]
        return super().parse_args(ctx, args)


def sync(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]... [-- COMMAND ARGS...]",
            help="A known product or server, pypi:NAME[@VERSION], npm:NAME[@VERSION], https://HOST/PATH, "
            "mcpb:PATH|URL, oci:IMAGE, source:PATH.",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=VALUE]", help="Pass a variable on (nothing else of your environment is passed)."),
    ] = None,
    known: Annotated[bool, typer.Option("--known", help="All known servers (catalog list --known).")] = False,
    clients: Annotated[
        bool, typer.Option("--clients", help="The servers of the MCP clients that are configured here.")
    ] = False,
    config: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="The servers of a client's configuration file.")
    ] = None,
    use_secrets: Annotated[
        bool,
        typer.Option("--use-secrets", help="Pass the values of variables and headers in client files to their server."),
    ] = False,
    registry: Annotated[
        str | None,
        typer.Option(metavar="[URL]", help="All servers of an MCP registry (default: CATALOG_REGISTRY_URL)."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Of the registry: updated since.")] = None,
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="Of the registry: names that hold TEXT.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="Send to https:// targets; never kept.")
    ] = None,
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
    from catalog.cli.age import age
    from catalog.cli.console import notes
    from catalog.cli.observations import print_looked
    from catalog.cli.registry import RegistryRequest
    from catalog.cli.report import write_report
    from catalog.cli.targets import Wanted, named_targets
    from catalog.cli.wiring import open_store, settings
    from catalog.crawl.freshness import Freshness
    from catalog.sources.known import load_known_servers
    from catalog.sources.remote import parse_header
    from catalog.terminal import visible_name

    style = _style(progress)
    freshness = Freshness(fresh=fresh, max_age=None if max_age is None else age(max_age, "--max-age"))
    knowledge = load_known_servers()
    wanted = Wanted(
        words=targets or [],
        command=context.meta.get(COMMAND_META),
        known=known,
        clients=clients,
        configs=config or [],
        use_secrets=use_secrets,
        environment=crawling.environment(env or []),
        headers=dict(parse_header(option) for option in header or []),
    )
    found, left_out = named_targets(wanted, knowledge)
    request = None if registry is None else RegistryRequest.of(registry, since, search)
    if not found and request is None:
        raise UsageError(
            "name what to look at, for example: catalog sync truenas (known servers: catalog list --known)"
        )
    for note in left_out:
        notes().print(visible_name(note), markup=False, style="yellow", soft_wrap=True)
    isolation = crawling.sandbox(no_sandbox=no_sandbox)
    with open_store() as store, crawling.work_folder(settings().cache) as work:
        parts = crawling.parts(isolation, knowledge, work, read or [], jobs)
        tally = _crawl(Plan(found, request), parts, store, freshness, jobs, style)
        print_looked(tally, store, as_json=json_)
        if report is not None:
            write_report(tally, report)
        unlisted = any(_is_unlisted(one.server.slug, store) for one in tally.looked)
    if unlisted:
        raise typer.Exit(3)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crawl looks at: the servers named, then those of a registry."""

    named: "Sequence[Target]"
    registry: "RegistryRequest | None"

    @property
    def request(self) -> str:
        """Return what was asked for in one form, to know an interrupted crawl again."""
        words = sorted(f"{target.server.slug}={target.server.origin}" for target in self.named)
        return " ".join([*words, *([repr(self.registry)] if self.registry else [])])

    async def all(self, store: "Store") -> "AsyncIterator[Target]":
        """Yield every target."""
        from catalog.cli.registry import registry_targets

        for target in self.named:
            yield target
        if self.registry is not None:
            async for target in registry_targets(self.registry, store):
                yield target


def _crawl(plan: Plan, parts: "Parts", store: "Store", freshness: "Freshness", jobs: int, style: "Style") -> "Tally":
    """Carry out ``plan``, judge what was seen, and return what it amounts to."""
    import asyncio
    from datetime import UTC, datetime

    from catalog.cli.console import notes
    from catalog.cli.progress import crawl_progress
    from catalog.cli.wiring import judge
    from catalog.crawl.crawler import crawl
    from catalog.crawl.look import Looker
    from catalog.crawl.report import Tally
    from catalog.crawl.skim import Skimmer, look_up, newest_of
    from catalog.crawl.work import sweep

    tally = Tally()
    progress = store.begin_crawl(plan.request, datetime.now(UTC), fresh=freshness.fresh)
    if progress.done:
        done = f"{len(progress.done)} servers are done"
        notes().print(f"The crawl of {progress.started_at:%Y-%m-%d %H:%M} UTC goes on: {done}.")
    skim = Skimmer(
        last=store.server,
        newest=newest_of(parts.installers),
        wanted=freshness,
        done=progress.done,
        folds_clones=plan.registry is not None,
    )

    async def look() -> None:
        # The rules take a third of a second to read: done while the first servers are fetched.
        reading = asyncio.create_task(asyncio.to_thread(_read_rules))
        await asyncio.to_thread(sweep, parts.work.parent)
        if not freshness.fresh and freshness.max_age is None:
            await look_up(plan.named, store.server, parts.installers)
        await crawl(
            plan.all(store) if plan.registry else plan.named,
            Looker(parts),
            record=lambda observation: store.record(observation, progress.id),
            sink=sink,
            concurrency=2 * jobs,
            skim=skim,
        )
        await reading

    with crawl_progress(len(plan.named), style) as show:

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
