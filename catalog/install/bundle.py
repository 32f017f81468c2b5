"""Make an MCP bundle (``.mcpb``) runnable: fetch it, check its hash, unpack it, read how it wants to be started.

Everything that it needs is in it, so nothing else is fetched and none of its code runs here.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import httpx

from catalog.errors import CatalogError
from catalog.install.base import PACKAGE, Installed, InstallError
from catalog.install.bundle_manifest import REPORT, Start, inside, read_manifest, start
from catalog.install.npm import NODE_HINT
from catalog.install.runtimes import find_node, node_runtime, own_python, python_runtime
from catalog.model import Reason
from catalog.origin import Bundle
from catalog.sandbox.base import Mount, Program, Sandbox

# Bytes of a bundle's file: those with a whole Python environment have some 100 MB.
BUNDLE_BYTES = 256 * 1024 * 1024

# Seconds for fetching it.
FETCH_SECONDS = 300.0

# Seconds without a byte on the way.
SILENT_SECONDS = 60.0

# Redirects on the way: releases are kept on another host than their pages.
MOST_REDIRECTS = 5

_REDIRECTS = frozenset((301, 302, 303, 307, 308))

_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")

_FETCHERS = frozenset(("npx", "npm", "pnpm", "yarn", "bunx", "bun", "uvx", "uv", "pipx", "docker", "podman"))

_BEGINNINGS = (b"\x7fELF", b"#!")
"""Of what Linux can start."""


class BundleInstaller:
    """Makes bundles runnable in one sandbox."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        client: Callable[[], httpx.AsyncClient],
        unpack: Callable[[Path, Path], object],
        placeholder: Callable[[str], str],
        most_bytes: int = BUNDLE_BYTES,
    ) -> None:
        """Get what it works with.

        Args:
            sandbox: Where the program will run.
            client: Makes what fetches one bundle and says which addresses may be reached.
            unpack: Unpacks an archive into an empty folder, bounded; raises a CatalogError.
            placeholder: Makes a value up for a name that a user would fill in.
            most_bytes: What a bundle's file may have.
        """
        self._sandbox = sandbox
        self._client = client
        self._unpack = unpack
        self._placeholder = placeholder
        self._most_bytes = most_bytes

    async def install(self, bundle: Bundle, into: Path) -> Installed:
        """Unpack ``bundle`` into the empty folder ``into`` and say how to run it. Raises: InstallError."""
        is_remote = "://" in bundle.location
        archive = await self._fetched(bundle, into) if is_remote else Path(bundle.location)
        await asyncio.to_thread(_check, bundle, archive, self._most_bytes)
        tree = into / "package"
        try:
            tree.mkdir()
            await asyncio.to_thread(self._unpack, archive, tree)
        except (CatalogError, OSError) as error:
            raise InstallError(Reason.INSTALL_FAILED, f"{bundle.public} cannot be unpacked: {error}", REPORT) from error
        if is_remote:
            archive.unlink()
        manifest = read_manifest(tree)
        if manifest.server.type == "uv":
            raise _fetches("uv")
        program = self._program(tree, start(manifest, tree, self._sandbox.place(tree, PACKAGE), self._placeholder))
        return Installed(program=program, version=manifest.version, tree=tree, sources=(tree,))

    def _program(self, tree: Path, wanted: Start) -> Program:
        """Return the program: what the bundle brings, else an interpreter of this machine; nothing else of it."""
        root = self._sandbox.place(tree, PACKAGE)
        own = Mount(source=tree, target=PACKAGE)
        name = PurePosixPath(wanted.command).name
        on_path = wanted.command == name and (name == "node" or name in _FETCHERS or _PYTHON.fullmatch(name))
        brought = None if on_path else inside(wanted.command, tree, root)
        if brought is not None and brought.is_file():
            _make_executable(brought)
            executable = f"{root}/{brought.relative_to(tree.resolve())}"
            return Program(argv=(executable, *wanted.arguments), environment=wanted.environment, mounts=(own,))
        if name in _FETCHERS:
            raise _fetches(name)
        if _PYTHON.fullmatch(name):
            runtime = python_runtime(self._sandbox, own_python(), site_packages=False)
        elif name == "node":
            node = find_node()
            if node is None:
                raise InstallError(Reason.INSTALL_FAILED, "Node.js was not found", NODE_HINT)
            runtime = node_runtime(self._sandbox, node)
        else:
            raise InstallError(
                Reason.INSTALL_FAILED, f"it starts {wanted.command[:100]!r}, which is not in the bundle", REPORT
            )
        return Program(
            argv=(runtime.executable, *wanted.arguments),
            environment={**runtime.environment, **wanted.environment},
            mounts=(*runtime.mounts, own),
            hidden=runtime.hidden,
        )

    async def _fetched(self, bundle: Bundle, into: Path) -> Path:
        archive = into / "bundle.mcpb"
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                await self._fetch(bundle, archive)
        except TimeoutError as error:
            raise InstallError(
                Reason.TIMED_OUT, f"{bundle.public} was not fetched within {FETCH_SECONDS:g} s", "try again later"
            ) from error
        except httpx.HTTPError as error:
            raise InstallError(
                Reason.UNREACHABLE, f"{bundle.public} cannot be fetched: {str(error)[:200]}", "try again later"
            ) from error
        except OSError as error:
            raise InstallError(
                Reason.INSTALL_FAILED, f"{bundle.public} cannot be kept ({error.strerror})", "make room on the disk"
            ) from error
        return archive

    async def _fetch(self, bundle: Bundle, archive: Path) -> None:
        url = httpx.URL(bundle.location)
        async with self._client() as client:
            for _ in range(MOST_REDIRECTS + 1):
                if url.scheme != "https":
                    raise InstallError(
                        Reason.INSTALL_FAILED, f"{bundle.public} leads to an address that is not https://", REPORT
                    )
                # Uncompressed, so that what is counted and hashed is the file itself.
                headers = {"Accept-Encoding": "identity"}
                request = client.build_request("GET", url, headers=headers, timeout=SILENT_SECONDS)
                response = await client.send(request, stream=True, follow_redirects=False)
                try:
                    if response.status_code not in _REDIRECTS:
                        await _save(bundle, response, archive, self._most_bytes)
                        return
                    url = response.url.join(response.headers.get("Location", ""))
                except httpx.InvalidURL as error:
                    raise InstallError(
                        Reason.INSTALL_FAILED, f"{bundle.public} redirects to no address", REPORT
                    ) from error
                finally:
                    await response.aclose()
        raise InstallError(Reason.UNREACHABLE, f"{bundle.public} redirects more than {MOST_REDIRECTS} times", REPORT)


