"""Slugs of servers that no curator named: readable, unique per origin, safe in paths and URLs."""

import hashlib
import re
from pathlib import PurePath
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from catalog.origin import Bundle, Command, Image, Package, Recording, Remote, Source

_KINDS = "pypi npm nuget cargo command remote oci mcpb source recording registry"

RESERVED = tuple(f"{kind}-" for kind in _KINDS.split())
"""How the slugs begin that are made here; no curated server's does."""


def package_slug(package: Package) -> str:
    """Return for example ``pypi-mcp-server-fetch`` or ``npm-modelcontextprotocol--server-memory``.

    Where the name has characters that a slug cannot hold, a short hash keeps two such names apart.
    """
    name = canonicalize_name(package.name) if package.ecosystem == "pypi" else package.name
    plain = name.removeprefix("@").replace("/", "--")
    safe = _safe(plain)
    return f"{package.ecosystem}-{safe}" + ("" if safe == plain else f"-{_short_hash(name)}")


def command_slug(command: Command) -> str:
    """Return the name of the file that the command runs and a short hash of the whole command line."""
    files = [PurePath(word).stem for word in command.argv[1:] if not word.startswith("-")]
    name = _safe(files[0] if files else PurePath(command.argv[0]).stem) or "command"
    return f"command-{name}-{_short_hash(chr(0).join(command.argv))}"


def remote_slug(remote: Remote) -> str:
    """Return the host and path of the address and a short hash of what may be shown of it: keys change no slug."""
    shown = remote.public
    return f"remote-{_safe(shown.partition('://')[2]) or 'server'}-{_short_hash(shown)}"


def image_slug(image: Image) -> str:
    """Return the last names of the image and a short hash of where it is; its tag and digest change nothing."""
    where = image.reference.partition("@")[0]
    folder, slash, last = where.rpartition("/")
    where = f"{folder}{slash}{last.partition(':')[0]}"
    return f"oci-{_safe('-'.join(where.split('/')[-2:]))}-{_short_hash(where)}"


def bundle_slug(bundle: Bundle) -> str:
    """Return the name of the bundle's file and a short hash of where it is."""
    name = _safe(PurePath(urlsplit(bundle.location).path).stem) or "bundle"
    return f"mcpb-{name}-{_short_hash(bundle.location)}"


def registry_slug(name: str, suffix: str) -> str:
    """Return for example ``registry-io-github-owner--name-1f2e3d-npm`` for a server's reverse-DNS name.

    The hash keeps names apart that only differ in what a slug cannot hold.
    """
    return f"registry-{_safe(name.replace('/', '--'))}-{_short_hash(name)}-{suffix}"


def source_slug(source: Source) -> str:
    """Return the last name of the path and a short hash of the whole."""
    return f"source-{_safe(PurePath(source.path).name) or 'code'}-{_short_hash(source.path)}"


def recording_slug(recording: Recording) -> str:
    """Return the file's name, and a short hash where a slug cannot hold it: the same file name is the same server."""
    name = PurePath(recording.name).stem
    safe = _safe(name)
    return f"recording-{safe or 'list'}" + ("" if safe == name else f"-{_short_hash(recording.name)}")


def _safe(text: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", text.lower())[:80].strip("-")


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
