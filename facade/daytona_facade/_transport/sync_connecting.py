"""Making a connection for sync calls, within the deadline: name lookup, each address, TLS."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from .. import limits
from .._engine.signals import raise_what_a_handler_raised


class SyncConnecting(httpcore.SyncBackend, httpcore.NetworkStream):
    """Makes one connection: httpcore's backend for it, and the cold half of its stream."""

    deadline = float("inf")
    raw: Any = None
    """httpcore's own stream."""
    sock: Any = None
    nested = False
    """Whether there is TLS inside a proxy's TLS: the socket is the proxy's, and only httpcore's stream encrypts."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        until = time.monotonic() + self._left(limits.CONNECT_S if timeout is None else timeout)
        found = _addresses(host, port, until - time.monotonic())
        for rest in range(len(found), 0, -1):
            # Each address gets its share of the time, so that a dead one leaves some for the others.
            share = max(0.001, until - time.monotonic()) / rest
            try:
                self._use(super().connect_tcp(found[-rest], port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                raise_what_a_handler_raised(exc)
                if rest == 1:
                    raise
            else:
                return self
        raise httpcore.ConnectError("the name has no address")

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._use(self.raw.start_tls(ssl_context, server_hostname, self._left(timeout)))
        return self

    def _use(self, raw: httpcore.NetworkStream) -> None:
        self.raw, self.sock = raw, raw.get_extra_info("socket")
        self.nested = isinstance(raw.get_extra_info("ssl_object"), ssl.SSLObject)

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("the deadline has passed")
        return min(left, limits.LONGEST_DEADLINE_S if timeout is None else timeout)

    def close(self) -> None:
        if self.raw is not None:
            self.raw.close()

    def get_extra_info(self, info: str) -> Any:
        return None if self.raw is None else self.raw.get_extra_info(info)


def _addresses(host: str, port: int, timeout: float) -> list[str]:
    """Look a name up in a thread, which is left behind when time runs out: the system's resolver knows no deadline."""
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
        found = answers.get(timeout=max(timeout, 0.0))
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
    if isinstance(found, list):
        return found
    raise httpcore.ConnectError(str(found)) from found
