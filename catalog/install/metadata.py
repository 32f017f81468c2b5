"""What a package says of itself, from its own metadata: text of strangers, cleaned and bounded. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses
from urllib.parse import urlsplit

from catalog.facts import PackageFacts
from catalog.origin import Package

# Characters of a name or a licence, and of an address: what is longer is none (some put a licence's whole text there).
MOST_WORDS, MOST_ADDRESS = 200, 500

# Characters of a METADATA file that are read: its fields come first, the long description last.
MOST_TEXT = 256 * 1024

# Labels of Project-URL as the well-known ones are spelt (packaging.python.org, "Well-known labels"), in order of use.
_HOMEPAGE = ("homepage",)
_REPOSITORY = ("repository", "source", "sourcecode", "github", "code")

_LICENCE_CLASSIFIER = "License :: "

# Short forms in package.json "repository" (docs.npmjs.com, package.json).
_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_SHORT = re.compile(r"(?:(github|gitlab|bitbucket):)?([\w.-]+/[\w.-]+)")
_SECURE_SHELL = re.compile(r"(?:(?:git\+)?ssh://)?git@([\w.-]+)[:/]([\w./~-]+)")


def python_facts(package: Package, text: str) -> PackageFacts:
    """Return what core metadata (METADATA of a wheel) says; ``package`` has the version that was unpacked."""
    metadata = HeaderParser().parsestr(text[:MOST_TEXT], headersonly=True)
    addresses = _labelled(metadata.get_all("Project-URL", []))
    return PackageFacts(
        purl=package.purl,
        version=package.version or "",
        licence=_python_licence(metadata),
        homepage=_address(metadata.get("Home-page")) or _first(addresses, _HOMEPAGE),
        repository=_first(addresses, _REPOSITORY),
        publisher=_people(metadata, "Author") or _people(metadata, "Maintainer"),
    )


def node_facts(package: Package, manifest: Mapping[str, object]) -> PackageFacts:
    """Return what ``package.json`` says; ``package`` has the version that was unpacked."""
    licence = manifest.get("license")
    if isinstance(licence, Mapping):
        licence = licence.get("type")
    repository = manifest.get("repository")
    if isinstance(repository, Mapping):
        repository = repository.get("url")
    scope = package.name.partition("/")[0] if package.name.startswith("@") else None
    return PackageFacts(
        purl=package.purl,
        version=package.version or "",
        licence=_words(licence),
        homepage=_address(manifest.get("homepage")),
        repository=_repository(repository),
        publisher=_person(manifest.get("author")) or _person(manifest.get("publisher")) or scope,
    )


def _python_licence(metadata: Message) -> str | None:
    if expression := _words(metadata.get("License-Expression")):
        return expression
    stated = metadata.get("License")
    # Some put the whole text of their licence there: then the classifier says its name.
    if stated and "\n" not in stated.strip() and (words := _words(stated)) and len(words) < MOST_WORDS:
        return words
    named = [text for text in metadata.get_all("Classifier", []) if str(text).startswith(_LICENCE_CLASSIFIER)]
    return _words(str(named[0]).rsplit(" :: ", 1)[-1]) if named else None


def _people(metadata: Message, role: str) -> str | None:
    """Return the names of ``role``; where there are only addresses, their part before the ``@`` is kept."""
    if name := _words(metadata.get(role)):
        return name
    listed = getaddresses([str(metadata.get(f"{role}-email", ""))[:MOST_ADDRESS]])
    return _words(", ".join(name or address.partition("@")[0] for name, address in listed))


def _person(stated: object) -> str | None:
    """Return the name in ``{"name": …}`` or ``Name <address> (page)``."""
    if isinstance(stated, Mapping):
        stated = stated.get("name")
    return _words(re.split(r"[<(]", stated, maxsplit=1)[0]) if isinstance(stated, str) else None


def _labelled(lines: Sequence[object]) -> dict[str, str]:
    """Return addresses by normalised label (letters and digits only, lower case); the first of a label counts."""
    found: dict[str, str] = {}
    for line in lines[:50]:
        label, _, address = str(line).partition(",")
        found.setdefault(re.sub(r"[^a-z0-9]", "", label.lower()), address.strip())
    return found


def _first(addresses: Mapping[str, str], labels: Iterable[str]) -> str | None:
    return next((found for label in labels if (found := _repository(addresses.get(label)))), None)


def _repository(stated: object) -> str | None:
    """Return the page of a repository, whichever way it is written."""
    if not isinstance(stated, str):
        return None
    stated = stated.strip()[:MOST_ADDRESS]
    if short := _SHORT.fullmatch(stated):
        return f"https://{_HOSTS[short[1] or 'github']}/{short[2].removesuffix('.git')}"
    if shell := _SECURE_SHELL.fullmatch(stated):
        return f"https://{shell[1]}/{shell[2].removesuffix('.git')}"
    stated = re.sub(r"^(git\+)?(git|https?)://", lambda m: "http://" if m[2] == "http" else "https://", stated)
    address = _address(stated)
    return address.removesuffix(".git") if address else None


def _address(stated: object) -> str | None:
    """Return a web address without user name and password; None for anything else."""
    if not isinstance(stated, str):
        return None
    stated = stated.strip()
    if len(stated) > MOST_ADDRESS or not stated.isprintable() or " " in stated:
        return None
    try:
        parts = urlsplit(stated)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _words(stated: object) -> str | None:
    """Return one line of printable characters, cut to MOST_WORDS; None where nothing is left."""
    if not isinstance(stated, str):
        return None
    printable = "".join(c if c.isprintable() else " " for c in stated[: 10 * MOST_WORDS])
    words = " ".join(printable.split())
    return words[:MOST_WORDS] or None
