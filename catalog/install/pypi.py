"""Fetch Python packages with uv, wheels only: no build runs, so no package code does."""

import asyncio
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from catalog.install.base import NEWEST, PACKAGE, Installed, InstallError, Resolution
from catalog.install.client import run_client, without_addresses
from catalog.install.runtimes import PythonHome, newer_pythons, own_python, python_runtime
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.base import Mount, Program, Sandbox

# The files of one release are uploaded within minutes; what was uploaded an hour later may already be a later world.
RELEASE_SPREAD = timedelta(hours=1)

LATER_PYTHON = "3.14"
"""Asked for beside this Python, to notice a release that wants a newer one."""

_TREE = "package-"
"""What the name of an unpacked package's folder begins with; the version of its Python follows."""

DRIFT_CONSTRAINTS = ("mcp<2",)
"""Known breaks: packages that ask for any ``mcp`` and were written for its first major version."""


class PypiInstaller:
    """Implements install.base.Installer for PyPI."""

    def __init__(self, sandbox: Sandbox, uv: str) -> None:
        self._sandbox = sandbox
        self._uv = uv

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        """See ``Installer.install``."""
        home, tree, newest = await self._unpack_newest(package, into, resolution)
        site_packages = _site_packages(tree, home)
        distribution = _distribution(package, site_packages)
        return Installed(
            program=self._program(package, tree, site_packages, home),
            version=distribution.version,
            tree=tree,
            sources=tuple(site_packages / name for name in _top_level(distribution)),
            note=_note(home, newest, Version(distribution.version)),
        )

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        """See ``Installer.resolutions``: as of the release date, then known constraints (docs/crawl.md)."""
        known = Resolution(name="mcp<2", constraints=DRIFT_CONSTRAINTS)
        released_at = await self._released_at(package, installed)
        if released_at is None:
            return (known,)
        return (Resolution(name="release-date", before=released_at + RELEASE_SPREAD), known)

    async def _unpack_newest(
        self, package: Package, into: Path, resolution: Resolution
    ) -> tuple[PythonHome, Path, Version | None]:
        """Return the Python that gets the newest release of ``package``, where it was unpacked, and that release.

        A resolver falls back to an old release without a word where the newest one wants another Python. So the newest
        release of all is looked up while this Python's is unpacked, and newer Pythons are tried only where it differs.
        """
        _write_requirements(package, into, resolution)
        own = own_python()
        try:
            # Unlike gather it waits for both when it is cancelled: each has a client to stop.
            async with asyncio.TaskGroup() as group:
                looking = group.create_task(self._newest(into, resolution))
                unpacking = group.create_task(self._unpack(package, into, resolution, own))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        newest, tree = looking.result(), unpacking.result()
        if isinstance(tree, Path) and (newest is None or newest <= _version(package, tree, own)):
            return own, tree, newest
        if newest is not None:
            for home in newer_pythons():
                found = await self._unpack(package, into, resolution, home)
                if isinstance(found, Path) and _version(package, found, home) == newest:
                    return home, found, newest
        if isinstance(tree, InstallError):
            raise tree
        return own, tree, newest

    async def _newest(self, into: Path, resolution: Resolution) -> Version | None:
        """Return the newest release that a later Python gets, its dependencies left aside; None for none."""
        # --python: otherwise uv looks for an interpreter of that version, and asks every launcher on PATH.
        argv = [self._uv, "pip", "compile", *_choice(resolution), "requirements.in", "--no-header", "--no-annotate"]
        argv += ["--no-deps", "--python-version", LATER_PYTHON, "--python", str(own_python().executable)]
        done = await run_client(argv, cwd=into)
        pinned = re.search(r"^[^\s=]+==([^\s;]+)", done.stdout, re.MULTILINE)
        return Version(pinned[1]) if done.code == 0 and pinned else None

    async def _unpack(
        self, package: Package, into: Path, resolution: Resolution, home: PythonHome
    ) -> Path | InstallError:
        """Unpack the newest release that ``home`` gets and return the folder, or why there is none."""
        tree = into / f"{_TREE}{home.version}"
        argv = [self._uv, "pip", "install", *_choice(resolution), "--requirements", "requirements.in"]
        argv += ["--target", str(_site_packages(tree, home)), "--python", str(home.executable)]
        done = await run_client(argv, cwd=into)
        return tree if done.code == 0 else _failure(package, done.stderr)

    async def _released_at(self, package: Package, installed: Installed) -> datetime | None:
        """Return when this version was uploaded, by a lock (PEP 751); None where the index does not say."""
        into = installed.tree.parent
        package = replace(package, version=installed.version)
        (into / "released.in").write_text(_requirement(package), encoding="utf-8")
        argv = [self._uv, "pip", "compile", "--quiet", "released.in", "--only-binary", ":all:", "--no-deps"]
        argv += ["--format", "pylock.toml", "--output-file", "pylock.toml"]
        python = installed.tree.name.removeprefix(_TREE)
        argv += ["--python-version", python, "--python", str(own_python().executable)]
        try:
            done = await run_client(argv, cwd=into)
        except TimeoutError:
            return None
        if done.code != 0:
            return None
        (entry,) = tomllib.loads((into / "pylock.toml").read_text(encoding="utf-8"))["packages"]
        return max((wheel["upload-time"] for wheel in entry.get("wheels", []) if "upload-time" in wheel), default=None)

    def _program(self, package: Package, tree: Path, site_packages: Path, home: PythonHome) -> Program:
        """Make the tree a virtual environment of the interpreter that the sandbox shows, and find its script."""
        python = python_runtime(self._sandbox, home, site_packages=False)
        (tree / "bin").mkdir()
        (tree / "bin" / "python").symlink_to(python.executable)
        (tree / "pyvenv.cfg").write_text(f"home = {os.path.dirname(python.executable)}\n", encoding="utf-8")  # noqa: PTH120  # a path inside the sandbox, not of this host
        root = self._sandbox.place(tree, PACKAGE)
        scripts = f"{root}/{site_packages.relative_to(tree)}/bin"
        entry = _entry_point(package, site_packages)
        arguments = (f"{scripts}/{entry.name}",) if isinstance(entry, EntryPoint) else ("-m", entry)
        return Program(
            argv=(f"{root}/bin/python", *arguments),
            environment={**python.environment, "PATH": f"{root}/bin:{scripts}:/opt/node/bin:/usr/bin:/bin"},
            mounts=(*python.mounts, Mount(source=tree, target=PACKAGE)),
            hidden=python.hidden,
        )


