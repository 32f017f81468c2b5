"""An MCP registry on loopback that speaks the real API (paging, search, updates since, ETags), or misbehaves."""

import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

OFFICIAL = "io.modelcontextprotocol.registry/official"


def row(name: str, version: str = "1.0.0", *, status: str = "active", latest: bool = True, **server: Any) -> Any:
    """Return one row of a page in the newest generation."""
    updated = server.pop("updated", "2026-01-01T00:00:00Z")
    said = {"status": status, "isLatest": latest, "publishedAt": updated, "updatedAt": updated}
    return {"server": {"name": name, "version": version, **server}, "_meta": {OFFICIAL: said}}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer that the registry gives whatever it is asked."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    endless: bool = False
    """After ``body`` it says ``x`` until the caller hangs up."""


@dataclass
class RegistryApi:
    """What it serves, and what it was asked."""

    address: str = ""
    rows: list[Any] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    """Given first, one a request."""
    script: Callable[[Mapping[str, str]], Answer] | None = None
    """Answers instead of the API, by the query."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The queries, with ``path``, and what they said in ``If-None-Match`` and ``Accept-Encoding``."""

    def answer(self, asked: Mapping[str, str]) -> Answer:
        """Return what the real API would."""
        if self.faults:
            return self.faults.pop(0)
        if self.script is not None:
            return self.script(asked)
        if asked["path"] != "/v0.1/servers":
            return Answer(status=404, body=b'{"title":"Not Found"}')
        found = sorted((one for one in self.rows if _wanted(one, asked)), key=_cursor)
        rest = [one for one in found if _cursor(one) > asked.get("cursor", "")]
        page = rest[: int(asked["limit"])]
        metadata = {"count": len(page), **({"nextCursor": _cursor(page[-1])} if len(rest) > len(page) else {})}
        body = json.dumps({"servers": page, "metadata": metadata}).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        headers = {"Content-Type": "application/json", "ETag": etag}
        return (
            Answer(status=304, headers=headers)
            if asked.get("If-None-Match") == etag
            else Answer(headers=headers, body=body)
        )


def _cursor(one: Any) -> str:
    return f"{one['server']['name']}:{one['server']['version']}"


def _wanted(one: Any, asked: Mapping[str, str]) -> bool:
    said = one["_meta"][OFFICIAL]
    since = asked.get("updated_since", "")
    return (
        asked.get("search", "").lower() in one["server"]["name"].lower()
        and said["updatedAt"] > since
        and (said["isLatest"] or asked.get("version") != "latest")
        and (said["status"] != "deleted" or bool(since) or asked.get("include_deleted") == "true")
    )


@contextmanager
def registry_api(*, tls: ssl.SSLContext | None = None) -> Iterator[RegistryApi]:
    """Serve a registry on loopback while the context lasts."""
    here = RegistryApi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {**dict(parse_qsl(parts.query)), "path": parts.path}
            for name in ("If-None-Match", "Accept-Encoding"):
                if name in self.headers:
                    asked[name] = self.headers[name]
            here.asked.append(asked)
            answer = here.answer(asked)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if not answer.endless:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                while answer.endless:
                    self.wfile.write(b"x" * 65536)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name for it
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a caller that refuses the certificate is what a test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        here.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
