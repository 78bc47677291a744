"""A server that keeps its connections open and counts them; each answer is written by the test."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeAlias

from hostile.wire import Writer, read_body

Answer: TypeAlias = Callable[[bytes, Writer], Awaitable[None]]
"""Writes the answer to a request, given its head; may close the connection."""


def ok(body: bytes) -> bytes:
    """Return a whole answer that leaves the connection open."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def says(answer: bytes) -> Answer:
    """Answer every request alike."""

    async def write(_: bytes, writer: Writer) -> None:
        writer.write(answer)

    return write


class KeepAliveServer:
    """Serves on a loop of its own, in a thread."""

    def __init__(self, answer: Answer) -> None:
        self.requests = 0
        self.connections = 0
        self.open = 0
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open += 1
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await read_body(reader, head)
                self.requests += 1
                await self._answer(head, writer)
        with suppress(OSError, asyncio.CancelledError):
            writer.close()
            await writer.wait_closed()
        self.open -= 1


class Gate:
    """An answer that is held back until so many requests wait for it at once."""

    def __init__(self, width: int, answer: bytes) -> None:
        self.held = 0
        self._width, self._answer = width, answer
        self._opened = asyncio.Event()

    async def __call__(self, head: bytes, writer: Writer) -> None:
        """Answer once the gate is open."""
        self.held += 1
        if self.held >= self._width:
            self._opened.set()
        await self._opened.wait()
        writer.write(self._answer)
