"""The list of facts on a server's page: how it was looked at, its package, how a remote one answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.facts import Finding, PackageFacts, RemoteFacts, RemoteState
from catalog.model import Rung
from catalog.origin import Remote, Transport
from catalog.view import ServerRow
from sitegen.links import external
from sitegen.private import publishable
from sitegen.standing import Standing
from sitegen.visible import bounded, one_line

# Characters of one value, and values of one fact, that a page shows; the page's JSON has all of them.
_VALUE = 160
_MOST_VALUES = 10

# Characters of a SHA-256 that tell files apart for a reader.
_HASH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a fact."""

    text: str
    href: str | None = None
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name and what is known."""

    name: str
    values: tuple[Value, ...]
    hint: str = ""


def facts(row: ServerRow, how: Standing) -> tuple[Fact, ...]:
    """Return what is known of a server besides its tools and its grade."""
    return (*_list_facts(row, how), *_package_facts(row), *_remote_facts(row), *_own_facts(row))


def package_of(row: ServerRow) -> PackageFacts | None:
    """Return what its package says of itself, from the latest look that unpacked it."""
    return row.latest.package or (row.listing.package if row.listing else None)


def remote_of(row: ServerRow) -> RemoteFacts | None:
    """Return how its address answered at the latest look that asked it."""
    return row.latest.remote or (row.listing.remote if row.listing else None)


def findings_of(row: ServerRow) -> tuple[Finding, ...]:
    """Return what was noticed, each once: a failed look adds to what was noticed when the list was seen."""
    before = row.listing.findings if row.listing and row.latest.outcome == "not_listed" else ()
    return tuple(dict.fromkeys((*row.latest.findings, *before)))


def state_words(state: RemoteState) -> str:
    """Return what an address turned out to be, following the word ``answers``."""
    return _STATES[state]


def _list_facts(row: ServerRow, how: Standing) -> Iterator[Fact]:
    at = how.seen_at or row.latest.finished_at
    yield _fact(how.label, f"{at:%Y-%m-%d}{', ' * bool(how.where)}{how.where}")
    listing = row.listing
    if listing is not None:
        if listing.version:
            yield _fact("Version", listing.version)
        if says := f"{listing.server_name} {listing.server_version}".strip():
            yield _fact("Calls itself", says)
        if listing.protocol_version:
            yield _fact("Protocol", listing.protocol_version)
    if row.latest.rungs:
        yield _listed("Steps taken", [Value(text=_rung(rung, row)) for rung in row.latest.rungs])


def _package_facts(row: ServerRow) -> Iterator[Fact]:
    package = package_of(row)
    if package is None:
        return
    yield _fact("Package URL", package.purl, code=True)
    if package.released_at:
        yield _fact("Released", f"{package.released_at:%Y-%m-%d}")
    if package.licence:
        yield _fact("Licence", package.licence, hint="as its package declares it")
    if package.publisher:
        yield _fact("Author", package.publisher, hint="as its package names it")
    if package.sha256:
        yield _fact("Files", package.sha256[:_HASH], code=True, hint="SHA-256 of what was run, shortened")


def _remote_facts(row: ServerRow) -> Iterator[Fact]:
    remote = remote_of(row)
    if remote is None:
        return
    yield _fact("Answers", state_words(remote.state))
    if remote.transport:
        yield _fact("Transport", _TRANSPORTS[remote.transport])
    if remote.authorization_servers:
        yield _listed("Tokens from", [_address(address) for address in remote.authorization_servers])
    if remote.scopes:
        yield _listed("Scopes", [Value(text=one_line(scope, _VALUE), code=True) for scope in remote.scopes])
    if remote.resource_metadata:
        yield _listed("About access", [_address(remote.resource_metadata)])


def _own_facts(row: ServerRow) -> Iterator[Fact]:
    package = package_of(row)
    if row.environment:
        yield _listed("Wants", [Value(text=one_line(name, _VALUE), code=True) for name in row.environment])
    if isinstance(row.origin, Remote) and external(row.origin.public):
        yield _listed("Address", [_address(row.origin.public)])
    for name, own, said in (
        ("Home page", row.homepage, package.homepage if package else None),
        ("Repository", row.repository, package.repository if package else None),
    ):
        if address := external(own) or external(said):
            yield _listed(name, [_address(address)])


def _fact(name: str, text: str, *, code: bool = False, hint: str = "") -> Fact:
    return Fact(name=name, values=(Value(text=one_line(text, _VALUE), code=code),), hint=hint)


def _listed(name: str, values: Sequence[Value]) -> Fact:
    more = len(values) - _MOST_VALUES
    shown = (*values[:_MOST_VALUES], Value(text=f"and {more} more")) if more > 0 else tuple(values)
    return Fact(name=name, values=shown)


def _address(address: str) -> Value:
    """Return an address as a link, or where no browser may be sent there, as text."""
    return Value(text=bounded(" ".join(address.split()), _VALUE), href=external(address))


def _rung(rung: Rung, row: ServerRow) -> str:
    name = one_line(publishable(rung.name, row.origin), _VALUE)
    return f"{name} (failed)" if rung.result == "failed" else name


_STATES = {
    RemoteState.OPEN: "anybody",
    RemoteState.GATED: "only who is authorized",
    RemoteState.WRONG_TRANSPORT: "anybody, over another transport than was said",
    RemoteState.NOT_MCP: "with something else than MCP",
    RemoteState.DEAD: "nobody",
    RemoteState.FLAKY: "not every time",
    RemoteState.UNKNOWN: "not known",
}

_TRANSPORTS: dict[Transport, str] = {"streamable-http": "Streamable HTTP", "sse": "HTTP with SSE, the older one"}
