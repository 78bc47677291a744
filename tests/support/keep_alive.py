"""A server that keeps its connections open and counts them; each answer is written by the test."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from hostile.wire import read_body
from support.loop_server import LoopServer, Writer

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


class KeepAliveServer(LoopServer):
    """Answers every request on its connections in the way that the test says."""

    backlog = 1024

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.requests = 0
        self.connections = 0
        self._answer = answer

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        """Answer the requests of one connection until it ends."""
        self.connections += 1
        while not writer.is_closing():
            head = await reader.readuntil(b"\r\n\r\n")
            await read_body(reader, head)
            self.requests += 1
            await self._answer(head, writer)


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
