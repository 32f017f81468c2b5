"""``catalog site``: build the static site, and look at it."""  # noqa: A005  always imported as catalog.cli.site

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.build import SiteReport
    from sitegen.parts import Parts, SiteOptions

DEFAULT_OUTPUT = Path("catalog-site")


BUILD_EPILOG = """\b
Examples:
  catalog site build
  catalog site build -o public --base-url https://example.org/catalog/ --check
  catalog site build --site-config site.toml --precompress gzip"""

CHECK_EPILOG = """\b
Examples:
  catalog site check
  catalog site check public --base-url https://example.org/catalog/ --json"""

SERVE_EPILOG = """\b
Examples:
  catalog site serve
  catalog site serve --port 8080 --site-config site.toml"""

app = typer.Typer(
    no_args_is_help=True, help="Build the static site of the catalogue, and look at it.", epilog=BUILD_EPILOG
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--site-config", metavar="FILE", help="Title, colour, footer, own pages, templates: a TOML file."),
]


@app.command(epilog=BUILD_EPILOG)
def build(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the site goes; it must be empty or ours.")
    ] = DEFAULT_OUTPUT,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where it will be published: adds canonical addresses and a sitemap."),
    ] = None,
    report_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where readers report a wrong verdict; may hold {tool}, {server}, {page}."),
    ] = None,
    site_config: ConfigOption = None,
    precompress: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Put compressed copies beside text files: gzip, brotli. May be repeated."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make every file again, whatever was built before.")] = False,
    search: Annotated[
        bool, typer.Option("--search/--no-search", help="Make the search index again, or leave the old one for now.")
    ] = True,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one for each processor.")] = 0,
    check: Annotated[
        bool, typer.Option("--check", help="Read the site back and fail on broken links, anchors or markup.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Build a page for every server and tool, as files that any web server or disk can show.

    Only what changed since the last build is made and written, and nothing before everything is ready. Exit codes:
    0 ok, 1 failed or, with --check, problems found, 2 usage.
    """
    options = _options(base_url, report_url, site_config, tuple(precompress or ()))
    report = _build(output, options, fresh=fresh, search=search, jobs=jobs, quiet=as_json)
    problems = _problems(output, options.base_url) if check else []
    if as_json:
        _print_json(report, problems if check else None)
    else:
        _print(report)
    _fail_on(problems, output, quiet=as_json)


@app.command(epilog=CHECK_EPILOG)
def check(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A built site.")] = DEFAULT_OUTPUT,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The one it was built with.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """Read a built site back: links, anchors, markup, structured data, feeds, sitemap, sizes, anything that could run.

    Exit codes: 0 nothing found, 1 problems found, 2 usage.
    """
    import json

    problems = _problems(directory, base_url)
    if as_json:
        typer.echo(json.dumps(problems, indent=2))
    elif not problems:
        typer.echo("Nothing is wrong.")
    _fail_on(problems, directory, quiet=as_json)


@app.command(epilog=SERVE_EPILOG)
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")] = 8000,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory", "-o", metavar="DIR", help="Build into this directory and serve it, not a temporary one."
        ),
    ] = None,
    site_config: ConfigOption = None,
) -> None:
    """Build the site and serve it on this machine alone, until Ctrl-C.

    What changes meanwhile is built again, and pages that are open show it. Exit codes: 0 stopped, 1 failed, 2 usage.
    """
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from catalog.cli.siteserver import LiveSite, serve_site
    from catalog.cli.wiring import open_store, settings

    def rebuild(into: Path) -> "SiteReport":
        return _build(into, replace(_options(None, None, site_config, ()), live=True), quiet=True)

    def signature() -> object:
        options = _options(None, None, site_config, ())
        files = sorted(options.templates.rglob("*")) if options.templates else []
        files.append(settings().overrides)
        return store.stamps(), options, [(path, path.stat().st_mtime_ns) for path in files if path.exists()]

    with TemporaryDirectory(prefix="catalog-site-") as temporary, open_store() as store:
        serve_site(LiveSite(directory or Path(temporary), rebuild, signature), port)


@contextmanager
def open_parts() -> "Iterator[Parts]":
    """Open what a build is made from. Processes of the build find this function by its name."""
    from functools import partial

    from catalog.accuracy import load_accuracy
    from catalog.attacks import load_attacks
    from catalog.cli.wiring import open_view
    from catalog.export.registry import exporters
    from catalog.policy.recommend import recommend
    from catalog.rules import load_ruleset
    from sitegen.parts import Parts

    ruleset = load_ruleset()
    with open_view() as view:
        yield Parts(
            view=view,
            recommend=recommend,
            exporters=tuple(exporters().values()),
            rules={rule.id: rule for rule in ruleset.rules},
            attacks=load_attacks(),
            word_groups=ruleset.groups,
            ruleset=ruleset.version,
            accuracy=load_accuracy(),
            harden=partial(recommend, profile="hardened"),
        )


def _options(
    base_url: str | None, report_url: str | None, site_config: Path | None, precompress: tuple[str, ...]
) -> "SiteOptions":
    from sitegen.config import read_config
    from sitegen.parts import SiteOptions

    options = SiteOptions(base_url=base_url, report_url=report_url, precompress=precompress)
    return read_config(site_config, options) if site_config else options


def _build(
    output: Path,
    options: "SiteOptions",
    *,
    fresh: bool = False,
    search: bool = True,
    jobs: int = 1,
    quiet: bool = False,
) -> "SiteReport":
    import os
    from functools import partial

    from rich.console import Console
    from rich.progress import Progress

    from catalog.cli.wiring import database_option
    from sitegen.build import How, build_site

    console = Console(stderr=True)
    with (
        open_parts() as parts,
        Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress,
    ):
        task = progress.add_task("Looking for what changed", total=None)

        def tell(doing: str, done: int, total: int) -> None:
            progress.update(task, description=doing, completed=done, total=total or None)

        how = How(
            fresh=fresh,
            search=search,
            jobs=jobs or len(os.sched_getaffinity(0)),
            open_parts=partial(open_parts_of, database_option.get()),
            progress=tell,
        )
        return build_site(parts, options, output, how)


@contextmanager
def open_parts_of(database: str | None) -> "Iterator[Parts]":
    """Open what a build is made from in another process; ``database`` is what ``--db`` said."""
    from catalog.cli.wiring import database_option

    database_option.set(database)
    with open_parts() as parts:
        yield parts


def _problems(output: Path, base_url: str | None) -> list[dict[str, str]]:
    from sitegen.check import check_site

    return [{"page": problem.page, "message": problem.message} for problem in check_site(output, base_url)]


def _fail_on(problems: list[dict[str, str]], output: Path, *, quiet: bool) -> None:
    if not problems:
        return
    for problem in problems[:20] if not quiet else []:
        typer.echo(f"{problem['page']}: {problem['message']}", err=True)
    noun = "problem" if len(problems) == 1 else "problems"
    raise CatalogError(f"the site in {str(output)!r} has {len(problems)} {noun}; please report this")


def _print_json(report: "SiteReport", problems: list[dict[str, str]] | None) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps({**asdict(report), "output": str(report.output), "problems": problems}, indent=2))


def _print(report: "SiteReport") -> None:
    from sitegen.words import count

    what = f"{count(report.servers, 'server')} and {count(report.entries, 'tool or action', 'tools and actions')}"
    typer.echo(f"{count(report.pages, 'page')} about {what}: {report.size / 1e6:.1f} MB in {report.files:,} files")
    typer.echo(
        f"{count(report.rendered, 'server')} made again: {report.changed:,} files written, "
        f"{report.unchanged:,} unchanged, {report.removed:,} removed"
    )
    if report.note:
        typer.echo(f"Search uses an index of its own: {report.note}")
    if not report.servers:
        typer.echo("The catalogue is empty: sync a server first, for example 'catalog sync truenas'")
    typer.echo(f"Open {report.output.absolute() / 'index.html'}")
