"""Targets that are an address: ``https://host/mcp``; also headers for it, ``--header 'Name: value'``."""

import re
from urllib.parse import SplitResult, urlsplit

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Remote, Transport
from catalog.sources.slugs import remote_slug

# Characters of an address; browsers and proxies stop at 2,000 to 8,000.
LONGEST = 2_000

_DEFAULT_PORTS = {"http": 80, "https": 443}

# What may stand in an address (RFC 3986), so that no two readers of it see two hosts.
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%7B.*?%7D", re.IGNORECASE)

# A token (RFC 9110, 5.6.2), and a value without line breaks or other control characters.
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")

# Headers that the conversation itself needs; another value would break it or hide who is asked.
_FRAMING = ("connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade")
_CONTENT = ("accept", "accept-encoding", "content-type")
_MCP = ("last-event-id", "mcp-protocol-version", "mcp-session-id")
_RESERVED = frozenset((*_FRAMING, *_CONTENT, *_MCP))


def parse_remote(target: str, *, transport: Transport | None = None, typed: bool = True) -> Remote | None:
    """Return the remote server that ``target`` names, or None where it is no address.

    Args:
        target: What the user typed, or what a registry or a configuration says.
        transport: How it is said to be spoken, where somebody said so.
        typed: The user typed it, so it may lead into this machine or its network.

    Raises: UsageError where it starts like an address and is not usable.
    """
    if not target.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        # Its parts are not known, so whatever may be a password or a key is cut off.
        shown = re.sub(r"//[^/]*@", "//", target).partition("?")[0][:200]
        raise UsageError(f"{shown!r} is no address; write https://HOST/PATH or https://HOST:PORT/PATH") from None
    shown = Remote(url=target).public[:200]
    if "@" in parts.netloc:
        raise UsageError(
            f"{shown!r} was written with a user name or password; pass it with --header 'Authorization: Basic …'"
        )
    if placeholder := _PLACEHOLDER.search(target):
        raise UsageError(f"{shown!r} holds the placeholder {placeholder[0][:80]!r}; write its value there")
    if len(target) > LONGEST or not _ADDRESS.fullmatch(target):
        raise UsageError(
            f"{shown!r} is too long or holds characters that no address may hold; percent-encode them, "
            "and write a host in its ASCII form (xn--…)"
        )
    if not parts.hostname:
        raise UsageError(f"{shown!r} names no host; write https://HOST/PATH")
    return Remote(url=_normal(parts, parts.hostname, port), transport=transport, typed=typed)


def remote_server(remote: Remote) -> ServerRef:
    """Return a server about which nothing is known but its address."""
    parts = urlsplit(remote.url)
    return ServerRef(slug=remote_slug(remote), title=(parts.netloc + parts.path.rstrip("/"))[:200], origin=remote)


def parse_header(option: str) -> tuple[str, str]:
    """Return name and value of ``Name: value``.

    Raises: UsageError where it is no header, or one that is not the user's to set; it never quotes the value.
    """
    match = _HEADER.fullmatch(option)
    if match is None:
        # What stands without a colon may be the value.
        name = repr(option.partition(":")[0][:40]) if ":" in option else "(not shown)"
        raise UsageError(f"--header {name}: that is no header; write --header 'NAME: VALUE', on one line")
    name, value = match[1], match[2].rstrip()
    if name.lower() in _RESERVED:
        raise UsageError(f"--header {name!r} is set by the conversation itself; leave it out")
    return name, value


def _normal(parts: SplitResult, host: str, port: int | None) -> str:
    """Return the address in one spelling: lower-case scheme and host, no default port, no fragment, a path."""
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()
