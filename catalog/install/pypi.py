"""Fetch Python packages with uv, wheels only: no build runs, so no package code does."""

import asyncio
import os
import re
import shutil
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from catalog.install.base import NEWEST, PACKAGE, Installed, InstallError, Resolution
from catalog.install.bytecode import Bytecode, complete, keep_missing
from catalog.install.client import run_client
from catalog.install.distributions import distribution_of, entry_point, top_level
from catalog.install.environments import TREE, Environment, Environments, Key, Stated
from catalog.install.lookups import Lookups
from catalog.install.metadata import python_facts
from catalog.install.pypi_failure import failure_of
from catalog.install.runtimes import PythonHome, newer_pythons, own_python, python_runtime
from catalog.install.trees import measure, read_tree, remove_compiled, tree_hash
from catalog.origin import Package
from catalog.sandbox.base import Mount, Program, Sandbox

# The files of one release are uploaded within minutes; what was uploaded an hour later may already be a later world.
RELEASE_SPREAD = timedelta(hours=1)

LATER_PYTHON = "3.14"
"""Asked for beside this Python, to notice a release that wants a newer one."""

_UNPACKED = "package-"
"""What the name of an unpacked package's folder begins with; the version of its Python follows."""


# Packages that one run of uv is asked for: its answer for so many stays far below what is read of it.
_BATCH = 500

_PINNED = re.compile(r"^([^\s=]+)==([^\s;]+)", re.MULTILINE)

DRIFT_CONSTRAINTS = ("mcp<2",)
"""Known breaks: packages that ask for any ``mcp`` and were written for its first major version."""


