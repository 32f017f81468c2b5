"""Bodies of a server's HTTP answers: JSON and event streams, read within bounds."""

from collections.abc import AsyncIterator

import httpx
from httpx_sse import EventSource

from catalog.gateway.base import ChannelClosed
from catalog.gateway.bounds import MESSAGE_BYTES, MIB

EVENT_STREAM = "text/event-stream"


class TooLarge(ChannelClosed):
    """A message of a server is larger than any may be."""


class _Counted(httpx.AsyncByteStream):
    """A body that ends with an error where one message of it is too large."""

    def __init__(self, raw: httpx.AsyncByteStream) -> None:
        self._raw = raw
        self.count = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._raw:
            self.count += len(chunk)
            if self.count > MESSAGE_BYTES:
                raise TooLarge(f"the server's answer is larger than {MESSAGE_BYTES // MIB} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._raw.aclose()


def media_type(response: httpx.Response) -> str:
    """Return for example ``application/json``, in lower case."""
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()[:80]


async def messages(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the JSON texts of an answer, each on one line. Raises: ChannelClosed, httpx.HTTPError."""
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise ChannelClosed("the server's answer is compressed, which was not offered")
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError(f"a body that cannot be awaited: {response.stream!r}")
    counted = _Counted(response.stream)
    kind = media_type(response)
    # JSON and event streams are UTF-8, whatever charset is said.
    whole = httpx.Response(response.status_code, headers={"content-type": kind}, stream=counted)
    if kind == EVENT_STREAM:
        async for event in EventSource(whole).aiter_sse():
            counted.count = 0
            if event.event == "message" and event.data:
                yield _on_one_line(event.data.encode())
    elif kind == "application/json":
        yield _on_one_line(await whole.aread())
    else:
        raise ChannelClosed(f"the server's answer is of type {kind!r}, neither JSON nor events")


def _on_one_line(text: bytes) -> bytes:
    """Return JSON without line breaks: it has none that mean anything."""
    return text.replace(b"\r", b" ").replace(b"\n", b" ").strip()
