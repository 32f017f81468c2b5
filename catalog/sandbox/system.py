"""The parts of the host that every sandboxed program sees: system libraries and programs, and no data."""

from pathlib import Path

# Read-only. Libraries, programs and public data only: no /etc, /var, /home, /root, /srv, /opt or /usr/local.
_FOLDERS = (
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share/zoneinfo",
    "/usr/share/ca-certificates",
    "/usr/share/mime",
    "/usr/share/git-core",
)

# Public files that programs look up at start. /etc itself is otherwise empty.
_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ssl/certs", "/etc/alternatives", "/etc/mime.types")

# Since the merge of /usr, these are links on most systems and folders on some.
_TOP = ("/bin", "/lib", "/lib32", "/lib64")

PASSWD = b"server:x:1000:1000:server:/home/server:/bin/sh\n"
GROUP = b"server:x:1000:\n"
HOSTS = b"127.0.0.1 localhost\n::1 localhost\n"


def arguments() -> list[str]:
    """Return bubblewrap arguments that mount the system's libraries and programs read-only."""
    result: list[str] = []
    for name in (*_FOLDERS, *_FILES):
        if Path(name).exists():
            result += ["--ro-bind", name, name]
    for name in _TOP:
        path = Path(name)
        if path.is_symlink():
            result += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            result += ["--ro-bind", name, name]
    return result
