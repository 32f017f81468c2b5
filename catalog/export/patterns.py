r"""Paths below folders and addresses at hosts as regular expressions, for targets that can ask for nothing else.

They hold for exactly what catalog.policy.conditions lets pass, or for less. Written for RE2, Go's and Rust's regexp:
anchored by ``\A`` and ``\z``, and without ``(?i)``, under which RE2 takes the Kelvin sign for a k.
"""

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address

from catalog.policy.conditions import steps
from catalog.policy.model import Scalar

_NAME = r"[^./\x00\\][^/\x00\\]*"
_BETWEEN = r"/(?:\.?/)*"
"""A slash, however often it is written and with steps that lead nowhere: ``//``, ``/./``."""
_LEAD = rf"\.{_BETWEEN}"
_BELOW = rf"(?:{_BETWEEN}{_NAME})*(?:/\.?)*"
_ANY_ABSOLUTE = rf"(?:(?:{_BETWEEN}{_NAME})+(?:/\.?)*|(?:/\.?)+)"
_FIRST = r"[^./\x00\\:][^/\x00\\:]*"
"""The first name of a relative path; with a colon it could be a drive or a scheme."""
_ANY_RELATIVE = rf"(?:(?:{_LEAD}{_FIRST}|[^~./\x00\\:][^/\x00\\:]*){_BELOW}|(?:\.(?:/\.?)*)?)"

_PRINTED = r"[!-?A-\[\]-~]*"
"""Printable ASCII without space, @ and backslash."""
_PORT = r'(?::[!"$-.0->A-Z^-~]*)?'
_REST = rf"(?:[/?#]{_PRINTED})?"


def path_pattern(folders: Sequence[Scalar]) -> str | None:
    """Return a pattern of the paths at or below one of these folders; None where there are none."""
    wanted = [found for one in folders if isinstance(one, str) and (found := steps(one)) is not None]
    return _anchored([_below(names) for names in wanted])


def host_pattern(hosts: Sequence[Scalar]) -> str | None:
    """Return a pattern of the http(s) addresses at one of these hosts; None where there are none."""
    wanted = [found for one in hosts if isinstance(one, str) and (found := _host(one.lower()))]
    scheme = "[hH][tT][tT][pP][sS]?://"
    return _anchored([f"{scheme}(?:{'|'.join(wanted)}){_PORT}{_REST}"] if wanted else [])


def _anchored(alternatives: Sequence[str]) -> str | None:
    return rf"\A(?:{'|'.join(dict.fromkeys(alternatives))})\z" if alternatives else None


def _below(names: Sequence[str]) -> str:
    start, *rest = names
    if start == "/":
        return _BETWEEN + _BETWEEN.join(map(_literal, rest)) + _BELOW if rest else _ANY_ABSOLUTE
    if start == ".":
        if not rest:
            return _ANY_RELATIVE
        names = rest
    lead = _LEAD if names[0].startswith("~") else f"(?:{_LEAD})?"
    return lead + _BETWEEN.join(map(_literal, names)) + _BELOW


def _host(host: str) -> str:
    """Return a pattern of one host in any case; nothing where no address has such a host."""
    try:
        IPv6Address(host)
    except AddressValueError:
        if not host or not all("!" <= one <= "~" and one not in "/?#@[]\\:" for one in host):
            return ""
    else:
        host = f"[{host}]"
    return "".join(f"[{one}{one.upper()}]" if one.isalpha() else _literal(one) for one in host)


def _literal(text: str) -> str:
    """Return a pattern of this text alone."""
    return "".join(one if one.isalnum() or one in "_-" or not one.isascii() else f"\\x{{{ord(one):x}}}" for one in text)


def names_pattern(names: Sequence[str]) -> str:
    """Return a pattern of exactly these names."""
    return rf"\A(?:{'|'.join(map(_literal, names))})\z"
