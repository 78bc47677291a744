"""The connection pools of event loops, for async calls: one for each loop, gone with it."""

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator
from functools import cache
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary, ref

import httpx

from .async_stream import AsyncStream
from .connections import (
    LIMITS,
    PROXY_VARIABLES,
    Origin,
    announces_body_in_vain,
    hold_one_connection,
    parser_of,
    proxy_errors_as_unsent,
    proxy_for,
    tls_context,
    wait_until,
)
from .places import Places


def shared_transport() -> httpx.AsyncBaseTransport:
    """Return the running loop's pool."""
    loop = asyncio.get_running_loop()
    found = _pools().get(loop)
    pool = found() if found else None
    if pool is None or pool.pid != os.getpid():
        pool = AsyncPool()
        _pools()[loop] = ref(pool)
    return pool


@cache
def _pools() -> "WeakKeyDictionary[asyncio.AbstractEventLoop, ref[AsyncPool]]":
    # Calls under way and the loop's own timer hold a pool, and nothing else does: when the loop is closed it lets go of
    # its timers, and the pool closes its sockets. To hold it here would keep the loop, because the pool knows the loop.
    return WeakKeyDictionary()


class AsyncPool(httpx.AsyncBaseTransport):
    """An event loop's pool of connections, which holds every connect, read and write to an action's deadline."""

    def __init__(self) -> None:
        self._places: Places[_Connection] = Places(LIMITS)
        self._timed = False
        self.pid = os.getpid()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the connection to its origin that was used last, or over a new one."""
        places, url = self._places, request.url
        deadline = request.extensions.get("deadline", float("inf"))
        proxy = proxy_for(url) if any(map(os.environ.get, PROXY_VARIABLES)) else None
        origin = (url.scheme, url.netloc, proxy)
        lease = _Lease(places, self)
        try:
            if len(places.line) > places.most:
                await lease.wait(wait_until(request))
            held, idle = lease.held, places.idle.get(origin)
            while idle and not held:
                held.append(idle.pop())
                # A server that has closed the connection, or sent more than an answer, makes the socket readable.
                if held[0].stream.readable():
                    held.pop().discard()
            if not held:
                places.make_room_to_open()
                held.append(_Connection(url, origin, proxy))
            stream = held[0].stream
            stream.deadline, stream.sent = deadline, False
            response = await held[0].handle_async_request(request)
            lease.body, response.stream = response.stream, lease
            lease.keep = response.status_code not in {204, 304} or not announces_body_in_vain(response)
        except BaseException:
            lease.release()
            raise
        return response

    def keep(self, connection: "_Connection") -> None:
        """Keep an idle connection until it expires."""
        places = self._places
        connection.idle_since = time.monotonic()
        places.idle.setdefault(connection.origin, deque()).append(connection)
        if not self._timed:
            self._sweep_in(places.expiry_s)

    def _sweep_in(self, seconds: float) -> None:
        self._timed = True
        # The handle is not kept: it holds the pool, and the loop alone holds the handle.
        asyncio.get_running_loop().call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        now = time.monotonic()
        self._places.sweep(now)
        self._timed = False
        if self._places.sweep_at < float("inf"):
            self._sweep_in(self._places.sweep_at - now)

    async def aclose(self) -> None:
        """Close every connection."""
        self._places.close()

    def __del__(self) -> None:
        self._places.close()


class _Lease(httpx.AsyncByteStream):
    """A call's place in the line with its connection, and the body of the answer, whose end gives both back."""

    body: Any = None
    keep = False
    _ended = False
    _turn: asyncio.Future[None] | None = None

    def __init__(self, places: "Places[_Connection]", pool: AsyncPool) -> None:
        self.held: list[_Connection] = []
        self._places, self._pool = places, pool
        places.line[id(self.held)] = (ref(self), self.held)

    async def wait(self, until: float) -> None:
        """Wait, first come first served, until fewer calls than the pool has places came before this one."""
        loop = asyncio.get_running_loop()
        self._turn = turn = loop.create_future()
        timer = loop.call_later(until - time.monotonic(), _too_late, turn)
        try:
            await turn
        finally:
            timer.cancel()
            self._turn = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.body:
            yield chunk
        self._ended = True

    async def aclose(self) -> None:
        """Keep the connection if nothing follows the answer, else close it; make the place free."""
        try:
            if self._ended and self.keep and self.held:
                await self.body.aclose()
                if self.held[0].at_rest():
                    self._pool.keep(self.held.pop())
        finally:
            self.release()

    def release(self) -> None:
        """Close the connection if there still is one, and let the next call have the place."""
        for connection in self.held:
            connection.discard()
        line, most = self._places.line, self._places.most
        if line.pop(id(self.held), None) and len(line) >= most:
            for lease, _ in islice(line.values(), most - 1, most):
                turn = getattr(lease(), "_turn", None)
                if turn is not None and not turn.done() and not turn.get_loop().is_closed():
                    turn.set_result(None)

    def __del__(self) -> None:
        self.release()


def _too_late(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(httpx.PoolTimeout("no connection became free"))


class _Connection(httpx.AsyncHTTPTransport):
    """A transport with one connection."""

    idle_since = 0.0
    _parser: Any = None

    def __init__(self, url: httpx.URL, origin: Origin, proxy: str | None) -> None:
        with proxy_errors_as_unsent(proxy):
            super().__init__(verify=tls_context(), proxy=proxy)
        self.origin = origin
        self.stream = AsyncStream()
        hold_one_connection(self, url, self.stream)

    def at_rest(self) -> bool:
        """Tell whether the answer has ended and nothing came after it."""
        connection: Any = self._pool
        self._parser = self._parser or parser_of(connection)
        if not connection.is_idle() or self._parser.trailing_data != (b"", False):
            return False
        return not self.stream.pending()

    def discard(self) -> None:
        """Close the socket at once, without waiting for anything."""
        self.stream.close()
