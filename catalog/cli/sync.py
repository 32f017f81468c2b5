"""``catalog sync``: look at servers, store what was seen, judge it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from catalog.crawl.events import Sink
    from catalog.crawl.ladder import Parts
    from catalog.install.base import Installer
    from catalog.model import Observation, ServerRef
    from catalog.sandbox.base import Sandbox
    from catalog.sources.known import KnownServers

EPILOG = """\b
Examples:
  catalog sync truenas              (every server of the product TrueNAS)
  catalog sync pypi:mcp-server-fetch npm:@modelcontextprotocol/server-memory@2026.1.26
  catalog sync --env TRUENAS_URL=https://nas.lan --env TRUENAS_API_KEY truenas-ws-mcp
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
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Servers looked at at the same time.")] = 2,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run servers with YOUR rights: they can read your files and use your network."
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the observations as JSON.")] = False,
) -> None:
    """Look at MCP servers in a sandbox, store their tools, classify them.

    Packages are fetched without running their code, then run without network. Values of --env are never kept.
    """
    import asyncio

    from catalog.cli.observations import print_observations
    from catalog.cli.progress import crawl_progress
    from catalog.cli.wiring import judge, open_store, settings
    from catalog.crawl.crawler import crawl
    from catalog.model import NotListed
    from catalog.sources.known import load_known_servers

    knowledge = load_known_servers()
    servers = _servers(targets or [], context.meta.get(COMMAND_META), knowledge, known=known)
    environment = _environment(env or [])
    parts = _parts(_sandbox(no_sandbox=no_sandbox), knowledge, _work_folder(settings().cache), read or [])
    with open_store() as store:

        async def look(sink: "Sink") -> "list[Observation]":
            # The rules take a third of a second to read: done while the first servers are fetched.
            reading = asyncio.create_task(asyncio.to_thread(_read_rules))
            observations = await crawl(
                servers, parts, environment=environment, record=store.record, sink=sink, concurrency=jobs
            )
            await reading
            return observations

        with crawl_progress(len(servers)) as sink:
            observations = asyncio.run(look(sink))
        judge(store)
        print_observations(observations, store, as_json=json_)
    if any(isinstance(observation.outcome, NotListed) for observation in observations):
        raise typer.Exit(3)


def _read_rules() -> None:
    from catalog.rules import load_ruleset

    load_ruleset()


def _servers(
    targets: Sequence[str], command: tuple[str, ...] | None, knowledge: "KnownServers", *, known: bool
) -> "list[ServerRef]":
    """Return the servers that the command line names, each once, before anything is run."""
    from catalog.sources.commands import command_server
    from catalog.sources.packages import package_server, parse_package

    found: list[ServerRef] = []
    for target in targets:
        package = parse_package(target)
        found += [knowledge.of_package(package) or package_server(package)] if package else knowledge.resolve(target)
    if known:
        found += knowledge.servers
    if command is not None:
        found.append(command_server(command))
    if not found:
        raise UsageError(
            "name what to look at, for example: catalog sync truenas (known servers: catalog list --known)"
        )
    servers: dict[str, ServerRef] = {}
    for server in found:
        same = servers.setdefault(server.slug, server)
        if same.origin != server.origin:
            raise UsageError(
                f"{str(same.origin)!r} and {str(server.origin)!r} are one server; sync one after the other"
            )
    return list(servers.values())


def _environment(options: Sequence[str]) -> Mapping[str, str]:
    """Read ``NAME=VALUE`` and ``NAME`` (the caller's own value)."""
    result = {}
    for option in options:
        name, sign, value = option.partition("=")
        if not name.isidentifier():
            raise UsageError(f"--env {option!r} names no variable; write --env NAME=VALUE or --env NAME")
        if not sign and name not in os.environ:
            raise UsageError(f"--env {name!r}: your environment has no such variable; write --env {name}=VALUE")
        result[name] = value if sign else os.environ[name]
    return result


def _work_folder(cache: Path) -> Path:
    """Return the folder in which packages are unpacked. Raises: CatalogError where it cannot be made."""
    work = cache / "work"
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"the cache folder {str(work)!r} cannot be made ({error.strerror}): name another with XDG_CACHE_HOME"
        ) from error
    return work


def _sandbox(*, no_sandbox: bool) -> "Sandbox":
    """Return what isolates servers. Raises: SandboxUnavailable with what to install."""
    if no_sandbox:
        from catalog.sandbox.unconfined import WARNING, Unconfined

        typer.echo(f"catalog: {WARNING}", err=True)
        return Unconfined()
    from catalog.sandbox.bubblewrap import Bubblewrap

    return Bubblewrap.find()


def _installers(sandbox: "Sandbox") -> "dict[str, Installer]":
    from catalog.cli.wiring import package_cache
    from catalog.install.bytecode import Bytecode
    from catalog.install.npm import NpmInstaller
    from catalog.install.pypi import PypiInstaller
    from catalog.install.runtimes import find_uv
    from catalog.sandbox.unconfined import Unconfined

    if isinstance(sandbox, Unconfined):
        # Code with the user's rights could change what is kept, and so what others run later in a sandbox.
        return {"pypi": PypiInstaller(sandbox, find_uv()), "npm": NpmInstaller(sandbox)}
    cache = package_cache()
    cache.tidy()
    bytecode = Bytecode(cache.layers, sandbox)
    return {
        "pypi": PypiInstaller(sandbox, find_uv(), cache.environments, bytecode),
        "npm": NpmInstaller(sandbox, cache.environments),
    }


def _parts(sandbox: "Sandbox", knowledge: "KnownServers", work: Path, read: Sequence[Path]) -> "Parts":
    from importlib.metadata import version

    from catalog.crawl.ladder import Parts

    return Parts(
        sandbox=sandbox,
        installers=_installers(sandbox),
        profiles=knowledge.profiles,
        work=work,
        version=version("mcp-catalog"),
        read=[path.resolve() for path in read],
    )