class PypiInstaller:
    """Implements install.base.Installer for PyPI."""

    def __init__(
        self, sandbox: Sandbox, uv: str, environments: Environments | None = None, bytecode: Bytecode | None = None
    ) -> None:
        """Keep what is unpacked in ``environments``, by default nowhere, with modules compiled by ``bytecode``."""
        self._sandbox = sandbox
        self._uv = uv
        self._environments = environments
        self._bytecode = bytecode
        self._lookups = Lookups()

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        """See ``Installer.install``."""
        environments = self._environments or Environments(into)
        environment = await self._kept(package, environments, into, resolution)
        if environment is None:
            with environments.making() as folder:
                stated = await self._make(package, folder, resolution)
                environment = environments.keep(folder, stated, into)
            await asyncio.to_thread(environments.stay_small)
        elif self._bytecode is not None:
            home = _home(environment.stated.runtime)
            await complete(self._bytecode, environment.folder, _site_packages(environment.tree, home), home)
        return self._installed(environment)

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        """See ``Installer.resolutions``: as of the release date, then known constraints (docs/crawl.md)."""
        known = Resolution(name="mcp<2", constraints=DRIFT_CONSTRAINTS)
        released_at = installed.facts.released_at if installed.facts else None
        if released_at is None:
            (library,) = (installed.tree / "lib").iterdir()
            home = _home(library.name.removeprefix("python"))
            released_at = await self._released_at(replace(package, version=installed.version), home)
        if released_at is None:
            return (known,)
        return (Resolution(name="release-date", before=released_at + RELEASE_SPREAD), known)

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        """See ``Installer.source``: the wheel for whatever Python, without dependencies."""
        _write_requirements(package, into, NEWEST)
        folder = into / "source"
        argv = [self._uv, "pip", "install", *_choice(NEWEST), "--requirements", "requirements.in", "--no-deps"]
        argv += ["--target", str(folder), "--python-version", LATER_PYTHON, "--python", str(own_python().executable)]
        try:
            done = await run_client(argv, cwd=into)
        except TimeoutError:
            return ()
        return (folder,) if done.code == 0 else ()

    async def newest(self, package: Package) -> str | None:
        """See ``Installer.newest``."""
        if known := self._lookups.version(package):
            return known
        return (await self.newest_of_many([replace(package, version=None)])).get(package.name)

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        """See ``Installer.newest_of_many``. One name that the index does not know spoils a run, so they are halved."""
        if not packages:
            return {}
        if len(packages) > _BATCH:
            return {**await self.newest_of_many(packages[:_BATCH]), **await self.newest_of_many(packages[_BATCH:])}
        with tempfile.TemporaryDirectory() as folder:
            into = Path(folder)
            (into / "requirements.in").write_text("".join(map(_requirement, packages)), encoding="utf-8")
            (into / "constraints.txt").touch()
            (into / "overrides.txt").touch()
            pinned = await self._pinned(into, NEWEST)
        if pinned is None and len(packages) > 1:
            half = len(packages) // 2
            first, second = packages[:half], packages[half:]
            return {**await self.newest_of_many(first), **await self.newest_of_many(second)}
        names: dict[str, str] = {canonicalize_name(package.name): package.name for package in packages}
        found = {names[name]: version for name, version in (pinned or {}).items() if name in names}
        self._lookups.remember(found)
        return found

    async def _kept(
        self, package: Package, environments: Environments, user: Path, resolution: Resolution
    ) -> Environment | None:
        """Return the environment of the version asked for or of the newest one, where it is kept."""
        version = package.version
        if version is None:
            # Without one that is kept there is nothing to look for, and unpacking finds the newest by itself.
            if resolution is not NEWEST or not environments.holds(package):
                return None
            version = await self.newest(package)
        for asked in (version, f"<={version}") if version is not None else ():
            if package.version is None or asked == version:
                found = environments.find(self._key(package, asked, resolution), user)
                if found is not None:
                    return found
        return None

    async def _make(self, package: Package, folder: Path, resolution: Resolution) -> Stated:
        """Unpack ``package`` into ``folder``, make it ready to start, and say what it is."""
        home, unpacked, newest = await self._unpack_newest(package, folder, resolution)
        tree = unpacked.rename(folder / TREE)
        await asyncio.to_thread(_remove_others, folder, tree)
        site_packages = _site_packages(tree, home)
        distribution = distribution_of(package, site_packages)
        version = distribution.version
        entry = entry_point(package, site_packages)
        await asyncio.to_thread(remove_compiled, tree)
        files = await asyncio.to_thread(read_tree, site_packages)
        self._make_environment(tree, home)
        if self._bytecode is not None:
            keep_missing(folder, await self._bytecode.provide(site_packages, home, files))
        released = replace(package, version=version)
        facts = python_facts(released, distribution.read_text("METADATA") or "")
        released_at = await self._released_at(released, home)
        inside = site_packages.relative_to(tree)
        is_older = newest is not None and newest > Version(version)
        return Stated(
            key=self._key(package, f"<={newest}" if is_older else version, resolution),
            version=version,
            runtime=home.version,
            start=(str(inside / "bin" / entry.name),) if isinstance(entry, EntryPoint) else ("-m", entry),
            sources=tuple(str(inside / name) for name in top_level(distribution)),
            note=_note(home, newest, Version(version)),
            facts=replace(facts, sha256=tree_hash(files), released_at=released_at),
            size=await asyncio.to_thread(measure, [folder]),
            made_at=time.time(),
        )

    def _installed(self, environment: Environment) -> Installed:
        stated = environment.stated
        return Installed(
            program=self._program(environment.tree, stated.start, _home(stated.runtime)),
            version=stated.version,
            tree=environment.tree,
            sources=tuple(environment.tree / name for name in stated.sources),
            note=stated.note,
            facts=stated.facts,
            beside=environment.folder,
        )

    def _key(self, package: Package, version: str, resolution: Resolution) -> Key:
        pythons = " ".join(home.version for home in (own_python(), *newer_pythons()))
        executable = python_runtime(self._sandbox, own_python(), site_packages=False).executable
        return Key.of(package, version, resolution, f"{pythons} {executable}")

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
                looking = group.create_task(self._newest(package, into, resolution))
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

    async def _newest(self, package: Package, into: Path, resolution: Resolution) -> Version | None:
        """Return the newest release that a later Python gets, its dependencies left aside; None for none."""
        pinned = await self._pinned(into, resolution)
        version = pinned.get(canonicalize_name(package.name)) if pinned else None
        return Version(version) if version else None

    async def _pinned(self, into: Path, resolution: Resolution) -> Mapping[str, str] | None:
        """Return the newest releases of what the requirements in ``into`` name, by name; None where there are none."""
        # --python: otherwise uv looks for an interpreter of that version, and asks every launcher on PATH.
        argv = [self._uv, "pip", "compile", *_choice(resolution), "requirements.in", "--no-header", "--no-annotate"]
        argv += ["--no-deps", "--python-version", LATER_PYTHON, "--python", str(own_python().executable)]
        done = await run_client(argv, cwd=into)
        return dict(_PINNED.findall(done.stdout)) if done.code == 0 else None

    async def _unpack(
        self, package: Package, into: Path, resolution: Resolution, home: PythonHome
    ) -> Path | InstallError:
        """Unpack the newest release that ``home`` gets and return the folder, or why there is none."""
        tree = into / f"{_UNPACKED}{home.version}"
        argv = [self._uv, "pip", "install", *_choice(resolution), "--requirements", "requirements.in"]
        argv += ["--target", str(_site_packages(tree, home)), "--python", str(home.executable)]
        done = await run_client(argv, cwd=into)
        return tree if done.code == 0 else failure_of(package, done.stderr)

    async def _released_at(self, package: Package, home: PythonHome) -> datetime | None:
        """Return when this version was uploaded, by a lock (PEP 751); None where the index does not say."""
        with tempfile.TemporaryDirectory() as folder:
            return await self._asked_release(package, home, Path(folder))

    async def _asked_release(self, package: Package, home: PythonHome, into: Path) -> datetime | None:
        (into / "released.in").write_text(_requirement(package), encoding="utf-8")
        argv = [self._uv, "pip", "compile", "--quiet", "released.in", "--only-binary", ":all:", "--no-deps"]
        argv += ["--format", "pylock.toml", "--output-file", "pylock.toml"]
        argv += ["--python-version", home.version, "--python", str(own_python().executable)]
        try:
            done = await run_client(argv, cwd=into)
        except TimeoutError:
            return None
        if done.code != 0:
            return None
        (entry,) = tomllib.loads((into / "pylock.toml").read_text(encoding="utf-8"))["packages"]
        return max((wheel["upload-time"] for wheel in entry.get("wheels", []) if "upload-time" in wheel), default=None)

    def _make_environment(self, tree: Path, home: PythonHome) -> None:
        """Make the tree a virtual environment of the interpreter that the sandbox shows."""
        python = python_runtime(self._sandbox, home, site_packages=False)
        (tree / "bin").mkdir()
        (tree / "bin" / "python").symlink_to(python.executable)
        (tree / "pyvenv.cfg").write_text(f"home = {os.path.dirname(python.executable)}\n", encoding="utf-8")  # noqa: PTH120  # a path inside the sandbox, not of this host

    def _program(self, tree: Path, start: Sequence[str], home: PythonHome) -> Program:
        """Return the program that runs ``start``: a script below the tree, or ``-m`` and a module."""
        python = python_runtime(self._sandbox, home, site_packages=False)
        root = self._sandbox.place(tree, PACKAGE)
        scripts = f"{root}/{_site_packages(tree, home).relative_to(tree)}/bin"
        arguments = tuple(start) if start[0] == "-m" else (f"{root}/{start[0]}",)
        return Program(
            argv=(f"{root}/bin/python", *arguments),
            environment={**python.environment, "PATH": f"{root}/bin:{scripts}:/opt/node/bin:/usr/bin:/bin"},
            mounts=(*python.mounts, Mount(source=tree, target=PACKAGE)),
            hidden=python.hidden,
        )


