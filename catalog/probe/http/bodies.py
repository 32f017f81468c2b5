"""Bodies of answers: counted and capped while they arrive, after decompression, so that no bomb is ever unpacked."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import httpx

from catalog.model import Reason
from catalog.probe.base import MIB, ProbeLimits
from catalog.probe.http.failures import RemoteError

# Bytes that decompression makes at a time.
CHUNK = 64 * 1024

# Messages of one conversation: 200 pages, 200 discovery calls, and what servers tell beside them. Tiny ones by the
# million would stay below every cap on bytes and keep this machine busy.
MOST_MESSAGES = 10_000

ENCODINGS = "gzip"
"""What is offered in Accept-Encoding; the one that this module can unpack in bounded steps."""


class Meter:
    """Counts the bytes and the messages of one conversation."""

    def __init__(self, limits: ProbeLimits) -> None:
        self._limits = limits
        self._total = 0
        self._message = 0
        self._messages = 0

    def next_message(self) -> None:
        """Begin to count the next message. Raises: RemoteError past the limit."""
        self._message = 0
        self._messages += 1
        if self._messages > MOST_MESSAGES:
            raise _too_large(f"more than {MOST_MESSAGES} messages")

    def add(self, count: int) -> None:
        """Count bytes. Raises: RemoteError past a limit."""
        self._total += count
        self._message += count
        for counted, most, what in (
            (self._message, self._limits.frame_bytes, "one answer"),
            (self._total, self._limits.total_bytes, "answers"),
        ):
            if counted > most:
                raise _too_large(f"{what} of more than {most / MIB:g} MiB")


class BoundedBody(httpx.AsyncByteStream):
    """A body, decoded, that ends with an error where it is too large."""

    def __init__(self, raw: httpx.AsyncByteStream, meter: Meter, *, gzipped: bool) -> None:
        self._raw = raw
        self._meter = meter
        self._unzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if gzipped else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._raw:
            self._meter.add(len(chunk))
            if self._unzip is None:
                yield chunk
                continue
            for piece in _unzipped(self._unzip, chunk):
                self._meter.add(len(piece))
                yield piece

    async def aclose(self) -> None:
        """See ``httpx.AsyncByteStream``."""
        await self._raw.aclose()


class _Unzip(Protocol):
    """What zlib's own type, which has no public name, does."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def bounded(response: httpx.Response, meter: Meter) -> httpx.Response:
    """Return ``response`` with a body that is decoded and counted.

    Raises: RemoteError for an encoding that was not offered.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise RemoteError(
            Reason.PROTOCOL_ERROR,
            f"the answer is encoded as {encoding[:40]!r}, which was not offered",
            "report it to who runs the server",
        )
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError(f"a body that cannot be awaited: {response.stream!r}")
    # JSON and event streams are UTF-8, whatever charset is said: some make the library's decoder fail.
    headers = [
        (name, value.partition(b";")[0] if name.lower() == b"content-type" else value)
        for name, value in response.headers.raw
        if name.lower() != b"content-encoding"
    ]
    body = BoundedBody(response.stream, meter, gzipped="gzip" in encoding)
    return httpx.Response(response.status_code, headers=headers, stream=body, extensions=response.extensions)


def _too_large(detail: str) -> RemoteError:
    hint = "no honest tool list is that large; report it to who runs the server"
    return RemoteError(Reason.TOO_LARGE, detail, hint)


def _unzipped(unzip: _Unzip, chunk: bytes) -> Iterator[bytes]:
    """Yield what ``chunk`` unpacks to, in small pieces; what follows the end of the gzip member is dropped."""
    while not unzip.eof:
        try:
            piece = unzip.decompress(chunk, CHUNK)
        except zlib.error as error:
            raise RemoteError(
                Reason.PROTOCOL_ERROR, f"the answer is not gzip: {error}", "report it to who runs the server"
            ) from error
        if piece:
            yield piece
        chunk = unzip.unconsumed_tail
        if not chunk and len(piece) < CHUNK:
            return
