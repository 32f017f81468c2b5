"""Wire a crawl together: sandbox, installers, store, what may be passed over."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import AsyncClient

    from catalog.crawl.parts import Parts
    from catalog.install.base import Installer
    from catalog.sandbox.base import Sandbox
    from catalog.sources.known import KnownServers


def environment(options: Sequence[str]) -> Mapping[str, str]:
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


@contextmanager
def work_folder(cache: Path) -> "Iterator[Path]":
    """Yield a folder of this program's own, in which packages are unpacked. Raises: CatalogError without one."""
    from catalog.crawl.work import own_folder

    root = cache / "work"
    with ExitStack() as stack:
        try:
            work = stack.enter_context(own_folder(root))
        except OSError as error:
            raise CatalogError(
                f"the cache folder {str(root)!r} cannot be used ({error.strerror}): name another with XDG_CACHE_HOME"
            ) from error
        yield work


def sandbox(*, no_sandbox: bool) -> "Sandbox":
    """Return what isolates servers. Raises: SandboxUnavailable with what to install."""
    if no_sandbox:
        from catalog.sandbox.unconfined import WARNING, Unconfined

        typer.echo(f"catalog: {WARNING}", err=True)
        return Unconfined()
    from catalog.sandbox.bubblewrap import Bubblewrap

    return Bubblewrap.find()


def installers(isolation: "Sandbox") -> "dict[str, Installer]":
    """Return what fetches packages, with what is kept of them."""
    from catalog.cli.wiring import package_cache
    from catalog.install.bytecode import Bytecode
    from catalog.install.npm import NpmInstaller
    from catalog.install.pypi import PypiInstaller
    from catalog.install.runtimes import find_uv
    from catalog.sandbox.unconfined import Unconfined

    if isinstance(isolation, Unconfined):
        # Code with the user's rights could change what is kept, and so what others run later in a sandbox.
        return {"pypi": PypiInstaller(isolation, find_uv()), "npm": NpmInstaller(isolation)}
    cache = package_cache()
    cache.tidy()
    bytecode = Bytecode(cache.layers, isolation)
    return {
        "pypi": PypiInstaller(isolation, find_uv(), cache.environments, bytecode),
        "npm": NpmInstaller(isolation, cache.environments),
    }


def parts(isolation: "Sandbox", knowledge: "KnownServers", work: Path, read: Sequence[Path], jobs: int) -> "Parts":
    """Return what looking at servers needs."""
    from importlib.metadata import version

    from catalog.crawl.gates import Gates
    from catalog.crawl.parts import Parts
    from catalog.crawl.placeholders import placeholder
    from catalog.install.archive import unpack
    from catalog.install.bundle import BundleInstaller
    from catalog.install.image import ImageInstaller

    return Parts(
        sandbox=isolation,
        installers=installers(isolation),
        bundles=BundleInstaller(isolation, client=bundle_client, unpack=unpack, placeholder=placeholder),
        images=ImageInstaller(),
        profiles=knowledge.profiles,
        work=work,
        version=version("mcp-catalog"),
        read=[path.resolve() for path in read],
        gates=Gates.of(jobs),
    )


def bundle_client() -> "AsyncClient":
    """Return what fetches one bundle: from the public internet only, since its address comes from data."""
    from httpx import AsyncClient

    from catalog.install.bundle import BUNDLE_BYTES
    from catalog.probe.base import ProbeLimits
    from catalog.probe.http.bodies import Meter
    from catalog.probe.http.guard import Guard
    from catalog.probe.http.transport import GuardedTransport

    meter = Meter(ProbeLimits(frame_bytes=2 * BUNDLE_BYTES, total_bytes=2 * BUNDLE_BYTES))
    return AsyncClient(transport=GuardedTransport(Guard(), meter, trusted=None))
