"""Exchanges as they went over the wire: transports that keep them."""

from typing import cast

import attrs
import httpx


@attrs.frozen
class Exchange:
    """One request and its answer, both whole."""

    api: str
    """rest or toolbox."""
    path: str
    """As the API's spec knows it: without the server's address, still quoted."""
    request: httpx.Request
    status: int
    headers: httpx.Headers
    body: bytes

    def __str__(self) -> str:
        return f"{self.request.method} {self.path} -> {self.status}"


class Recording:
    """All exchanges of a client, in order."""

    def __init__(self, api_url: str, toolbox_url: str) -> None:
        self.exchanges: list[Exchange] = []
        self._api_url, self._toolbox_url = api_url, toolbox_url

    def keep(self, request: httpx.Request, answer: httpx.Response, body: bytes) -> httpx.Response:
        """Remember one exchange, and make the answer anew, since its body has been read."""
        api, path = place(request, self._api_url, self._toolbox_url)
        self.exchanges.append(Exchange(api, path, request, answer.status_code, answer.headers, body))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


def place(request: httpx.Request, api_url: str, toolbox_url: str) -> tuple[str, str]:
    """Tell which API a request is for, and its path there, still quoted."""
    url = str(request.url).partition("?")[0]
    if url.startswith(toolbox_url + "/"):
        _, _, path = url.removeprefix(toolbox_url + "/").partition("/")
        return "toolbox", "/" + path
    return "rest", url.removeprefix(api_url)


class Recorder(httpx.BaseTransport):
    """Keeps what goes through a transport."""

    def __init__(self, recording: Recording, transport: httpx.BaseTransport) -> None:
        self._recording, self._transport = recording, transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self._transport.handle_request(request)
        try:
            return self._recording.keep(request, answer, b"".join(cast(httpx.SyncByteStream, answer.stream)))
        finally:
            answer.close()

    def close(self) -> None:
        self._transport.close()


class AsyncRecorder(httpx.AsyncBaseTransport):
    """The same for async."""

    def __init__(self, recording: Recording, transport: httpx.AsyncBaseTransport) -> None:
        self._recording, self._transport = recording, transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = await self._transport.handle_async_request(request)
        try:
            body = b"".join([chunk async for chunk in cast(httpx.AsyncByteStream, answer.stream)])
        finally:
            await answer.aclose()
        return self._recording.keep(request, answer, body)

    async def aclose(self) -> None:
        await self._transport.aclose()
