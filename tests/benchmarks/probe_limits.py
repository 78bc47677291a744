"""Probe: a download over the cap, and the requests of each action from cold. ``python probe_limits.py PORT``."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from meter import KEY, tell
from subjects import SANDBOX

from daytona_facade import ACTIONS, AsyncDaytona, Daytona

ARGUMENTS: dict[str, dict[str, Any]] = {
    "create_sandbox": {},
    "list_sandboxes": {},
    "run_code": {"code": "print(1)", "language": "python"},
    "execute_command": {"command": "true"},
    "upload_file": {"destination_path": "/a", "file_content_base64": "QUJD"},
    "download_file": {"file_path": "/data/big"},
    "git_clone": {"url": "https://example.com/a.git", "path": "a"},
}


class _Read(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that knows how much of it was read."""

    def __init__(self, stream: Any, counts: dict[str, int]) -> None:
        self._stream, self._counts = stream, counts

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._count(chunk)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._count(chunk)
            yield chunk

    def _count(self, chunk: bytes) -> None:
        self._counts["read"] += len(chunk)
        self._counts["largest"] = max(self._counts["largest"], len(chunk))

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()


class Counting(httpx.HTTPTransport, httpx.AsyncHTTPTransport):  # type: ignore[misc]
    """Daytona's cloud by name, the loopback server in fact; counts requests and the bytes of bodies."""

    def __init__(self, port: int) -> None:
        self._sync, self._async = httpx.HTTPTransport(), httpx.AsyncHTTPTransport()
        self._port = port
        self.counts = {"requests": 0, "read": 0, "largest": 0}

    def _redirected(self, request: httpx.Request) -> httpx.Request:
        self.counts["requests"] += 1
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )

    def _counted(self, response: httpx.Response) -> httpx.Response:
        return httpx.Response(
            response.status_code, headers=response.headers, stream=_Read(response.stream, self.counts)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._counted(self._sync.handle_request(self._redirected(request)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._counted(await self._async.handle_async_request(self._redirected(request)))


def requests_from_cold(port: int) -> dict[str, int]:
    """Count each action's requests, on a client that has seen nothing and knows an ID."""
    seen = {}
    for name, action in ACTIONS.items():
        transport = Counting(port)
        given = {"sandbox_id": SANDBOX} if "sandbox_id" in {p.name for p in action.parameters} else {}
        action.run(Daytona(KEY, transport=transport), **given, **ARGUMENTS.get(name, {})).raise_for_failure()
        seen[name] = transport.counts["requests"]
    return seen


def over_the_cap(port: int, path: str, *, in_task: bool) -> dict[str, Any]:
    """Download what is too large: bytes of the body that were read, and in chunks of what size."""
    transport = Counting(port)
    if in_task:
        output = asyncio.run(AsyncDaytona(KEY, transport=transport).download_file(SANDBOX, path))
    else:
        output = Daytona(KEY, transport=transport).download_file(SANDBOX, path)
    kind = output.failure.kind if output.failure else None
    return transport.counts | {"kind": kind}


if __name__ == "__main__":
    port = int(sys.argv[1])
    figures: dict[str, Any] = {"requests": requests_from_cold(port)}
    for path in ("over", "endless"):
        figures[path] = [over_the_cap(port, f"/data/{path}", in_task=in_task) for in_task in (False, True)]
    tell(figures)
