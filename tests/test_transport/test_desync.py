"""No answer reaches another call than the one it belongs to, whatever a server sends behind it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from daytona_facade import AsyncDaytona, Daytona, fast
from support.keep_alive import KeepAliveServer, ok
from support.loop_server import Writer
from support.polling import await_until, wait_until


def _sandbox(name: str) -> bytes:
    return ok(b'{"id": "%s", "name": "%s"}' % (name.encode(), name.encode()))


_FOREIGN = _sandbox("first-foreign")
_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + b'{"id": "first-tenant' + b"\r\n"
_SHAPES = {
    "204 with a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: %d\r\n\r\n" % len(_FOREIGN), _FOREIGN),
    "204 and an answer": (b"HTTP/1.1 204 No Content\r\n\r\n", _FOREIGN),
    "304 with a body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(_FOREIGN), _FOREIGN),
    "a length too short": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", _FOREIGN),
    "an error with a length too short": (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", _FOREIGN),
    "bytes after the last chunk": (_CHUNKS + b"2\r\n" + b'"}' + b"\r\n0\r\n\r\n", _FOREIGN),
    "two answers": (_sandbox("first-tenant"), _FOREIGN),
    "garbage": (_sandbox("first-tenant"), b"\x16\x03\x01garbage" * 10),
    "an empty line": (_sandbox("first-tenant"), b"\r\n"),
    "half an answer": (_sandbox("first-tenant"), _FOREIGN[:30]),
}


class _Tenants:
    """Sends the shape to the first tenant, and an honest answer to the second."""

    def __init__(self, shape: tuple[bytes, bytes], late: bool) -> None:
        self.sent = 0
        self._shape, self._late = shape, late

    async def __call__(self, head: bytes, writer: Writer) -> None:
        if b"Bearer second" in head:
            writer.write(_sandbox("second-tenant"))
            return
        answer, rest = self._shape
        writer.write(answer if self._late else answer + rest)
        if self._late:
            await asyncio.sleep(0.02)
            writer.write(rest)
        self.sent += 1


def _options(server: KeepAliveServer) -> dict[str, Any]:
    return {"api_url": server.url, "retries": 0, "deadline_s": 5}


@pytest.mark.parametrize("late", [False, True], ids=["in one segment", "a moment later"])
@pytest.mark.parametrize("shape", _SHAPES)
def test_sync(shape: str, late: bool) -> None:
    """The second tenant gets its own answer from the sync pool, three times over."""
    tenants = _Tenants(_SHAPES[shape], late)
    with KeepAliveServer(tenants) as server:
        first, second = Daytona("first", **_options(server)), Daytona("second", **_options(server))
        for round_number in range(1, 4):
            first.get_sandbox("x")
            wait_until(lambda: tenants.sent == round_number)  # noqa: B023 - called within the round
            output: Any = second.get_sandbox("x")

            assert output.success, output.error
            assert output.sandbox.id == "second-tenant"


# What aiohttp has handed back to its own pool, it does not look at again: a rest that comes later is its next answer.
_ASYNC = {"pool": (None, False), "pool, a moment later": (None, True), "fast": (fast.transport, False)}


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize(("transport", "late"), _ASYNC.values(), ids=_ASYNC)
async def test_async(shape: str, transport: Callable[[], Any] | None, late: bool) -> None:
    """The second tenant gets its own answer from a loop's pool and from the fast transport."""
    tenants = _Tenants(_SHAPES[shape], late)
    with KeepAliveServer(tenants) as server:
        async with AsyncExitStack() as stack:
            shared = await stack.enter_async_context(transport()) if transport else None
            options = _options(server) | {"transport": shared}
            first, second = AsyncDaytona("first", **options), AsyncDaytona("second", **options)
            for round_number in range(1, 4):
                await first.get_sandbox("x")
                await await_until(lambda: tenants.sent == round_number)  # noqa: B023 - awaited within the round
                output: Any = await second.get_sandbox("x")

                assert output.success, output.error
                assert output.sandbox.id == "second-tenant"
