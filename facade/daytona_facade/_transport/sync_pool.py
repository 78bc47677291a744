"""The connection pool of a process, for sync calls: every read and write in it is held to the action's deadline."""

import atexit
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore
import httpx

from .._engine.deadline import Deadline
from .connections import LIMITS, proxy_errors_as_unsent, proxy_for, tls_context

_RESOLVED_S = 10.0
_HELD_BYTES = 16 * 2**10
_READ_BYTES = 256 * 2**10
"""More than httpcore asks for: fewer reads take a tenth off the CPU time of a large download."""

_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def sync_transport(url: httpx.URL) -> httpx.BaseTransport:
    """Return this process's transport for a URL; a forked child gets its own."""
    transports, key = _transports(), (os.getpid(), proxy_for(url))
    # Without a lock: a child forked while another thread holds one would wait for it for ever.
    return transports.get(key) or transports.setdefault(key, _made(*key))


@contextmanager
def deadline_of_this_thread(deadline: Deadline) -> Iterator[None]:
    """Hold every read and write of the sync transport in this thread to a deadline."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


@cache
def _transports() -> dict[tuple[int, str | None], httpx.BaseTransport]:
    return {}


def _made(pid: int, proxy: str | None) -> httpx.BaseTransport:
    with proxy_errors_as_unsent(proxy):
        transport = DeadlineTransport(proxy=proxy)

    def close() -> None:
        # What a forked child inherits is its parent's to close.
        if os.getpid() == pid:
            transport.close()

    atexit.register(close)
    return transport


class DeadlineTransport(httpx.HTTPTransport):
    """A pool of connections in which a server that sends a byte a second runs out of time as well; HTTP/1.1.

    The process's shared pool is one. For connections of your own make one, give it to your clients, and close it.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        limits: httpx.Limits = LIMITS,
        proxy: httpx.Proxy | httpx.URL | str | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            verify: TLS context; else the process's one, which trusts what httpx trusts.
            limits: How many connections there are, and are kept; else 100, 20 kept for 30 s.
            proxy: URL of a proxy; the environment is not asked.
        """
        super().__init__(verify=verify or tls_context(), limits=limits, proxy=proxy)
        # httpx offers no way to give its pool a network backend; httpcore does.
        self._pool._network_backend = _DeadlineBackend()  # noqa: SLF001


class _DeadlineBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        until = time.monotonic() + (_left(timeout, sent=False) or _RESOLVED_S)
        found = _resolved(host, port, until - time.monotonic())
        for rest in range(len(found), 0, -1):
            # Each address gets its share of the time, so that a dead one leaves some for the others.
            share = max(0.001, until - time.monotonic()) / rest
            try:
                stream = super().connect_tcp(found[-rest], port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if rest == 1:
                    raise
            else:
                return _DeadlineStream(stream)
        raise httpcore.ConnectError("the name has no address")


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._held = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._held:
            # A server that took no more of the request may have answered all the same.
            with suppress(httpcore.WriteError):
                self._send(timeout)
        return self._stream.read(max(max_bytes, _READ_BYTES), _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Head and body of a small request leave as one piece, when the answer is asked for.
        self._held = self._held + buffer if self._held else buffer
        if len(self._held) > _HELD_BYTES:
            self._send(timeout)

    def _send(self, timeout: float | None) -> None:
        rest, self._held = memoryview(self._held), b""
        if isinstance(self.get_extra_info("ssl_object"), ssl.SSLObject):
            # TLS within a proxy's TLS: the socket is the proxy's, and what goes there directly is for its eyes.
            self._stream.write(bytes(rest), _left(timeout))
            return
        sock = self.get_extra_info("socket")
        try:
            # The stream's own loop gives each piece that the server takes the whole time again.
            while rest:
                sock.settimeout(_left(timeout))
                rest = rest[sock.send(rest) :]
        except TimeoutError as exc:
            raise httpcore.WriteTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, sent=False)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, *, sent: bool = True) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline.left(sent=sent)
    return left if timeout is None else min(timeout, left)


def _resolved(host: str, port: int, timeout: float) -> list[str]:
    """Look a name up in a thread of its own: the system's resolver knows no deadline."""
    if ":" in host or host.replace(".", "").isdigit():
        return [host]
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put([str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as exc:
            answers.put(exc)

    threading.Thread(target=ask, name="daytona-facade-resolver", daemon=True).start()
    try:
        found = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
    if isinstance(found, list):
        return found
    try:
        raise found  # noqa: TRY301 - raised to be the context of the next
    except Exception as exc:
        # httpcore cuts off the cause on its way; only the context of an exception under way stays.
        raise httpcore.ConnectError(str(exc)) from exc
