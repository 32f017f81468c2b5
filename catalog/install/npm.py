"""Fetch npm packages with npm, scripts off: no package code runs."""

import json
import re
from pathlib import Path

from catalog.install.base import NEWEST, PACKAGE, Installed, InstallError, Resolution
from catalog.install.client import run_client, without_addresses
from catalog.install.runtimes import find_node, find_npm, node_runtime
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.base import Mount, Program, Sandbox

NODE_HINT = "install Node.js 20 or newer, or the extra that brings it: pip install 'mcp-catalog[node]'"


_NO_REPOSITORIES = ("--allow-git=none", "--git=false", "--allow-directory=none", "--allow-file=none")
"""A dependency from a git repository runs code of its own even with scripts off: the ``git`` that an ``.npmrc`` in it
names. npm before 11.10 does not know the first option, so it gets a git that does nothing. Files and folders of this
machine are no package's business.
"""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,100}")


class NpmInstaller:
    """Implements install.base.Installer for npm."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        """See ``Installer.install``. npm has no drift to undo: ``resolution`` is always the newest."""
        del resolution
        npm, node = find_npm(), find_node()
        if npm is None or node is None:
            raise InstallError(Reason.INSTALL_FAILED, "neither Node.js nor npm was found", NODE_HINT)
        tree = into / "package"
        tree.mkdir()
        (tree / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        # The tag by name: a bare name lets npm fall back to an old release whose "engines" fit this Node.js.
        wanted = f"{package.name}@{package.version or 'latest'}"
        argv = [*npm, "install", wanted, "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
        argv += ["--no-package-lock", "--no-update-notifier", "--loglevel=error", "--prefer-offline", "--no-progress"]
        done = await run_client([*argv, *_NO_REPOSITORIES], cwd=tree)
        if done.code != 0:
            raise _failure(package, done.stderr)
        return self._installed(package, tree, node)

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        """See ``Installer.resolutions``: none, since npm packages carry their ranges themselves."""
        del package, installed
        return ()

    def _installed(self, package: Package, tree: Path, node: Path) -> Installed:
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
        script = _script(package, folder, manifest)
        runtime = node_runtime(self._sandbox, node)
        root = self._sandbox.place(tree, PACKAGE)
        program = Program(
            argv=(runtime.executable, f"{root}/{script.relative_to(tree.resolve())}"),
            environment={**runtime.environment, "NODE_ENV": "production"},
            mounts=(*runtime.mounts, Mount(source=tree, target=PACKAGE)),
        )
        return Installed(program=program, version=version, tree=tree, sources=(folder,))


def _script(package: Package, folder: Path, manifest: dict[str, object]) -> Path:
    """Return the file that starts the server: of several the one named like the package, then one that says ``mcp``."""
    declared = manifest.get("bin")
    short = package.name.rsplit("/", 1)[-1]
    if isinstance(declared, str):
        declared = {short: declared}
    named = {str(k): v for k, v in declared.items() if isinstance(v, str)} if isinstance(declared, dict) else {}
    order = sorted(named, key=lambda name: (name != short, "mcp" not in name.lower(), len(name), name))
    root = folder.resolve()
    for name in order:
        try:
            path = (folder / named[name]).resolve()
            if path.is_file() and path.is_relative_to(root):
                return path
        except (OSError, ValueError):  # no path of this system: too long, or with a NUL in it
            continue
    raise InstallError(
        Reason.NOT_MCP,
        f"{package} has no program (package.json 'bin')",
        "it is probably a library; name the package of the server itself, or the command: catalog sync -- COMMAND",
    )


def _failure(package: Package, stderr: str) -> InstallError:
    """Turn npm's words into a reason and what to do."""
    if "E404" in stderr:
        return InstallError(
            Reason.NOT_FOUND,
            f"{package} is not in the npm registry that npm uses",
            "check the spelling; if the server is published elsewhere, install it and name its command: "
            "catalog sync -- COMMAND",
        )
    if "ETARGET" in stderr:
        return InstallError(
            Reason.NOT_FOUND,
            f"the npm registry has no such version: {package}",
            f"leave the version out to get the newest: catalog sync npm:{package.name}",
        )
    if "EALLOWGIT" in stderr or "unknown git error" in stderr:
        return InstallError(
            Reason.INSTALL_FAILED,
            f"a dependency of {package} comes from a git repository",
            "fetching it would run its code outside the sandbox; ask the author to publish it on the registry",
        )
    detail = without_addresses(" ".join(stderr.split()))[-600:]
    return InstallError(
        Reason.INSTALL_FAILED, detail or "npm failed silently", "run `npm install --ignore-scripts` by hand to see why"
    )