def _choice(resolution: Resolution) -> list[str]:
    """Return the options that say which releases may be chosen."""
    options = ["--quiet", "--only-binary", ":all:", "--constraint", "constraints.txt", "--override", "overrides.txt"]
    if resolution.before is not None:
        options += ["--exclude-newer", resolution.before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    return options


def _write_requirements(package: Package, into: Path, resolution: Resolution) -> None:
    wanted = (_requirement(package, resolution.extras), *(f"{name}\n" for name in resolution.also))
    (into / "requirements.in").write_text("".join(wanted), encoding="utf-8")
    (into / "constraints.txt").write_text("\n".join(resolution.constraints), encoding="utf-8")
    # A requirement for no machine at all: uv leaves it out, whoever asks for it.
    omitted = "".join(f"{name} ; python_version < '0'\n" for name in resolution.omitted)
    (into / "overrides.txt").write_text(omitted, encoding="utf-8")


def _requirement(package: Package, extras: Sequence[str] = ()) -> str:
    name = f"{package.name}[{','.join(extras)}]" if extras else package.name
    return f"{name}=={package.version}\n" if package.version else f"{name}\n"


def _home(version: str) -> PythonHome:
    """Return the Python of this ``version``; which ones there are is part of an environment's key."""
    return next(home for home in (own_python(), *newer_pythons()) if home.version == version)


def _site_packages(tree: Path, home: PythonHome) -> Path:
    return tree / "lib" / f"python{home.version}" / "site-packages"


def _remove_others(folder: Path, tree: Path) -> None:
    """Delete what was written on the way: lists of requirements, and trees of other Pythons that did not get it."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
        elif path != tree:
            shutil.rmtree(path)


def _version(package: Package, tree: Path, home: PythonHome) -> Version:
    return Version(distribution_of(package, _site_packages(tree, home)).version)


def _note(home: PythonHome, newest: Version | None, version: Version) -> str:
    if newest is not None and newest > version:
        return f"not the newest release: {newest} or what it depends on does not fit this machine"
    return "" if home == own_python() else f"run by Python {home.version}"