def _choice(resolution: Resolution) -> list[str]:
    """Return the options that say which releases may be chosen."""
    options = ["--quiet", "--only-binary", ":all:", "--constraint", "constraints.txt"]
    if resolution.before is not None:
        options += ["--exclude-newer", resolution.before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    return options


def _write_requirements(package: Package, into: Path, resolution: Resolution) -> None:
    (into / "requirements.in").write_text(_requirement(package), encoding="utf-8")
    (into / "constraints.txt").write_text("\n".join(resolution.constraints), encoding="utf-8")


def _requirement(package: Package) -> str:
    return f"{package.name}=={package.version}\n" if package.version else f"{package.name}\n"


def _site_packages(tree: Path, home: PythonHome) -> Path:
    return tree / "lib" / f"python{home.version}" / "site-packages"


def _version(package: Package, tree: Path, home: PythonHome) -> Version:
    return Version(_distribution(package, _site_packages(tree, home)).version)


def _note(home: PythonHome, newest: Version | None, version: Version) -> str:
    if newest is not None and newest > version:
        return f"not the newest release: {newest} or what it depends on does not fit this machine"
    return "" if home == own_python() else f"run by Python {home.version}"


def _entry_point(package: Package, site_packages: Path) -> EntryPoint | str:
    """Return the console script that starts the server, or the name of a module that ``python -m`` runs.

    Of several scripts the one named like the package wins, then the shortest that says ``mcp``, then the only one.
    """
    own = _distribution(package, site_packages)
    scripts = [e for e in own.entry_points if e.group == "console_scripts" and "/" not in e.name]
    wanted = canonicalize_name(package.name)
    by_name = [e for e in scripts if canonicalize_name(e.name) == wanted]
    by_word = sorted((e for e in scripts if "mcp" in e.name.lower()), key=lambda e: (len(e.name), e.name))
    if chosen := [*by_name, *by_word, *scripts]:
        return chosen[0]
    for module in _top_level(own):
        if (site_packages / module / "__main__.py").exists():
            return module
    raise InstallError(
        Reason.NOT_MCP,
        f"{package} has no console script and no module that can be run",
        "it is probably a library; name the package of the server itself, or the command: catalog sync -- COMMAND",
    )


def _distribution(package: Package, site_packages: Path) -> Distribution:
    wanted = canonicalize_name(package.name)
    for distribution in distributions(path=[str(site_packages)]):
        if canonicalize_name(distribution.metadata["Name"] or "") == wanted:
            return distribution
    raise InstallError(
        Reason.INSTALL_FAILED, f"{package} was unpacked without metadata", "report it to the package's author"
    )


def _top_level(distribution: Distribution) -> Iterable[str]:
    files = distribution.files or ()
    return sorted({f.parts[0] for f in files if len(f.parts) > 1 and f.parts[0].isidentifier() and f.parts[0] != "bin"})


def _failure(package: Package, stderr: str) -> InstallError:
    """Turn uv's words into a reason and what to do."""
    said = " ".join(stderr.split())  # uv breaks its lines
    detail = without_addresses(said)[-600:]
    name = canonicalize_name(package.name)
    if f"{name} was not found in the" in said:
        return InstallError(
            Reason.NOT_FOUND,
            f"{package} is not in the package index that uv uses",
            "check the spelling, or the index that uv is configured with; a mirror may lag behind",
        )
    if f"no version of {name}" in said:
        return InstallError(
            Reason.NOT_FOUND,
            f"the package index has no such version: {package}",
            f"leave the version out to get the newest: catalog sync pypi:{package.name}",
        )
    if "the current Python version" in stderr:
        return InstallError(
            Reason.INSTALL_FAILED, detail, "it wants another Python; install one beside this: uv python install"
        )
    if any(words in said for words in ("no wheels", "no usable wheels", "building from source is disabled")):
        return InstallError(
            Reason.INSTALL_FAILED,
            detail,
            "it or a dependency ships no wheel for this Python, and building from source would run its code",
        )
    return InstallError(
        Reason.INSTALL_FAILED, detail or "uv failed silently", "run `uv pip install` by hand to see why"
    )
