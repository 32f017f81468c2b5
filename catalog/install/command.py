"""Make a command line runnable in a sandbox: it sees its program and the files its arguments name, and no more.

A script needs what lies beside it, so a named program brings its folder, unless that folder is somebody's home or a
system folder: then only the file itself. Other files come alone. Names in the folder that begin with a dot (``.env``,
``.git``) are hidden, and below it those that usually hold secrets.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.install.base import InstallError
from catalog.install.runtimes import PythonHome, Runtime, node_runtime, python_runtime, real_node
from catalog.model import Reason
from catalog.origin import Command
from catalog.sandbox.base import Mount, Program, Sandbox

FILES = "/opt/files"
"""Where a sandboxed command sees the files that its arguments name: numbered, so that no path of the host leaks."""

# Folders that hold other people's data or the machine's: never mounted whole.
_NEVER = frozenset(
    Path(name)
    for names in (
        "/ /boot /dev /dev/shm /etc /home /media /mnt /opt /proc /root /run /srv /sys /tmp",
        "/usr /usr/local /var /var/home /var/lib /var/tmp",
    )
    for name in names.split()
)

# Where homes are; some systems link the first to the second.
_HOMES = (Path("/home"), Path("/var/home"))

# Names that an interpreter is started by: only a program of such a name is asked where it lives, outside the sandbox.
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")

_FETCHERS = frozenset(("npx", "npm", "pnpm", "yarn", "bunx", "uvx", "uv", "pipx", "docker", "podman"))

# Names that are hidden one by one; a folder with more is not shown at all.
_MOST_HIDDEN = 200

# Folders below a named one that are looked through for secrets; what is larger is no server's folder.
_MOST_FOLDERS = 20_000

_SECRET = re.compile(
    r"\.(env(\..*)?|git|git-credentials|ssh|aws|azure|gnupg|kube|docker|config|netrc|npmrc|pypirc|htpasswd)"
)

# Installed packages: many files, no secrets of the user's.
_PACKAGES = frozenset(("node_modules", "site-packages"))

_PROGRAMS = frozenset(
    (".py", ".pyz", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".sh", ".rb", ".pl", ".php", ".jar")
)

_PYTHON_FACTS = "import sys; print(sys.executable, sys.base_prefix, '%d.%d' % sys.version_info[:2], sep='\\n')"


def command_program(command: Command, sandbox: Sandbox, read: Sequence[Path] = ()) -> Program:
    """Return the program for ``command``; ``read`` are further files and folders that it may see.

    Raises: InstallError where there is no such command.
    """
    found = shutil.which(command.argv[0])
    if found is None:
        raise InstallError(
            Reason.NOT_FOUND,
            f"there is no command {command.argv[0]!r}",
            "check the spelling and that it is on PATH, or name its full path",
        )
    shelf = _Shelf(sandbox)
    runtime = _runtime(Path(found), sandbox, shelf)
    arguments = tuple(shelf.argument(word) for word in command.argv[1:])
    for path in read:
        shelf.add(path.resolve())
    mounts = (*runtime.mounts, *shelf.mounts)
    return Program(
        argv=(runtime.executable, *arguments),
        environment=runtime.environment,
        mounts=mounts,
        hidden=(*runtime.hidden, *shelf.hidden),
        masked=tuple(shelf.masked),
    )


def _runtime(found: Path, sandbox: Sandbox, shelf: "_Shelf") -> Runtime:
    """Return the interpreter or program behind a command, with what it needs to start."""
    if found.name in _FETCHERS:
        raise InstallError(
            Reason.NEEDS_NETWORK,
            f"{found.name!r} fetches a package when it starts, and servers get no network",
            "name the package instead: catalog sync npm:NAME or catalog sync pypi:NAME",
        )
    if _PYTHON.fullmatch(found.name):
        return _python(found, sandbox)
    if found.name == "node":
        return node_runtime(sandbox, real_node(found))
    resolved = found.resolve()
    if resolved.is_relative_to("/usr/bin"):
        return Runtime(executable=str(resolved))
    if _virtual_environment(resolved) is not None:
        # A console script of a virtual environment: its own interpreter runs it.
        python = _python(resolved.parent / "python", sandbox)
        return replace(python, executable=str(resolved))
    with resolved.open("rb") as file:
        is_script = file.read(2) == b"#!"
    if is_script:
        return Runtime(executable=shelf.add(resolved))
    target = f"{FILES}/bin/{resolved.name}"
    return Runtime(executable=sandbox.place(resolved, target), mounts=(Mount(source=resolved, target=target),))


def _python(found: Path, sandbox: Sandbox) -> Runtime:
    """Return a Python with the packages it has: a server that the user installed needs them.

    The interpreter is asked where it lives without importing anything installed (``-I -S``).
    """
    command = [str(found), "-I", "-S", "-c", _PYTHON_FACTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != 3:
        raise InstallError(Reason.CRASHED, f"{str(found)!r} does not start: {done.stderr[-300:]}", "mend that Python")
    executable, prefix = Path(lines[0]), Path(lines[1]).resolve()
    home = PythonHome(executable=executable.resolve(), prefix=prefix, version=lines[2])
    runtime = python_runtime(sandbox, home, site_packages=True)
    environment = _virtual_environment(executable)
    if environment is None:
        return runtime
    # A virtual environment finds its packages by its own path and its base by pyvenv.cfg: both stay where they are, and
    # so does every link on the way from one to the other.
    links = [link for link in _links(executable) if not link.is_relative_to(environment)]
    library = home.prefix / "lib" / f"python{home.version}"
    return replace(
        runtime,
        executable=str(executable),
        mounts=(
            *runtime.mounts,
            *(Mount(source=home.executable, target=str(link)) for link in links),
            Mount(source=library, target=str(library)),
            Mount(source=environment, target=str(environment)),
        ),
    )


def _virtual_environment(executable: Path) -> Path | None:
    environment = executable.parent.parent
    return environment if (environment / "pyvenv.cfg").is_file() else None


def _links(path: Path) -> Iterator[Path]:
    """Yield ``path`` and what it links to, link by link, the real file last."""
    yield path
    for _ in range(40):  # as many as the kernel follows
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()
        yield path


class _Shelf:
    """Collects the files that a command may see and says where it sees them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.mounts: list[Mount] = []
        self.hidden: list[str] = []
        self.masked: list[str] = []

    def argument(self, word: str) -> str:
        """Return ``word`` as the program gets it: a path of the host becomes the path inside."""
        option, sign, value = word.partition("=")
        if word.startswith("-"):
            return f"{option}={self.argument(value)}" if sign and _exists(value) else word
        return self.add(Path(word).resolve()) if _exists(word) else word

    def add(self, path: Path) -> str:
        """Mount ``path`` and return where the program sees it."""
        folder = path if path.is_dir() else path.parent
        if _is_private(folder):
            if path.is_dir():
                raise InstallError(
                    Reason.NEEDS_ARGUMENTS,
                    f"{str(path)!r} is a home or a system folder: no server sees that whole",
                    "name a folder inside it",
                )
            return self._mount(path, path.name)
        for mount in self.mounts:
            if path.is_relative_to(mount.source):
                below = path.relative_to(mount.source)
                if not any(part.startswith(".") for part in below.parts):
                    return self.sandbox.place(path, str(Path(mount.target) / below))
        if path != folder and (path.name.startswith(".") or not _is_program(path)):
            return self._mount(path, path.name)
        inside = self._mount(folder, folder.name)
        self._hide(folder, self.mounts[-1].target)
        return inside if path == folder else f"{inside}/{path.name}"

    def _mount(self, source: Path, name: str) -> str:
        target = f"{FILES}/{len(self.mounts)}/{name}"
        self.mounts.append(Mount(source=source, target=target))
        return self.sandbox.place(source, target)

    def _hide(self, folder: Path, target: str) -> None:
        # A link shows nothing that is not shown anyway: it leads into the folder, or nowhere.
        children = sorted(child for child in folder.iterdir() if child.name.startswith(".") and not child.is_symlink())
        secret = (*children, *_secrets_below(folder))
        if len(secret) > _MOST_HIDDEN:
            raise InstallError(
                Reason.NEEDS_ARGUMENTS,
                f"{str(folder)!r} has {len(secret)} hidden files: it looks like a home",
                "move the server into a folder of its own",
            )
        for path in secret:
            (self.hidden if path.is_dir() else self.masked).append(f"{target}/{path.relative_to(folder)}")


