"""The connection pool of a process, for sync calls: every connect, read and write in it is held to the deadline.

A signal handler may raise between any two bytecodes (Ctrl-C, an alarm, a worker's time limit). So nothing here is
locked, a connection moves from one list to another in one step of C, and a call that was interrupted while it cleaned
up is found again by ``Places.purge``. What one warm call runs is in this file alone.
"""

import atexit
import os
import select
import ssl
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any
from weakref import ref

import httpcore
import httpx

from .. import limits as numbers
from .._engine.signals import comes_from_handler
from .connections import (
    LIMITS,
    PROXY_VARIABLES,
    Origin,
    Proxy,
    announces_body_in_vain,
    hold_one_connection,
    parser_of,
    proxy_errors_as_unsent,
    proxy_for,
    tls_context,
)
from .places import Places, open_gates, wait_in_line
from .sync_connecting import SyncConnecting

_SHARED: dict[int, "DeadlineTransport"] = {}


def shared_transport() -> httpx.BaseTransport:
    """Return this process's pool; a forked child gets its own."""
    # Without a lock, which a child that is forked while another thread holds it could never take.
    return _SHARED.get(os.getpid()) or _SHARED.setdefault(os.getpid(), _open_shared(os.getpid()))


def _open_shared(pid: int) -> "DeadlineTransport":
    transport = _SharedTransport()
    atexit.register(transport.close)
    for other in set(_SHARED) - {pid}:
        # A child's copies of its parent's sockets would keep the connections open after the parent has closed them.
        _SHARED.pop(other, transport).close()
    return transport


class DeadlineTransport(httpx.BaseTransport):
    """A pool of connections that holds every connect, read and write to an action's deadline; HTTP/1.1.

    The process's shared pool is one. To own connections, make one, give it to your clients, and close it.
    """

    _asks_environment = False

    def __init__(
        self, *, verify: ssl.SSLContext | None = None, limits: httpx.Limits = LIMITS, proxy: Proxy = None
    ) -> None:
        """Open nothing yet.

        Args:
            verify: TLS context; default: the process's own, which trusts what httpx trusts.
            limits: How many connections may be open and idle, and for how long; default: 100, 100, 30 s.
            proxy: URL of a proxy; the environment is not asked.
        """
        self._verify, self._proxy = verify, proxy
        self._places: Places[_Connection] = Places(limits)
        if proxy is not None:
            # What is wrong with a proxy's URL is raised here, where it was passed.
            httpx.HTTPTransport(verify=verify or tls_context(), proxy=proxy).close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the connection to its origin that was used last, or over a new one."""
        places, url = self._places, request.url
        deadline = request.extensions.get("deadline", float("inf"))
        proxy = proxy_for(url) if self._asks_environment and any(map(os.environ.get, PROXY_VARIABLES)) else None
        origin = (url.scheme, url.netloc, proxy)
        lease = _Lease(places)
        try:
            if len(places.line) > places.most:
                wait_in_line(places, lease, request)
            if time.monotonic() >= places.sweep_at:
                places.sweep(time.monotonic())
            held, idle = lease.held, places.idle.get(origin)
            while idle and not held:
                with suppress(IndexError):
                    held.extend(map(deque.pop, (idle,)))
                # The server has closed the connection or sent more than an answer.
                if held and held[0].stream.readable():
                    held[0].discard()
                    held.clear()
            if not held:
                places.make_room_to_open()
                held.append(_Connection(url, origin, self._verify or tls_context(), proxy or self._proxy))
            stream = held[0].stream
            stream.deadline, stream.sent = deadline, False
            response = held[0].handle_request(request)
            lease.body, response.stream = response.stream, lease
            lease.keep = response.status_code not in {204, 304} or not announces_body_in_vain(response)
        except BaseException:
            lease.release()
            raise
        return response

    def close(self) -> None:
        """Close every connection."""
        self._places.close()


class _SharedTransport(DeadlineTransport):
    _asks_environment = True


class _Lease(httpx.SyncByteStream):
    """A call's place in the line with its connection, and the body of the answer, whose end gives both back."""

    body: Any = None
    keep = False
    gate: Any = None

    def __init__(self, places: "Places[_Connection]") -> None:
        self.held: list[_Connection] = []
        self.ended: list[bool] = []
        self._places = places
        places.line[id(self.held)] = (ref(self), self.held)

    def __iter__(self) -> Iterator[bytes]:
        # Gives the body, then nothing more but the note that it ended.
        return chain(self.body, filter(self.ended.append, (True,)))

    def close(self) -> None:
        """Keep the connection if nothing follows the answer, else close it; make the place free."""
        try:
            self.body.close()
            held, places = self.held, self._places
            if self.ended and self.keep and held and held[0].at_rest():
                connection = held[0]
                connection.idle_since = time.monotonic()
                places.sweep_at = min(places.sweep_at, connection.idle_since + places.expiry_s)
                idle = places.idle.get(connection.origin)
                if idle is None:
                    idle = places.idle.setdefault(connection.origin, deque())
                # In one step of C: it is never in both lists, where two calls could use it, and never in neither.
                idle.extend(map(list.pop, (held,)))
                if places.kept < places.most:
                    places.make_room(places.kept)
        finally:
            self.release()

    def release(self) -> None:
        """Close the connection if there still is one, and let the next call have the place."""
        for connection in self.held:
            connection.discard()
        line = self._places.line
        line.pop(id(self.held), None)
        if len(line) >= self._places.most:
            open_gates(self._places)


