import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
import uv

from catalog.crawl.parts import Parts
from catalog.install.pypi import PypiInstaller
from catalog.model import ServerRef
from catalog.origin import Command
from catalog.probe.base import ProbeLimits
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import SERVERS
from catalog_testing.crawling_packages import Registry, registry


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    return Bubblewrap.find()


@pytest.fixture
def parts(bubblewrap: Bubblewrap, tmp_path: Path) -> Parts:
    return Parts(
        sandbox=bubblewrap,
        installers={"pypi": PypiInstaller(bubblewrap, uv.find_uv_bin())},
        profiles=(),
        work=tmp_path / "work",
        version="0.0.0",
        probe_limits=ProbeLimits(pages=10),
    )


class Serve(Protocol):
    """Makes a server that behaves as the keywords say (servers/server.py)."""

    def __call__(self, slug: str, **script: Any) -> ServerRef: ...


@pytest.fixture
def serve() -> Serve:
    def make(slug: str, **script: Any) -> ServerRef:
        script.setdefault("pages", [[{"name": "hello"}]])
        argv = (sys.executable, "-S", str(SERVERS / "server.py"), json.dumps(script), slug)
        return ServerRef(slug=slug, title=slug, origin=Command(argv=argv))

    return make


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A package index on loopback that is all uv knows."""
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    with registry() as served:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{served.address}/simple/")
        yield served
