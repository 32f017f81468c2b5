"""Packages made by hand, and a registry on loopback that serves them to uv and npm."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from catalog_testing.crawling import SERVERS

TINY_PYTHON = (SERVERS / "tiny.py").read_text(encoding="utf-8")
TINY_NODE = (SERVERS / "tiny.js").read_text(encoding="utf-8")


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str],
    *,
    scripts: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
) -> Path:
    """Write a pure wheel of ``files`` with console ``scripts`` (name to ``module:function``) into ``folder``."""
    stem = f"{name.replace('-', '_')}-{version}"
    information = f"{stem}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    entries = "".join(f"{script} = {target}\n" for script, target in (scripts or {}).items())
    members = {
        **files,
        f"{information}/METADATA": "\n".join(metadata) + "\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{information}/entry_points.txt": f"[console_scripts]\n{entries}",
    }
    members[f"{information}/RECORD"] = "".join(f"{member},,\n" for member in (*members, f"{information}/RECORD"))
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


def tarball(files: Mapping[str, str], root: str) -> bytes:
    """Return a gzipped tar of ``files`` below the folder ``root``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(f"{root}/{name}")
            member.size, member.mode = len(data), 0o755
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@dataclass
class Registry:
    """Answers of a registry by path; ``asked`` are the paths that were asked for."""

    address: str
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add_wheel(self, path: Path, uploaded: str) -> None:
        """Serve ``path`` as uploaded at ``uploaded`` (PEP 691 and 700)."""
        name = path.name.split("-", 1)[0].replace("_", "-")
        self.answers[f"/files/{path.name}"] = ("application/octet-stream", path.read_bytes())
        project = f"/simple/{name}/"
        kind, old = self.answers.get(project, ("", b'{"files": []}'))
        kind = "application/vnd.pypi.simple.v1+json"
        file = {
            "filename": path.name,
            "url": f"{self.address}/files/{path.name}",
            "hashes": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
            "upload-time": uploaded,
        }
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": [*json.loads(old)["files"], file]}
        self.answers[project] = (kind, json.dumps(page).encode())

    def add_npm(self, name: str, version: str, files: Mapping[str, str], **manifest: object) -> None:
        """Serve an npm package of one version with this package.json."""
        manifest = {"name": name, "version": version, **manifest}
        data = tarball({"package.json": json.dumps(manifest), **files}, "package")
        location = f"/{name}/-/{name.rsplit('/', maxsplit=1)[-1]}-{version}.tgz"
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {"tarball": f"{self.address}{location}", "integrity": integrity}
        document = {"name": name, "dist-tags": {"latest": version}, "versions": {version: {**manifest, "dist": dist}}}
        self.answers[f"/{name.replace('/', '%2f')}"] = ("application/json", json.dumps(document).encode())
        self.answers[location] = ("application/octet-stream", data)


@contextmanager
def registry() -> Iterator[Registry]:
    """Serve a registry on loopback while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            kind, body = here.answers.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  # the base class calls it by this name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name for it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Registry(address=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
