"""``catalog import``: keep a list of tools that somebody recorded, and judge it; no server is run."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import UsageError

if TYPE_CHECKING:
    from catalog.model import ServerRef
    from catalog.sources.recording import Recorded
    from catalog.view import CatalogView

EPILOG = """\b
Examples:
  catalog import tools.json
  catalog import --server orchard --title "The orchard" tools.json
  some-client tools/list | catalog import --server orchard -

FILE is the answer to tools/list: its result, the JSON-RPC response, an array of tools or of pages, or messages, one a
line.
Importing again replaces the list.

Exit codes: 0 imported, 1 failed, 2 usage."""

_SLUG = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")

_SLUG_LENGTH = 100


def import_list(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A recorded list of tools; - is stdin.")],
    server: Annotated[
        str | None, typer.Option("--server", metavar="SLUG", help="What the server is called (default: as the file).")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its title (default: the name it gives itself).")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the observation as JSON.")] = False,
) -> None:
    """Import a recorded list of tools: store it, classify it, show it like a server's own."""
    from datetime import UTC, datetime

    from catalog.cli.observations import print_looked
    from catalog.cli.wiring import judge, open_store
    from catalog.crawl.events import Observed
    from catalog.crawl.report import Tally
    from catalog.model import Observation
    from catalog.sources.recording import read_recording

    started = datetime.now(UTC)
    if file == "-" and server is None:
        raise UsageError("standard input has no name; write what the server is called: catalog import --server SLUG -")
    if server is not None and (not _SLUG.fullmatch(server) or len(server) > _SLUG_LENGTH):
        raise UsageError(f"--server {server!r} is no slug; write lower-case letters, digits and hyphens")
    recorded = read_recording("-" if file == "-" else Path(file))
    reference = _reference(recorded, server, title)
    with open_store() as store:
        _refuse_another(store, reference)
        observation = Observation(
            server=reference, started_at=started, finished_at=datetime.now(UTC), outcome=recorded.listed
        )
        tally = Tally()
        tally(Observed(observation=observation, changes=store.record(observation)))
        judge(store)
        print_looked(tally, store, as_json=json_)


def _reference(recorded: "Recorded", slug: str | None, title: str | None) -> "ServerRef":
    from catalog.model import ServerRef
    from catalog.sources.slugs import recording_slug
    from catalog.terminal import visible_name

    slug = slug or recording_slug(recorded.origin)
    shown = visible_name((title or recorded.listed.server_name or slug)[:100])
    return ServerRef(slug=slug, title=shown, origin=recorded.origin)


def _refuse_another(view: "CatalogView", reference: "ServerRef") -> None:
    """Leave a server alone that is no recording: its own list, and how it is reached, would be lost."""
    from catalog.origin import Recording

    row = view.server(reference.slug)
    if row is not None and not isinstance(row.origin, Recording):
        raise UsageError(
            f"{reference.slug!r} is in the catalogue as {str(row.origin)!r}; give the recording a name of its own: "
            f"--server {reference.slug}-recorded"
        )
