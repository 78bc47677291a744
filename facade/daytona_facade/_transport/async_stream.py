"""One connection of an event loop: makes it, then reads and writes it, through a layer of TLS or two.

The socket is the stream's own, not an event loop's transport: it can be closed at once, even after its loop was closed,
and what has arrived on it beyond an answer shows.
"""

import asyncio
import select
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import httpcore

from .. import limits
from .happy_eyeballs import connect


class _Tls(NamedTuple):
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    session: ssl.SSLObject


class AsyncStream(httpcore.AsyncNetworkBackend, httpcore.AsyncNetworkStream):
    """A connection for httpcore: its backend and its stream in one."""

    deadline = float("inf")
    sent = False
    """Whether any of the request under way has been sent."""
    _held = b""
    _sock: Any = None

    def __init__(self) -> None:
        self._layers: list[_Tls] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        left = self._left(limits.CONNECT_S if timeout is None else timeout)
        try:
            async with asyncio.timeout(left):
                self._sock = await connect(host, port)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        return self

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = ssl_context.wrap_bio(incoming, outgoing, server_hostname=server_hostname)
        layers = [*self._layers, _Tls(incoming, outgoing, session)]
        try:
            async with asyncio.timeout(self._left(timeout)):
                # A CONNECT request to a proxy is held until its answer is read, so nothing is held here.
                await self._through(layers, session.do_handshake)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        self._layers = layers
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's
        late = httpcore.ReadTimeout if self.sent else httpcore.ConnectTimeout
        try:
            async with asyncio.timeout(self._left(timeout, late)):
                if self._held:
                    # A server that took no more of the request may have answered all the same.
                    with suppress(OSError):
                        await self._send_held()
                return await self._receive(self._layers)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout(str(exc)) from exc
        except ssl.SSLEOFError:
            return b""
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        # Head and body of a small request leave as one piece, when the answer is asked for.
        self._held = self._held + buffer if self._held else buffer
        if len(self._held) <= limits.HELD_BYTES:
            return
        late = httpcore.WriteTimeout if self.sent else httpcore.ConnectTimeout
        try:
            async with asyncio.timeout(self._left(timeout, late)):
                await self._send_held()
        except TimeoutError as exc:
            raise httpcore.WriteTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket at once, without waiting for anything."""
        if self._sock is not None:
            self._sock.close()

    def readable(self) -> bool:
        """Tell whether the socket has something to read, if only the end."""
        if self._sock is None or self._sock.fileno() < 0:
            return True
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def pending(self) -> bool:
        """Tell whether TLS holds more than was read."""
        return any(layer.incoming.pending or layer.session.pending() for layer in self._layers)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._layers[-1].session if self._layers else None
        if info == "is_readable":
            return self.readable()
        if info == "client_addr":
            return self._sock.getsockname()
        if info == "server_addr":
            return self._sock.getpeername()
        return self._sock if info == "socket" else None

    def _left(self, timeout: float | None, late: type[Exception] = httpcore.ConnectTimeout) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise late("the deadline has passed")
        return min(left, limits.LONGEST_DEADLINE_S if timeout is None else timeout)

    async def _send_held(self) -> None:
        data, self._held, self.sent = self._held, b"", True
        if self._layers:
            await self._write_all(self._layers, data)
        else:
            await self._send(data)

    async def _write_all(self, layers: list[_Tls], data: bytes) -> None:
        if not layers:
            await self._send(data)
            return
        rest = memoryview(data)
        while rest:
            # One TLS record at a time: the rest waits outside, not in a buffer.
            rest = rest[await self._through(layers, layers[-1].session.write, rest[: limits.HELD_BYTES]) :]

    async def _send(self, data: bytes) -> None:
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            await asyncio.get_running_loop().sock_sendall(self._sock, memoryview(data)[sent:])

    async def _receive(self, layers: list[_Tls]) -> bytes:
        if not layers:
            return bytes(await asyncio.get_running_loop().sock_recv(self._sock, limits.READ_BYTES))
        try:
            return bytes(await self._through(layers, layers[-1].session.read, limits.READ_BYTES))
        except ssl.SSLZeroReturnError:
            return b""

    async def _through(self, layers: list[_Tls], step: Callable[..., Any], *args: Any) -> Any:
        """Take a step of a TLS session, and pass its bytes between it and what is below until the step succeeds."""
        *below, layer = layers
        while True:
            try:
                result = step(*args)
            except ssl.SSLWantReadError:
                await self._flush(below, layer)
                if received := await self._receive(below):
                    layer.incoming.write(received)
                else:
                    layer.incoming.write_eof()
            else:
                await self._flush(below, layer)
                return result

    async def _flush(self, below: list[_Tls], layer: _Tls) -> None:
        if layer.outgoing.pending:
            await self._write_all(below, layer.outgoing.read())
