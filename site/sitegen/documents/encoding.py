"""From a document to the bytes of its file: JSON that is safe in any markup, whatever a server wrote."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime

import orjson

from sitegen.visible import embeddable, embeddable_json


def encoded(document: object) -> bytes:
    """Return a document as one line of JSON, with ``<``, ``>``, ``&`` and hidden characters as escapes."""
    try:
        data = orjson.dumps(document, default=_plain_container, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # Lone surrogates and integers beyond 64 bits are a server's to write; orjson takes neither.
        text = json.dumps(_plain(document), ensure_ascii=False, separators=(",", ":"))
        return embeddable_json(text).encode() + b"\n"
    return embeddable(data)


def indented(document: object) -> str:
    """Return a document as people read it, two spaces a level; hidden characters and markup are as they are."""
    try:
        return orjson.dumps(document, default=_plain_container, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:
        return json.dumps(document, indent=2, ensure_ascii=False)


def _plain_container(value: object) -> object:
    """Return a read-only mapping or sequence as orjson takes it. Raises: TypeError for anything else."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__!r} has no place in a document: give it a field that JSON can say")


def _plain(value: object) -> object:
    """Return a value as the standard library's encoder takes it; what JSON cannot say becomes null, as in orjson."""
    if isinstance(value, str | datetime):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, Sequence) else value
