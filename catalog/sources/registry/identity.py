"""Do a registry's namespace, a repository and a package's own metadata agree on who publishes a server?

Only what is said can disagree: where a statement is missing, there is no finding. Two accounts on one code host are the
same or not; a domain, a scope or an account elsewhere may spell the same publisher in another way.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.facts import Finding, FindingKind, PackageFacts

# Letters of the shorter of two spellings of one publisher: "acme" and "acme-labs".
SHORTEST_SPELLING = 3

DETAIL_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """One source's word for who publishes a server."""

    source: str
    said: str
    """As the source writes it."""
    names: tuple[str, ...]
    """Any of them may be the publisher's."""
    host: str | None = None
    """The code host, without its top-level domain, of which ``account`` is one; None where it is no such."""
    account: str = ""

    def agrees(self, other: "_Statement") -> bool:
        if self.host is not None and self.host == other.host:
            return self.account.lower() == other.account.lower()
        return any(_alike(one, two) for one, two in itertools.product(self.names, other.names))

    def __str__(self) -> str:
        return f"{self.source} says {self.said[:80]!r}"


def identity(*, namespace: str | None, repository: str | None, package: PackageFacts | None) -> Finding | None:
    """Return a finding where the statements do not all agree, else None.

    Args:
        namespace: What a registry has verified, in reverse DNS (``io.github.owner``, ``com.example``); None for none.
        repository: The address of the source code that the registry's entry or a curator names.
        package: What the package says of itself.
    """
    statements = list(_statements(namespace, repository, package))
    for one, other in itertools.combinations(statements, 2):
        if not one.agrees(other):
            return Finding(kind=FindingKind.IDENTITY, detail=f"{one}, {other}"[:DETAIL_LENGTH])
    return None


def _statements(namespace: str | None, repository: str | None, package: PackageFacts | None) -> Iterator[_Statement]:
    if namespace and (said := _of_namespace(namespace)):
        yield said
    if repository and (said := _of_repository("the repository", repository)):
        yield said
    if package is not None:
        if package.repository and (said := _of_repository("the package's repository", package.repository)):
            yield said
        # The name of a person is no account; a scope is one.
        if package.publisher and package.publisher.startswith("@"):
            scope = package.publisher
            yield _Statement(source="the package's scope", said=scope, names=(scope.removeprefix("@"),))


def _of_namespace(namespace: str) -> _Statement | None:
    """``io.github.owner`` is a page of an account on a code host; others are domains of the publisher's own."""
    top, *labels = namespace.split(".")
    if not top or not labels:
        return None
    is_account = top == "io" and len(labels) == 2
    return _Statement(
        source="the registry",
        said=namespace,
        names=tuple(labels),
        host=labels[0].lower() if is_account else None,
        account=labels[1] if is_account else "",
    )


def _of_repository(source: str, address: str) -> _Statement | None:
    """Return the account that a repository's address names, however it is written (``git+ssh``, ``git@host:owner``)."""
    address = re.sub(r"^git@([^:/]+):", r"ssh://\1/", address.strip())
    try:
        parts = urlsplit(address)
        host, path = parts.hostname or "", parts.path
    except ValueError:
        return None
    owner, *rest = [name for name in path.split("/") if name] or [""]
    labels = host.lower().split(".")
    if not rest or len(labels) < 2:
        return None
    return _Statement(source=source, said=f"{host}/{owner}", names=(owner, labels[-2]), host=labels[-2], account=owner)


def _alike(one: str, two: str) -> bool:
    shorter, longer = sorted((_letters(one), _letters(two)), key=len)
    return shorter == longer or (len(shorter) >= SHORTEST_SPELLING and shorter in longer)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
