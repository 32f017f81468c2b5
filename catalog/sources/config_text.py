"""The data in a configuration file that people edit: JSON with comments and trailing commas, or TOML; any encoding.

Comments become spaces before the standard parser reads the text: it is fast, and its line and column stay right.
"""

import codecs
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import InputError

# Bytes of a configuration that are read. Histories that clients keep in the same file reach some hundred kB.
JSON_BYTES = 4 * 1024 * 1024

# TOML's parser is written in Python, and slow with keys of many parts: bytes of a file, dots in a line.
TOML_BYTES = 256 * 1024
TOML_DOTS = 64

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before the shorter mark that it starts with.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*+|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*+[\]}}])", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"\n]*+\"|'[^'\n]*+'")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigText:
    """What a configuration file holds."""

    data: Any
    repeated: Sequence[str]
    """Names that stand twice in one object; the later value counts, as it does for the clients."""


def read_config_text(path: Path) -> ConfigText:
    """Read a JSON or (``.toml``) TOML file.

    Raises: InputError where it cannot be read, is too large, is no text, or is not well-formed. The message quotes
    nothing of the file: it may hold secrets.
    """
    text = _decode(_read(path, TOML_BYTES if path.suffix == ".toml" else JSON_BYTES), path)
    if not text.strip():
        raise InputError(f"{str(path)!r}: nothing in it; let the client write it, or delete it")
    try:
        return _toml(text, path) if path.suffix == ".toml" else _json(text)
    except json.JSONDecodeError as error:
        hint = "; a backslash in JSON is written twice" if "escape" in error.msg else ""
        raise InputError(
            f"{str(path)!r}: line {error.lineno}, column {error.colno}: not JSON ({error.msg}){hint}; correct it there"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{str(path)!r}: not TOML: {error}; correct it there") from error
    except RecursionError as error:
        raise InputError(f"{str(path)!r}: nested too deeply to be a client's configuration") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r}: holds a number of thousands of digits; correct it") from error


def _read(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():  # a pipe or a device would never end
            there = "is no file" if path.exists() else "does not exist"
            raise InputError(f"{str(path)!r} {there}; name a client's configuration file")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}; allow it, or name another file") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(path)!r} names no file") from error
    if len(data) > most:
        raise InputError(
            f"{str(path)!r} is larger than {most // 1024} KiB; name a file that holds only the client's servers"
        )
    return data


def _decode(data: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{str(path)!r}: no text from byte {error.start} on; save it as UTF-8") from error


def _json(text: str) -> ConfigText:
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(name for name in found if names.count(name) > 1)
        return found

    # Most files are plain JSON: then nothing else is needed.
    try:
        data = json.loads(text, object_pairs_hook=collect)
    except json.JSONDecodeError:
        repeated.clear()
        data = json.loads(_plain(text), object_pairs_hook=collect)
    return ConfigText(data=data, repeated=tuple(repeated))


def _plain(text: str) -> str:
    """Return the text with comments and trailing commas as spaces, each line as long as it was."""
    return _TRAILING_COMMA.sub(_blank_comma, _COMMENT.sub(_blank_comment, text))


def _blank_comment(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else re.sub(r"[^\n]", " ", found[0])


def _blank_comma(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else " "


def _toml(text: str, path: Path) -> ConfigText:
    if any(line.count(".") > TOML_DOTS and _QUOTED.sub("", line).count(".") > TOML_DOTS for line in text.splitlines()):
        raise InputError(f"{str(path)!r}: a line with more than {TOML_DOTS} dots; no client's configuration needs that")
    return ConfigText(data=tomllib.loads(text), repeated=())