async def _save(bundle: Bundle, response: httpx.Response, archive: Path, most: int) -> None:
    if response.status_code in (404, 410):
        raise InstallError(
            Reason.NOT_FOUND, f"there is no {bundle.public}", "check the address; the release may have been taken back"
        )
    if response.status_code != 200:
        raise InstallError(
            Reason.UNREACHABLE, f"{bundle.public} answers HTTP {response.status_code}", "try again later"
        )
    file = await asyncio.to_thread(archive.open, "wb")
    try:
        size = 0
        async for chunk in response.aiter_raw(256 * 1024):
            size += len(chunk)
            if size > most:
                raise _too_large(bundle, most)
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)


def _check(bundle: Bundle, archive: Path, most: int) -> None:
    """Check the file's size and hash. Raises: InstallError."""
    try:
        with archive.open("rb") as file:
            if archive.stat().st_size > most:
                raise _too_large(bundle, most)
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InstallError(
            Reason.NOT_FOUND, f"{bundle.public} cannot be read ({error.strerror})", "check the path"
        ) from error
    if bundle.sha256 is not None and found != bundle.sha256.lower():
        raise InstallError(
            Reason.INSTALL_FAILED,
            f"{bundle.public} is not the file that was announced: its SHA-256 is {found}, not {bundle.sha256}",
            "do not run it; ask its publisher which of the two is right",
        )


def _make_executable(program: Path) -> None:
    """Make a file of the bundle one that can be started. Raises: InstallError where Linux cannot start it."""
    with program.open("rb") as file:
        beginning = file.read(4)
    if not beginning.startswith(_BEGINNINGS):
        raise InstallError(
            Reason.INSTALL_FAILED,
            f"its program {program.name[:100]!r} is neither a Linux program nor a script",
            "the bundle is for another system; look for one for Linux",
        )
    program.chmod(0o755)


def _fetches(program: str) -> InstallError:
    return InstallError(
        Reason.INSTALL_FAILED,
        f"the bundle is started by {program!r}, which fetches what it needs",
        "servers get no network; name the package itself, where there is one: catalog sync pypi:NAME or npm:NAME",
    )


def _too_large(bundle: Bundle, most: int) -> InstallError:
    return InstallError(Reason.TOO_LARGE, f"{bundle.public} has more than {most // (1024 * 1024)} MiB", REPORT)
