"""Compressed copies of text files, for web servers that send them as they are (nginx: gzip_static, brotli_static)."""

import gzip
from collections.abc import Callable, Mapping, Sequence

from catalog.errors import UsageError

# Higher levels take much longer for a few bytes: brotli 11 does 94 pages a second, 5 does 5,700.
_GZIP_LEVEL, _BROTLI_QUALITY = 6, 5


def compressors(names: Sequence[str]) -> Mapping[str, Callable[[bytes], bytes]]:
    """Return a function by suffix for each of ``gzip`` and ``brotli`` in ``names``.

    Raises: UsageError for another name, and where brotli is not installed.
    """
    found: dict[str, Callable[[bytes], bytes]] = {}
    for name in names:
        match name:
            case "gzip":
                found[".gz"] = _gzip
            case "brotli":
                found[".br"] = _brotli()
            case _:
                raise UsageError(f"{name!r} is no compression: choose gzip or brotli")
    return found


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, _GZIP_LEVEL, mtime=0)


def _brotli() -> Callable[[bytes], bytes]:
    try:
        import brotli  # noqa: F401, PLC0415  # an extra that few need
    except ImportError as error:
        raise UsageError("brotli is not installed: install 'mcp-catalog[brotli]', or leave it out") from error
    return _brotli_compress


def _brotli_compress(content: bytes) -> bytes:
    import brotli  # noqa: PLC0415  # an extra that few need

    compressed: bytes = brotli.compress(content, quality=_BROTLI_QUALITY, mode=brotli.MODE_TEXT)
    return compressed
