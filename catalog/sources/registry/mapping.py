"""Turn a registry's entry into the servers that it names: each package and each remote is one."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from catalog.errors import UsageError
from catalog.model import Problem, ServerRef
from catalog.origin import Bundle, Image, Origin, Package, Remote
from catalog.sources.bundles import SHA256
from catalog.sources.images import parse_image
from catalog.sources.packages import parse_package
from catalog.sources.registry.entry import RegistryEntry, RegistryPackage, RegistryRemote
from catalog.sources.slugs import registry_slug
from catalog.target import Target

_OTHER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Of a NuGet or Cargo package."""

_OTHER_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,100}")

TITLE_LENGTH = 200


def targets(entry: RegistryEntry) -> Sequence[Target | Problem]:
    """Return the servers of ``entry`` in its order, and what of it cannot be looked at or was left out.

    Their slugs end in what they are (``-npm``, ``-remote``), so that they stay when the entry gains another; of
    several of a kind the later ones are numbered.
    """
    found: list[Target | Problem] = list(entry.problems)
    kinds: Counter[str] = Counter()
    parts: list[RegistryPackage | RegistryRemote] = [*entry.packages, *entry.remotes]
    for part in parts:
        try:
            origin = _package(part) if isinstance(part, RegistryPackage) else _remote(part)
        except UsageError as error:
            found.append(Problem(where=part.where, message=str(error)))
            continue
        kind = part.kind if isinstance(part, RegistryPackage) else "remote"
        kinds[kind] += 1
        suffix = kind if kinds[kind] == 1 else f"{kind}-{kinds[kind]}"
        found += (Problem(where=part.where, message=note) for note in _notes(part))
        found.append(Target(server=_server(entry, part, origin, registry_slug(entry.name, suffix))))
    return found


def _server(entry: RegistryEntry, part: RegistryPackage | RegistryRemote, origin: Origin, slug: str) -> ServerRef:
    return ServerRef(
        slug=slug,
        title=(entry.title or entry.name)[:TITLE_LENGTH],
        origin=origin,
        publisher=entry.namespace,
        homepage=entry.homepage,
        repository=entry.repository,
        environment=part.environment if isinstance(part, RegistryPackage) else (),
        arguments=part.arguments if isinstance(part, RegistryPackage) else (),
    )


def _notes(part: RegistryPackage | RegistryRemote) -> Iterator[str]:
    """Say what a reader should know about a server that is looked at all the same."""
    if isinstance(part, RegistryRemote):
        if part.headers:
            yield f"it wants the headers {', '.join(map(repr, part.headers))}; pass them with --header"
    elif part.transport != "stdio":
        yield f"it says to speak {part.transport[:40]!r} once started; it is asked over standard input and output"


def _package(part: RegistryPackage) -> Origin:
    """Return where a package is. Raises: UsageError where it cannot be one."""
    match part.kind:
        case "npm" | "pypi":
            if part.identifier.startswith("-"):
                raise UsageError(f"{part.identifier[:100]!r} is an option, no {part.kind} package")
            version = part.version if part.version != "latest" else None
            package = parse_package(f"{part.kind}:{part.identifier}" + (f"@{version}" if version else ""))
            if package is None:
                raise UsageError(f"{part.identifier[:100]!r} names no {part.kind} package")
            return package
        case "nuget" | "cargo":
            version_fits = part.version is None or _OTHER_VERSION.fullmatch(part.version)
            if not _OTHER_NAME.fullmatch(part.identifier) or not version_fits:
                raise UsageError(f"{part.identifier[:100]!r} names no {part.kind} package")
            return Package(ecosystem=part.kind, name=part.identifier, version=part.version)
        case "oci":
            return _image(part)
        case "mcpb":
            return _bundle(part)
        case _:
            raise UsageError(f"nothing here knows packages of the kind {part.kind[:40]!r}")


def _image(part: RegistryPackage) -> Image:
    """Return the image, whose host and tag the older generations keep in fields of their own."""
    reference = part.identifier
    last = reference.rpartition("/")[2]
    if part.version and ":" not in last and "@" not in last:
        reference = f"{reference}:{part.version}"
    first, slash, _ = reference.partition("/")
    try:
        host = urlsplit(part.base or "").netloc
    except ValueError as error:
        raise UsageError(f"{(part.base or '')[:100]!r} is no address of a registry of images") from error
    if host and not (slash and ("." in first or ":" in first or first == "localhost")):
        reference = f"{host}/{reference}"
    image = parse_image(f"oci:{reference}")
    if image is None:
        raise UsageError(f"{reference[:100]!r} names no image")
    return image


def _bundle(part: RegistryPackage) -> Bundle:
    _web_address(part.identifier, ("https",))
    sha256 = part.sha256.lower() if part.sha256 else None
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise UsageError(f"{sha256[:80]!r} is no SHA-256, so the bundle cannot be checked")
    return Bundle(location=part.identifier, sha256=sha256)


def _remote(part: RegistryRemote) -> Remote:
    _web_address(part.url, ("https", "http"))
    return Remote(url=part.url, transport=part.transport)


def _web_address(address: str, schemes: Sequence[str]) -> None:
    """Check that ``address`` is one. Raises: UsageError where it is none, or where a user has to fill in a part."""
    if "{" in address:
        raise UsageError(f"{address[:200]!r} is a template; fill it in and name the address: catalog sync https://…")
    try:
        parts = urlsplit(address)
        valid = parts.scheme in schemes and bool(parts.hostname) and " " not in address and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{address[:200]!r} is no {schemes[0]}:// address")
