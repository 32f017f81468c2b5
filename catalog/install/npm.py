"""Fetch npm packages with npm, scripts off: no package code runs."""

import asyncio
import contextlib
import functools
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from catalog.install.archive import ArchiveError, unpack
from catalog.install.base import NEWEST, PACKAGE, Installed, InstallError, Resolution
from catalog.install.client import run_client, unreachable, without_addresses
from catalog.install.environments import TREE, Environment, Environments, Key, Stated
from catalog.install.lookups import Lookups
from catalog.install.metadata import node_facts
from catalog.install.runtimes import find_node, find_npm, node_runtime
from catalog.install.trees import measure, read_tree, tree_hash
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.base import Mount, Program, Sandbox

NODE_HINT = "install Node.js 20 or newer, or the extra that brings it: pip install 'mcp-catalog[node]'"


_NO_REPOSITORIES = (
    "--allow-git=none",
    "--git=false",
    "--allow-directory=none",
    "--allow-file=none",
    "--allow-remote=none",
)
"""A dependency from a git repository runs code of its own even with scripts off: the ``git`` that an ``.npmrc`` in it
names. npm before 11.10 does not know the first option, so it gets a git that does nothing. Files and folders of this
machine are no package's business, and addresses of its own choice would let it ask hosts inside this network.
"""

# Packages that one run of npm is asked for: its answer for so many stays far below what is read of it.
_BATCH = 200

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,100}")


