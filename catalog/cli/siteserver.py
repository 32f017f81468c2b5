"""Serve a site on this machine, and build it again when what it is made from changes."""

import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from sitegen.build import SiteReport

LOOK_EVERY = 1.0
"""Seconds between two looks at what the site is made from."""

VERSION = "/live/version"
"""Where pages ask for the number of the build that is served."""


class LiveSite:
    """A directory that is built again and again; each build that changed something has a number."""

    def __init__(
        self, directory: Path, rebuild: Callable[[Path], "SiteReport"], signature: Callable[[], object]
    ) -> None:
        """``signature`` costs little and differs when ``rebuild`` may make another site."""
        self.directory = directory
        self.version = 0
        self._rebuild = rebuild
        self._signature = signature
        self._seen: object = None
        self._trouble = ""

    def build(self) -> "SiteReport":
        """Build. Raises: CatalogError."""
        self._seen = self._signature()
        report = self._rebuild(self.directory)
        if report.changed or report.removed:
            self.version += 1
        return report

    def look(self) -> None:
        """Build again what changed. Trouble, as a template with an error, is told, and the old site stays."""
        try:
            if self._signature() == self._seen:
                return
            report = self.build()
        except (CatalogError, OSError) as error:  # a file that an editor is just replacing comes back
            if str(error) != self._trouble:
                self._trouble = str(error)
                typer.echo(f"The old site stays: {error}", err=True)
            return
        self._trouble = ""
        if report.changed or report.removed:
            typer.echo(f"Built again: {report.changed:,} files written, {report.removed:,} removed")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, and the number of the build."""

    def __init__(self, *args: object, site: LiveSite, **kwargs: object) -> None:
        self._site = site
        super().__init__(*args, directory=str(site.directory), **kwargs)  # type: ignore[arg-type]  # passed on as given

    def do_GET(self) -> None:
        if self.path != VERSION:
            super().do_GET()
            return
        body = str(self._site.version).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        del format, args  # a page that asks once a second would fill the terminal


def serve_site(site: LiveSite, port: int) -> None:
    """Serve ``site`` until Ctrl-C. Raises: CatalogError where the first build fails; UsageError for the port."""
    site.build()
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, site=site))
    except OSError as error:
        raise UsageError(f"port {port} cannot be used ({error.strerror}): choose another with --port") from error
    with server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        typer.echo(f"Serving http://127.0.0.1:{server.server_port}/ until Ctrl-C")
        stopped = threading.Event()
        try:
            while not stopped.wait(LOOK_EVERY):
                site.look()
        except KeyboardInterrupt:
            typer.echo("Stopped.")
        finally:
            server.shutdown()
            serving.join()
