"""``catalog site``: build the static site, and look at it."""  # noqa: A005  always imported as catalog.cli.site

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from sitegen.build import SiteReport
    from sitegen.parts import SiteOptions

DEFAULT_OUTPUT = Path("catalog-site")


BUILD_EPILOG = """\b
Examples:
  catalog site build
  catalog site build -o public --base-url https://example.org/catalog/ --check"""

SERVE_EPILOG = """\b
Examples:
  catalog site serve
  catalog site serve --port 8080 -o public"""

app = typer.Typer(
    no_args_is_help=True, help="Build the static site of the catalogue, and look at it.", epilog=BUILD_EPILOG
)


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
        str | None, typer.Option(metavar="URL", help="Where readers report a wrong classification.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read the site back and fail on broken links, anchors or markup.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Build a page for every server and tool, as files that any web server or disk can show.

    Only what changed is written, and nothing before everything is ready. Exit codes: 0 ok, 1 failed or, with --check,
    problems found, 2 usage.
    """
    from sitegen.parts import SiteOptions

    report = _build(output, SiteOptions(base_url=base_url, report_url=report_url), quiet=as_json)
    problems = _problems(output, base_url) if check else []
    if as_json:
        _print_json(report, problems if check else None)
    else:
        _print(report)
    if problems:
        for problem in problems[:20] if not as_json else []:
            typer.echo(f"{problem['page']}: {problem['message']}", err=True)
        noun = "problem" if len(problems) == 1 else "problems"
        raise CatalogError(f"the site in {str(output)!r} has {len(problems)} {noun}; please report this")


@app.command(epilog=SERVE_EPILOG)
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")] = 8000,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory", "-o", metavar="DIR", help="Build into this directory and serve it, not a temporary one."
        ),
    ] = None,
) -> None:
    """Build the site and serve it on this machine alone, until Ctrl-C."""
    from tempfile import TemporaryDirectory

    from sitegen.parts import SiteOptions

    if directory is not None:
        _print(_build(directory, SiteOptions()))
        _serve(directory, port)
        return
    with TemporaryDirectory(prefix="catalog-site-") as temporary:
        _print(_build(Path(temporary), SiteOptions()))
        _serve(Path(temporary), port)


def _build(output: Path, options: "SiteOptions", *, quiet: bool = False) -> "SiteReport":
    from rich.console import Console
    from rich.progress import Progress

    from catalog.attacks import load_attacks
    from catalog.cli.wiring import open_view
    from catalog.export.registry import exporters
    from catalog.policy.recommend import recommend
    from catalog.rules import load_ruleset
    from sitegen.build import build_site
    from sitegen.parts import Parts

    rules = {rule.id: rule for rule in load_ruleset().rules}
    console = Console(stderr=True)
    with (
        open_view() as view,
        Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress,
    ):
        task = progress.add_task("Rendering servers", total=None)
        parts = Parts(
            view=view,
            recommend=recommend,
            exporters=tuple(exporters().values()),
            rules=rules,
            attacks=load_attacks(),
        )
        return build_site(
            parts, options, output, lambda done, total: progress.update(task, completed=done, total=total)
        )


def _serve(directory: Path, port: int) -> None:
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(directory))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used ({error.strerror}): choose another with --port") from error
    with server:
        typer.echo(f"Serving http://127.0.0.1:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Stopped.")


def _problems(output: Path, base_url: str | None) -> list[dict[str, str]]:
    from sitegen.check import check_site

    return [{"page": problem.page, "message": problem.message} for problem in check_site(output, base_url)]


def _print_json(report: "SiteReport", problems: list[dict[str, str]] | None) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps({**asdict(report), "output": str(report.output), "problems": problems}, indent=2))


def _print(report: "SiteReport") -> None:
    from sitegen.words import count

    what = f"{count(report.servers, 'server')} and {count(report.entries, 'tool or action', 'tools and actions')}"
    typer.echo(f"{count(report.pages, 'page')} about {what}: {report.size / 1e6:.1f} MB in {report.files:,} files")
    typer.echo(f"{report.changed:,} written, {report.unchanged:,} unchanged, {report.removed:,} removed")
    if not report.servers:
        typer.echo("The catalogue is empty: sync a server first, for example 'catalog sync truenas'")
    typer.echo(f"Open {report.output.absolute() / 'index.html'}")
