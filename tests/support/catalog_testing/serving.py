"""A built site behind a web server of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class _SiteHandler(SimpleHTTPRequestHandler):
    """Sends the files of a folder below a path, with the types that their suffixes mean on any machine."""

    extensions_map = {  # noqa: RUF012  the base class declares it as an attribute of instances
        "": "application/octet-stream",
        ".atom": "application/atom+xml",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".md": "text/markdown; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".ndjson": "application/x-ndjson",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".xml": "application/xml",
    }

    def __init__(self, *arguments: object, folder: str, directory: str) -> None:
        self._folder = folder
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]  # as socketserver calls it

    def translate_path(self, path: str) -> str:
        """Return the file behind a path; a path outside the folder names none."""
        inside = path.removeprefix(self._folder)
        return super().translate_path("/" + inside if path.startswith(self._folder) else "/no such file")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name it has in the library
        """Say nothing: the browser says what it did not get."""


@contextmanager
def served(site: Path, folder: str = "/") -> Iterator[str]:
    """Serve ``site`` on a free port of this machine, below ``folder`` (``/catalog/``); yield its address."""
    handler = partial(_SiteHandler, folder=folder, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{folder}"
        finally:
            server.shutdown()
            thread.join()
