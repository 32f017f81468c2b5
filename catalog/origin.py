"""How a server is reached: package, command line, address, bundle, image, source code, or a recorded list."""

import itertools
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal
from urllib.parse import urlsplit

from packageurl import PackageURL
from packaging.utils import canonicalize_name

Ecosystem = Literal["pypi", "npm", "nuget", "cargo"]
"""Where packages live, by their purl type. Catalog installs from the first two; the registry names the others."""

Transport = Literal["streamable-http", "sse"]
"""How MCP is spoken over HTTP (MCP specification, transports); SSE is the older one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that holds a server; ``version`` None means the newest that the registry serves."""

    ecosystem: Ecosystem
    name: str
    version: str | None = None

    @property
    def purl(self) -> str:
        """Return the package URL (ECMA-427), for example ``pkg:npm/%40scope/name@1.2``."""
        namespace, _, name = self.name.rpartition("/")
        if self.ecosystem == "pypi":
            name = canonicalize_name(name)
        return PackageURL(type=self.ecosystem, namespace=namespace or None, name=name, version=self.version).to_string()

    def __str__(self) -> str:
        return f"{self.ecosystem}:{self.name}" + (f"@{self.version}" if self.version else "")

    @property
    def public(self) -> str:
        """Return what may be published: all of it."""
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line that starts a server, as the user typed it."""

    argv: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(self.argv)

    @property
    def public(self) -> str:
        """Return what may be published: the program and the file it runs, without folders, options and their values.

        A word after an option may be its value, so only what stands before the first option is shown, and the module
        that Python's ``-m`` names.
        """
        program, *words = self.argv
        before = words[1:] if words[:1] == ["-m"] else list(itertools.takewhile(lambda w: not w.startswith("-"), words))
        shown = [PurePath(word).name for word in (program, *before[:1])]
        return " ".join(shown) + (" …" if len(self.argv) > len(shown) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A server that somebody else runs, reached over HTTP."""

    url: str
    transport: Transport | None = None
    """None: found out by asking."""
    typed: bool = False
    """The user typed the address, so it may lead into this machine or its network; an address from data may not."""

    def __str__(self) -> str:
        return self.public

    @property
    def public(self) -> str:
        """Return what may be shown: no user name, password, query or fragment; keys travel in those."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An MCP bundle (``.mcpb``): a zip archive with a manifest."""

    location: str
    """An absolute path or an ``https://`` address."""
    sha256: str | None = None
    """What the file's hash must be (hex), where whoever named the bundle said so."""

    def __str__(self) -> str:
        return f"mcpb:{self.location}"

    @property
    def public(self) -> str:
        """Return what may be published: an address without its query, of a local file only the name."""
        if "://" in self.location:
            return f"mcpb:{Remote(url=self.location).public}"
        return f"mcpb:{PurePath(self.location).name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A container image (OCI)."""

    reference: str
    """For example ``ghcr.io/owner/server:1.2``."""

    def __str__(self) -> str:
        return f"oci:{self.reference}"

    @property
    def public(self) -> str:
        """Return what may be published: all of it."""
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder or an archive with a server's source code; it is read, never run."""

    path: str
    """Absolute."""

    def __str__(self) -> str:
        return f"source:{self.path}"

    @property
    def public(self) -> str:
        """Return what may be published: the last name of the path."""
        return f"source:{PurePath(self.path).name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A tools/list result that somebody recorded; there is nothing to run."""

    name: str
    """The file's name, without its folder."""

    def __str__(self) -> str:
        return f"recording:{self.name}"

    @property
    def public(self) -> str:
        """Return what may be published: all of it."""
        return str(self)


Origin = Package | Command | Remote | Bundle | Image | Source | Recording
"""How a server is reached."""