class NpmInstaller:
    """Implements install.base.Installer for npm."""

    def __init__(self, sandbox: Sandbox, environments: Environments | None = None) -> None:
        """Keep what is unpacked in ``environments``, by default nowhere."""
        self._sandbox = sandbox
        self._environments = environments
        self._lookups = Lookups()

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        """See ``Installer.install``. npm has no drift to undo: ``resolution`` is always the newest."""
        del resolution
        environments = self._environments or Environments(into)
        node = find_node()
        if node is None:
            raise InstallError(Reason.INSTALL_FAILED, "Node.js was not found", NODE_HINT)
        # Asked for by itself: what npm keeps of a registry's answers may name an older one.
        version = package.version or await self.newest(package)
        environment = environments.find(self._key(package, version, node), into) if version is not None else None
        if environment is None:
            with environments.making() as folder:
                stated = await self._make(package, version, folder, node)
                environment = environments.keep(folder, stated, into)
            await asyncio.to_thread(environments.stay_small)
        return self._installed(environment, node)

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        """See ``Installer.resolutions``: none, since npm packages carry their ranges themselves."""
        del package, installed
        return ()

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        """See ``Installer.source``."""
        npm = find_npm()
        if npm is None:
            return ()
        wanted = f"{package.name}@{package.version or 'latest'}"
        # Of its dependencies nothing is fetched, so no option has to say where they may come from.
        argv = [*npm, "pack", wanted, "--ignore-scripts", "--loglevel=error", "--no-update-notifier"]
        try:
            done = await run_client(argv, cwd=into)
        except TimeoutError:
            return ()
        return await asyncio.to_thread(_unpacked, into) if done.code == 0 else ()

    async def newest(self, package: Package) -> str | None:
        """See ``Installer.newest``: what the tag ``latest`` names."""
        if known := self._lookups.version(package):
            return known
        with tempfile.TemporaryDirectory() as folder:
            said = await self._ask(("view", f"{package.name}@latest", "version", "--json"), Path(folder))
        found = {package.name: said} if isinstance(said, str) and _VERSION.fullmatch(said) else {}
        self._lookups.remember(found)
        return found.get(package.name)

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        """See ``Installer.newest_of_many``: npm says of dependencies that are not there what ``latest`` names."""
        found: dict[str, str] = {}
        for batch in (packages[at : at + _BATCH] for at in range(0, len(packages), _BATCH)):
            with tempfile.TemporaryDirectory() as folder:
                _write_manifest(Path(folder), dict.fromkeys((package.name for package in batch), "latest"))
                said = await self._ask(("outdated", "--json"), Path(folder))
            for name, row in said.items() if isinstance(said, dict) else ():
                latest = row.get("latest") if isinstance(row, dict) else None
                if isinstance(latest, str) and _VERSION.fullmatch(latest):
                    found[name] = latest
        self._lookups.remember(found)
        return found

    async def _ask(self, question: Sequence[str], cwd: Path) -> object:
        """Return what npm answers as JSON; None where it has no answer."""
        npm = find_npm()
        if npm is None:
            return None
        argv = [*npm, *question, "--no-update-notifier", "--loglevel=error", "--no-progress"]
        try:
            # The exit code says only that something is not up to date.
            return cast("object", json.loads((await run_client(argv, cwd=cwd)).stdout))
        except (TimeoutError, ValueError, RecursionError):
            return None

    async def _make(self, package: Package, version: str | None, folder: Path, node: Path) -> Stated:
        """Unpack ``version`` of ``package`` into ``folder`` and say what it is."""
        tree = folder / TREE
        tree.mkdir()
        _write_manifest(tree, {})
        # The tag by name: a bare name lets npm fall back to an old release whose "engines" fit this Node.js.
        asking = asyncio.ensure_future(self._released_at(package, version, folder))
        try:
            await _unpack(package, f"{package.name}@{version or 'latest'}", tree)
            released_at = await asking
        finally:
            asking.cancel()
        manifest, version = _manifest(package, tree)
        script = _script(package, tree / "node_modules" / package.name, manifest)
        files = await asyncio.to_thread(read_tree, tree / "node_modules")
        facts = node_facts(replace(package, version=version), manifest)
        return Stated(
            key=self._key(package, version, node),
            version=version,
            start=(str(script.relative_to(tree.resolve())),),
            sources=(f"node_modules/{package.name}",),
            facts=replace(facts, sha256=tree_hash(files), released_at=released_at),
            size=await asyncio.to_thread(measure, [folder]),
            made_at=time.time(),
        )

    async def _released_at(self, package: Package, version: str | None, folder: Path) -> datetime | None:
        """Return when ``version`` was published; None where the registry does not say."""
        if version is None:
            return None
        said = await self._ask(("view", f"{package.name}@{version}", f"time[{version}]", "--json"), folder)
        try:
            moment = datetime.fromisoformat(said) if isinstance(said, str) else None
        except ValueError:
            return None
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)

    def _key(self, package: Package, version: str, node: Path) -> Key:
        return Key.of(package, version, NEWEST, f"{node_runtime(self._sandbox, node).executable} {_edition(node)}")

    def _installed(self, environment: Environment, node: Path) -> Installed:
        stated, tree = environment.stated, environment.tree
        runtime = node_runtime(self._sandbox, node)
        program = Program(
            argv=(runtime.executable, f"{self._sandbox.place(tree, PACKAGE)}/{stated.start[0]}"),
            environment={**runtime.environment, "NODE_ENV": "production"},
            mounts=(*runtime.mounts, Mount(source=tree, target=PACKAGE)),
        )
        return Installed(
            program=program,
            version=stated.version,
            tree=tree,
            sources=tuple(tree / name for name in stated.sources),
            facts=stated.facts,
            beside=environment.folder,
        )


