"""Making a connection for sync calls, within the deadline: name lookup, each address, TLS.

A socket is kept where it can be closed from the moment it exists: Python drops what a signal handler raises while it
destroys a socket that was left open.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from .. import limits
from .._engine.signals import comes_from_handler


class SyncConnecting(httpcore.NetworkBackend, httpcore.NetworkStream):
    """Makes one connection: httpcore's backend for it, and the cold half of its stream."""

    deadline = float("inf")
    sock: Any = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        until = time.monotonic() + self._left(limits.CONNECT_S if timeout is None else timeout)
        found = _addresses(host, port, until - time.monotonic())
        for rest in range(len(found), 0, -1):
            family, address = found[-rest]
            try:
                self.sock = socket.socket(family, socket.SOCK_STREAM)
                # Each address gets its share of the time, so that a dead one leaves some for the others.
                self.sock.settimeout(max(0.001, until - time.monotonic()) / rest)
                self.sock.connect(address)
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as exc:
                if comes_from_handler(exc):
                    raise
                self.close()
                if rest == 1:
                    raise _unreachable(exc) from exc
            else:
                return self
        raise httpcore.ConnectError("the name has no address")

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(timeout)
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock = _TlsInTls(self.sock, ssl_context, server_hostname)
            else:
                self.sock = ssl_context.wrap_socket(
                    self.sock, server_hostname=server_hostname, do_handshake_on_connect=False
                )
            self.sock.settimeout(left)
            self.sock.do_handshake()
        except OSError as exc:
            if comes_from_handler(exc):
                raise
            self.close()
            raise _unreachable(exc) from exc
        return self

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("the deadline has passed")
        return min(left, limits.LONGEST_DEADLINE_S if timeout is None else timeout)

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self.sock.session if isinstance(self.sock, _TlsInTls) else getattr(self.sock, "_sslobj", None)
        if info == "client_addr":
            return self.sock.getsockname()
        if info == "server_addr":
            return self.sock.getpeername()
        return self.sock if info == "socket" else None


class _TlsInTls:
    """A TLS session inside a proxy's TLS, with the methods of a socket that the stream uses."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, hostname: str | None) -> None:
        self._outer, self._until = outer, float("inf")
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        self.fileno, self.close = outer.fileno, outer.close
        self.getsockname, self.getpeername = outer.getsockname, outer.getpeername

    def settimeout(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def do_handshake(self) -> None:
        self._through(self.session.do_handshake)

    def recv(self, size: int) -> bytes:
        try:
            return bytes(self._through(self.session.read, size))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def send(self, data: memoryview) -> int:
        return int(self._through(self.session.write, data[: limits.HELD_BYTES]))

    def pending(self) -> int:
        return self.session.pending() + self._incoming.pending + self._outer.pending()

    def _through(self, step: Callable[..., Any], *args: Any) -> Any:
        while True:
            try:
                result = step(*args)
            except ssl.SSLWantReadError:
                self._flush()
                self._outer.settimeout(self._left())
                if received := self._outer.recv(limits.HELD_BYTES):
                    self._incoming.write(received)
                else:
                    self._incoming.write_eof()
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        rest = memoryview(self._outgoing.read())
        while rest:
            self._outer.settimeout(self._left())
            rest = rest[self._outer.send(rest) :]

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def _unreachable(exc: OSError) -> Exception:
    return (httpcore.ConnectTimeout if isinstance(exc, TimeoutError) else httpcore.ConnectError)(str(exc))


def _addresses(host: str, port: int, timeout: float) -> list[tuple[Any, Any]]:
    """Look a name up in a thread, which is left behind when time runs out: the system's resolver knows no deadline."""
    answers: queue.SimpleQueue[list[tuple[Any, Any]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as exc:
            answers.put(exc)

    if ":" in host or host.replace(".", "").isdigit():
        ask()
    else:
        threading.Thread(target=ask, name="daytona-facade-resolver", daemon=True).start()
    try:
        found = answers.get(timeout=max(timeout, 0.0))
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
    if isinstance(found, list):
        return found
    raise httpcore.ConnectError(str(found)) from found