class _Connection(httpx.HTTPTransport):
    """A transport with one connection."""

    idle_since = 0.0
    _parser: Any = None

    def __init__(self, url: httpx.URL, origin: Origin, verify: ssl.SSLContext, proxy: Proxy) -> None:
        with proxy_errors_as_unsent(proxy):
            super().__init__(verify=verify, proxy=proxy)
        self.origin = origin
        self.stream = _Stream()
        hold_one_connection(self, url, self.stream)

    def at_rest(self) -> bool:
        """Tell whether the answer has ended and nothing came after it."""
        connection: Any = self._pool
        self._parser = self._parser or parser_of(connection)
        if not connection.is_idle() or self._parser.trailing_data != (b"", False):
            return False
        unpacked = getattr(self.stream.sock, "pending", None)
        return not (unpacked and unpacked())

    def discard(self) -> None:
        """Close the socket at once, without waiting for anything."""
        self.stream.close()


class _Stream(SyncConnecting):
    """Reads and writes one connection, within the deadline of the request under way."""

    sent = False
    """Whether any of the request under way has been sent."""
    _unsent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            # A server that took no more of the request may have answered all the same.
            with suppress(httpcore.WriteError):
                self._send(timeout)
        left = min(self.deadline - time.monotonic(), numbers.LONGEST_DEADLINE_S if timeout is None else timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        try:
            self.sock.settimeout(left)
            return bytes(self.sock.recv(max(max_bytes, numbers.READ_BYTES)))
        except OSError as exc:
            if comes_from_handler(exc):
                raise
            raise (httpcore.ReadTimeout if isinstance(exc, TimeoutError) else httpcore.ReadError)(str(exc)) from exc

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Head and body of a small request leave as one piece, when the answer is asked for.
        self._unsent = self._unsent + buffer if self._unsent else buffer
        if len(self._unsent) > numbers.HELD_BYTES:
            self._send(timeout)

    def _send(self, timeout: float | None) -> None:
        rest, self._unsent = memoryview(self._unsent), b""
        # A loop of the socket's own would give each piece that the server takes the whole time again.
        while rest:
            left = min(self.deadline - time.monotonic(), numbers.LONGEST_DEADLINE_S if timeout is None else timeout)
            if left <= 0:
                raise (httpcore.WriteTimeout if self.sent else httpcore.ConnectTimeout)("the deadline has passed")
            self.sent = True
            try:
                self.sock.settimeout(left)
                rest = rest[self.sock.send(rest) :]
            except OSError as exc:
                if comes_from_handler(exc):
                    raise
                late = isinstance(exc, TimeoutError)
                raise (httpcore.WriteTimeout if late else httpcore.WriteError)(str(exc)) from exc

    def readable(self) -> bool:
        """Tell whether the socket has something to read, if only the end."""
        descriptor = self.sock.fileno()
        if descriptor < 0:
            return True
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
