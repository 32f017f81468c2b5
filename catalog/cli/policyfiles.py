"""Take a policy from the command line: a policy file, or the recommended one of a server in the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.policy.model import Policy
    from catalog.view import CatalogView, EntryRow


def read_file(path: Path) -> "Mapping[str, Policy]":
    """Return the policies of a file by server. Raises: InputError where it cannot be read or is no policy file."""
    from catalog.policy.document import PolicyFileError, read_policies

    try:
        return read_policies(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read the policy {str(path)!r}: {error.strerror}") from error
    except PolicyFileError as error:
        raise InputError(f"{str(path)!r} is not a policy: {error}") from error


def only_one(policies: "Mapping[str, Policy]", server: str | None, path: str) -> "Policy":
    """Return the policy of ``server``, or the only one. Raises: UsageError where it is not there, or not clear."""
    names = ", ".join(map(repr, policies)) or "none"
    if server is None and len(policies) != 1:
        raise UsageError(f"{path!r} has policies for several servers, or none; name one with --server: {names}")
    if server is not None and server not in policies:
        raise UsageError(f"{path!r} has no policy for {server!r}; it has: {names}")
    return policies[server if server is not None else next(iter(policies))]


def recommended(
    view: "CatalogView", slug: str, profile: str, values: "Mapping[str, Sequence[str]]"
) -> "tuple[Policy, Sequence[EntryRow]]":
    """Return the recommended policy of a server and what the catalogue has of it."""
    from catalog.cli.lookup import find_server
    from catalog.policy.recommend import recommend

    server = find_server(view, slug)
    if server.listing is None:
        raise UsageError(f"{slug!r} has never been listed, so there is no policy for it. {server.latest.hint}")
    entries = view.entries(server.slug)
    return recommend(server.slug, entries, profile, values=values), entries


def known_entries(view: "CatalogView", server: str) -> "Sequence[EntryRow] | None":
    """Return what the catalogue has of a server; None where it has no list of one of this name."""
    row = view.server(server)
    return view.entries(server) if row is not None and row.listing is not None else None


def parameter_values(given: "Sequence[str]") -> "Mapping[str, Sequence[str]]":
    """Return the values of ``--set NAME=VALUE[,VALUE]``, which may be repeated. Raises: UsageError."""
    values: dict[str, list[str]] = {}
    for word in given:
        name, equals, found = word.partition("=")
        if not (name and equals and found.strip(" ,")):
            raise UsageError(f"--set {word!r}: write NAME=VALUE, for example allowed_hosts=api.example.com")
        values.setdefault(name, []).extend(one.strip() for one in found.split(",") if one.strip())
    return values