async def _unpack(package: Package, wanted: str, tree: Path) -> None:
    """Install ``wanted`` into ``tree``, from npm's own cache where it holds all. Raises: InstallError."""
    npm = find_npm()
    if npm is None:
        raise InstallError(Reason.INSTALL_FAILED, "npm was not found", NODE_HINT)
    argv = [*npm, "install", wanted, "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
    argv += ["--no-package-lock", "--no-update-notifier", "--loglevel=error", "--no-progress", *_NO_REPOSITORIES]
    done = await run_client([*argv, "--prefer-offline"], cwd=tree)
    if done.code != 0 and "ETARGET" in done.stderr:
        # A version that npm's cache does not know yet.
        done = await run_client([*argv, "--prefer-online"], cwd=tree)
    if done.code != 0:
        raise _failure(package, done.stderr)


def _write_manifest(folder: Path, dependencies: Mapping[str, str]) -> None:
    manifest = {"private": True, "dependencies": dependencies}
    (folder / "package.json").write_text(json.dumps(manifest), encoding="utf-8")


@functools.cache
def _edition(node: Path) -> str:
    """Return the version of a Node.js program."""
    done = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()


def _manifest(package: Package, tree: Path) -> tuple[dict[str, object], str]:
    """Return the package's own package.json and the version that it states."""
    folder = tree / "node_modules" / package.name
    try:
        manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        version = str(manifest["version"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise InstallError(
            Reason.INSTALL_FAILED, f"{package} has no readable package.json: {error}", "report it to its author"
        ) from error
    if not _VERSION.fullmatch(version):
        # The package's own file, which need not say what the registry says.
        raise InstallError(
            Reason.INSTALL_FAILED, f"{package} calls its version {version[:80]!r}", "report it to its author"
        )
    return manifest, version


def _script(package: Package, folder: Path, manifest: dict[str, object]) -> Path:
    """Return the file that starts the server: of several the one named like the package, then one that says ``mcp``.

    Raises: InstallError where there is none.
    """
    declared = manifest.get("bin")
    short = package.name.rsplit("/", 1)[-1]
    if isinstance(declared, str):
        declared = {short: declared}
    named = {str(k): v for k, v in declared.items() if isinstance(v, str)} if isinstance(declared, dict) else {}
    order = sorted(named, key=lambda name: (name != short, "mcp" not in name.lower(), len(name), name))
    root, main = folder.resolve(), manifest.get("main")
    # A package without a program may still be started by its main module: some say so in their README only.
    for relative in (*(named[name] for name in order), *([main] if isinstance(main, str) and not named else [])):
        try:
            path = (folder / relative).resolve()
            if path.is_file() and path.is_relative_to(root):
                return path
        except (OSError, ValueError):  # no path of this system: too long, or with a NUL in it
            continue
    raise InstallError(
        Reason.NOT_MCP,
        f"{package} has no program (package.json 'bin') and no main module",
        "it is probably a library; name the package of the server itself, or the command: catalog sync -- COMMAND",
    )


def _unpacked(folder: Path) -> Sequence[Path]:
    """Unpack the archive that npm put into ``folder`` and return where; as far as it can be unpacked."""
    into = folder / "source"
    into.mkdir()
    for archive in folder.glob("*.tgz"):
        with contextlib.suppress(ArchiveError):
            unpack(archive, into)
    return (into,)


def _failure(package: Package, stderr: str) -> InstallError:
    """Turn npm's words into a reason and what to do."""
    for words, reason, detail, hint in (
        (
            ("E404",),
            Reason.NOT_FOUND,
            "{package} is not in the npm registry that npm uses",
            "check the spelling; if the server is published elsewhere, install it and name its command: "
            "catalog sync -- COMMAND",
        ),
        (
            ("ETARGET",),
            Reason.NOT_FOUND,
            "the npm registry has no such version: {package}",
            f"leave the version out to get the newest: catalog sync npm:{package.name}",
        ),
        (
            ("EBADPLATFORM",),
            Reason.INSTALL_FAILED,
            "{package} is made for another operating system or processor",
            "name the package that chooses the right one; it is usually called the same without the system's name",
        ),
        (
            ("EALLOWREMOTE",),
            Reason.INSTALL_FAILED,
            "a dependency of {package} comes from an address of its own, not from the registry",
            "such addresses are not asked; ask the author to publish it on the registry",
        ),
        (
            ("EALLOWGIT", "unknown git error"),
            Reason.INSTALL_FAILED,
            "a dependency of {package} comes from a git repository",
            "fetching it would run its code outside the sandbox; ask the author to publish it on the registry",
        ),
    ):
        if any(word in stderr for word in words):
            return InstallError(reason, detail.format(package=package), hint)
    if trouble := unreachable(package, "npm", stderr):
        return trouble
    said = without_addresses(" ".join(stderr.split()))[-600:]
    return InstallError(
        Reason.INSTALL_FAILED, said or "npm failed silently", "run `npm install --ignore-scripts` by hand to see why"
    )