def _secrets_below(folder: Path) -> Iterator[Path]:
    """Yield the files and folders below the children of ``folder`` whose names say that they hold secrets."""
    for number, (name, folders, files) in enumerate(os.walk(folder)):
        if number > _MOST_FOLDERS:
            raise InstallError(
                Reason.NEEDS_ARGUMENTS,
                f"{str(folder)!r} holds more than {_MOST_FOLDERS} folders",
                "move the server into a folder of its own",
            )
        here = Path(name)
        if here != folder:
            secrets = (here / name for name in (*folders, *files) if _SECRET.fullmatch(name))
            yield from (path for path in secrets if not path.is_symlink())
        shown = (name for name in folders if not (name.startswith(".") if here == folder else _SECRET.fullmatch(name)))
        folders[:] = [name for name in shown if name not in _PACKAGES]


def _is_program(path: Path) -> bool:
    return path.suffix in _PROGRAMS or os.access(path, os.X_OK)


def _exists(word: str) -> bool:
    try:
        return bool(word) and Path(word).exists()
    except (OSError, ValueError):
        return False


def _is_private(folder: Path) -> bool:
    """Say whether ``folder``, without links on its way, is or holds what no server may see whole."""
    home = Path.home().resolve()
    return (
        folder in _NEVER
        or home.is_relative_to(folder)
        or folder.parent in _HOMES
        or (folder.parent == home and folder.name.startswith("."))
    )
