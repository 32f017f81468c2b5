"""What a gated server says about getting in: its challenge (RFC 6750) and its protected resource metadata (RFC 9728).

All of it is a stranger's text: bounded, counted, without control characters. Only the metadata itself is asked for,
without the user's headers and through the guard; the authorization servers that it names are not.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.probe.base import ProbeError
from catalog.probe.http.client import HttpClient, first_bytes
from catalog.terminal import visible_name
from classifier.definition import JsonValue

# Seconds for reading the metadata, wherever it lies.
METADATA_SECONDS = 10.0

# Bytes of the metadata; real ones stay below 4,000.
METADATA_BYTES = 64 * 1024

# Characters of the challenge that are read, of any one value that is kept, and how many of a kind are kept.
CHALLENGE_LENGTH = 8_000
VALUE_LENGTH = 500
MOST_SERVERS = 10
MOST_SCOPES = 100

WELL_KNOWN = "/.well-known/oauth-protected-resource"

# A scheme stands alone, a parameter has a value (RFC 9110, 11.2 to 11.4).
_WORD = re.compile(r"""([A-Za-z0-9_.~+-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a refusal itself says."""

    resource_metadata: str | None = None
    """The address of the metadata, absolute, http or https."""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What is known of how to get in."""

    resource_metadata: str | None = None
    """Where the metadata is said to be, or was found."""
    authorization_servers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def parse_challenge(headers: Sequence[str]) -> Challenge:
    """Read the ``Bearer`` challenge out of ``WWW-Authenticate`` headers; empty where there is none."""
    found: dict[str, str] = {}
    scheme = ""
    for word, quoted, plain in _WORD.findall(", ".join(headers)[:CHALLENGE_LENGTH]):
        value = re.sub(r"\\(.)", r"\1", quoted) or plain
        if not value:
            scheme = word.lower()
        elif scheme == "bearer":
            found.setdefault(word.lower(), value)
    return Challenge(
        resource_metadata=next(iter(_addresses([found.get("resource_metadata")], 1)), None),
        scopes=_texts(found.get("scope", "").split(), MOST_SCOPES),
    )


async def read_authorization(client: HttpClient, url: str, challenge: Challenge) -> Authorization:
    """Return what the metadata of the server at ``url`` says; where there is none, what the challenge says.

    ``client`` is one without the user's headers.
    """
    places = [challenge.resource_metadata] if challenge.resource_metadata else _well_known(url)
    try:
        async with asyncio.timeout(METADATA_SECONDS):
            for place in places:
                metadata = await _metadata(client, place)
                if metadata is not None:
                    return Authorization(
                        resource_metadata=place,
                        authorization_servers=_addresses(metadata.get("authorization_servers"), MOST_SERVERS),
                        scopes=challenge.scopes or _texts(metadata.get("scopes_supported"), MOST_SCOPES),
                    )
    except TimeoutError:
        pass
    return Authorization(resource_metadata=challenge.resource_metadata, scopes=challenge.scopes)


async def _metadata(client: HttpClient, place: str) -> dict[str, JsonValue] | None:
    """Return the JSON object at ``place``, or None where none can be had."""
    try:
        asking = client.exchange("GET", place, headers={"Accept": "application/json"})
        async with asking as response:
            if not response.is_success:
                return None
            value = json.loads(await first_bytes(response, METADATA_BYTES))
    except (ProbeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and "resource" in value else None


def _well_known(url: str) -> list[str]:
    """Return where the metadata of ``url`` lies by the standard: with the path of the server, and without."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return [parts._replace(path=WELL_KNOWN + one, query="", fragment="").geturl() for one in dict.fromkeys((path, ""))]


def _addresses(value: object, most: int) -> tuple[str, ...]:
    """Return the web addresses in a list, bounded, each once."""
    texts = value if isinstance(value, list) else []
    web = [one for one in texts if isinstance(one, str) and one.startswith(("https://", "http://"))]
    return _texts(web, most)


def _texts(value: object, most: int) -> tuple[str, ...]:
    """Return the texts in a list, bounded, each once; anything else in it is left out."""
    texts = (one for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(visible_name(text[:VALUE_LENGTH]) for text in texts))[:most]
