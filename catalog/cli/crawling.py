"""Wire a crawl together: sandbox, installers, store, what may be passed over."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from catalog.errors import CatalogError, UsageError

if TYPE_CHECKING:
    from catalog.crawl.parts import Parts
    from catalog.origin import Package
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


def work_folder(cache: Path) -> Path:
    """Return the folder in which packages are unpacked. Raises: CatalogError where it cannot be made."""
    work = cache / "work"
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"the cache folder {str(work)!r} cannot be made ({error.strerror}): name another with XDG_CACHE_HOME"
        ) from error
    return work


def sandbox(*, no_sandbox: bool) -> "Sandbox":
    """Return what isolates servers. Raises: SandboxUnavailable with what to install."""
    if no_sandbox:
        from catalog.sandbox.unconfined import WARNING, Unconfined

        typer.echo(f"catalog: {WARNING}", err=True)
        return Unconfined()
    from catalog.sandbox.bubblewrap import Bubblewrap

    return Bubblewrap.find()


def parts(isolation: "Sandbox", knowledge: "KnownServers", work: Path, read: Sequence[Path], jobs: int) -> "Parts":
    """Return what looking at servers needs."""
    from importlib.metadata import version

    from catalog.crawl.gates import Gates
    from catalog.crawl.parts import Parts
    from catalog.install.npm import NpmInstaller
    from catalog.install.pypi import PypiInstaller
    from catalog.install.runtimes import find_uv

    return Parts(
        sandbox=isolation,
        installers={"pypi": PypiInstaller(isolation, find_uv()), "npm": NpmInstaller(isolation)},
        profiles=knowledge.profiles,
        work=work,
        version=version("mcp-catalog"),
        read=[path.resolve() for path in read],
        gates=Gates.of(jobs),
    )


async def newest(package: "Package") -> str | None:
    """Ask the registry for the newest version of ``package``."""
    del package
    return None
