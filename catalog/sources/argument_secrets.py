"""Take secrets out of command lines and addresses: what is kept of a server must not open anything.

A value is a secret by its flag's or variable's name, by its place in an address, or because it looks random.
"""

import re
import shlex
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

PLACEHOLDER = "placeholder"
"""Stands for every secret. Most programs only look whether there is one before they list their tools."""

_SECRET_WORDS = frozenset(("apikey", "auth", "authorization", "bearer", "connectionstring", "cookie", "credential",
                           "credentials", "dsn", "header", "headers", "jwt", "key", "keys", "pass", "passphrase",
                           "passwd", "password", "pat", "pw", "pwd", "secret", "secrets", "session", "token",
                           "tokens"))  # fmt: skip

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NEGATIONS = frozenset(("no", "disable", "skip", "without"))

_ASSIGNMENT = re.compile(r"(?P<name>-{0,2}[A-Za-z_][\w.-]*)=(?P<value>.*)", re.DOTALL)
_FLAG = re.compile(r"--?[A-Za-z][\w-]*")
_HEADER_NAME = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]{0,39}):")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

_RANDOM = (
    # Mixed letters and digits without a break, as generated keys have them.
    re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9_][A-Za-z0-9_+.~-]{19,}={0,2}"),
    # A kind of key in front, such as ``sk-`` or ``xoxb-``.
    re.compile(r"[A-Za-z]{2,10}[-_](?:[A-Za-z0-9]{1,12}[-_])*(?=[A-Za-z]*[0-9])[A-Za-z0-9]{16,}"),
    re.compile(r"[0-9a-fA-F]{32,}"),
    re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
)

# Longer words are no arguments that a person wrote.
_LONGEST = 2000


def names_secret(name: str) -> bool:
    """Say whether a flag, variable or parameter of this name holds a secret."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    if parts and parts[0] in _NEGATIONS:
        return False
    return not _SECRET_WORDS.isdisjoint(parts) or "".join(parts) in _SECRET_WORDS or name == "-H"


def without_secrets(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command line, each secret as a placeholder; headers keep their names."""
    kept: list[str] = []
    awaited = False  # the word before is a flag whose value is a secret
    for word in words:
        # After a flag for a secret, one dash and several letters are rather a secret than more flags.
        if _FLAG.fullmatch(word) and not (awaited and len(word) > 2 and word[1] != "-"):
            awaited = names_secret(word)
            kept.append(word)
            continue
        kept.append(_value(word) if awaited else _word(word))
        awaited = False
    return tuple(kept)


def address_without_secrets(address: str) -> str:
    """Return a URL whose user name, password and secret-looking parts are placeholders."""
    try:
        parts = urlsplit(address)
    except ValueError:  # not to be taken apart, so not to be judged
        return PLACEHOLDER
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{PLACEHOLDER}@{host}" if "@" in parts.netloc else host
    path = "/".join(PLACEHOLDER if _looks_random(segment) else segment for segment in parts.path.split("/"))
    query = "&".join(_parameter(pair) for pair in parts.query.split("&")) if parts.query else ""
    fragment = "&".join(_parameter(pair) for pair in parts.fragment.split("&")) if parts.fragment else ""
    return parts._replace(netloc=netloc, path=path, query=query, fragment=fragment).geturl()


def _parameter(pair: str) -> str:
    name, sign, value = pair.partition("=")
    if sign and (names_secret(name) or _looks_random(value)):
        return f"{name}={PLACEHOLDER}"
    return PLACEHOLDER if _looks_random(pair) else pair


def _word(word: str) -> str:
    if len(word) > _LONGEST or _looks_random(word):
        return PLACEHOLDER
    if _ADDRESS.match(word):
        return address_without_secrets(word)
    if assignment := _ASSIGNMENT.fullmatch(word):
        name, value = assignment["name"], assignment["value"]
        return f"{name}={_value(value) if names_secret(name) else _word(value)}"
    return _shell_text(word) if any(character.isspace() for character in word) else word


def _value(value: str) -> str:
    header = _HEADER_NAME.match(value)
    return f"{header['name']}: {PLACEHOLDER}" if header else PLACEHOLDER


def _shell_text(text: str) -> str:
    """Return a text of several words, such as a shell's ``-c`` gets, without the values that are secrets in it.

    A header line counts as one secret. Where a value cannot be found again in the text, nothing of it is kept.
    """
    if (header := _HEADER_NAME.match(text)) and names_secret(header["name"]):
        return _value(text)
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    if len(words) < 2:
        return text if without_secrets(words) == tuple(words) else PLACEHOLDER
    for before, after in zip(words, without_secrets(words), strict=True):
        if before != after:
            assignment = _ASSIGNMENT.fullmatch(before)
            secret = assignment["value"] if assignment else before
            if not secret or secret not in text:
                return PLACEHOLDER
            text = text.replace(secret, PLACEHOLDER)
    return text


def _looks_random(text: str) -> bool:
    return any(shape.fullmatch(unquote(text)) for shape in _RANDOM)
