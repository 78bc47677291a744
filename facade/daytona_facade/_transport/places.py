"""What the sync and the async pool share: the line of calls, and the idle connections of each origin.

Nothing here takes a lock, and no count is kept apart from what it counts: a signal handler may raise between any two
bytecodes, and what it leaves behind is found again. A call is an entry in ``line``: the first ``most`` entries may hold
a connection, the others wait, in order. ``purge`` removes the entries whose call is gone.
"""

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar
from weakref import ref

import httpx

from .connections import Origin, wait_until

_MANY_ORIGINS = 256
_PURGE_S = 0.1
_LOOK_AGAIN_S = 0.25


class Closable(Protocol):
    """A transport with one connection."""

    idle_since: float

    def discard(self) -> None:
        """Close the socket at once, without waiting for anything."""


C = TypeVar("C", bound=Closable)


class Places(Generic[C]):
    """Who may hold a connection, and which connections are idle; bounded over all origins."""

    def __init__(self, limits: httpx.Limits) -> None:
        self.most = sys.maxsize if limits.max_connections is None else limits.max_connections
        kept = sys.maxsize if limits.max_keepalive_connections is None else limits.max_keepalive_connections
        self.kept = min(self.most, kept)
        self.expiry_s = float("inf") if limits.keepalive_expiry is None else limits.keepalive_expiry
        self.line: dict[int, tuple[ref[Any], list[C]]] = {}
        """Each call's lease, and the list that holds its connection."""
        self.idle: dict[Origin, deque[C]] = {}
        """Last used last."""
        self.sweep_at = float("inf")
        """When the connection that has been idle longest expires."""
        self._purged_at = 0.0

    def make_room(self, kept: int) -> None:
        """Close the connections that have been idle longest until no more than ``kept`` are left."""
        for _ in range(sum(map(len, list(self.idle.values()))) - kept):
            # Another thread may take any of them in between.
            with suppress(IndexError, ValueError):
                min(filter(None, list(self.idle.values())), key=_oldest).popleft().discard()

    def make_room_to_open(self) -> None:
        """Close what would be one connection too many, and what interrupted calls have left behind."""
        self.purge()
        self.make_room(max(0, self.most - len(self.line)))

    def sweep(self, now: float) -> None:
        """Close the connections that have been idle for too long."""
        for connection in self._expired(now - self.expiry_s):
            connection.discard()
        if len(self.idle) > _MANY_ORIGINS:
            for origin in [origin for origin, stack in list(self.idle.items()) if not stack]:
                self.idle.pop(origin, None)
        self.sweep_at = float("inf")
        with suppress(IndexError, ValueError):
            self.sweep_at = min(map(_oldest, filter(None, list(self.idle.values())))) + self.expiry_s

    def _expired(self, before: float) -> Iterator[C]:
        for stack in list(self.idle.values()):
            with suppress(IndexError):
                while stack and stack[0].idle_since <= before:
                    yield stack.popleft()

    def admits(self, key: int) -> bool:
        """Tell whether a call's place in the line allows it a connection."""
        if time.monotonic() > self._purged_at + _PURGE_S:
            self.purge()
        return list(self.line).index(key) < self.most

    def purge(self) -> None:
        """Remove the calls that were interrupted where they could not clean up, and close their connections."""
        self._purged_at = time.monotonic()
        for key, (lease, held) in list(self.line.items()):
            if lease() is None:
                for connection in held:
                    connection.discard()
                self.line.pop(key, None)

    def close(self) -> None:
        """Close every connection, idle or not."""
        self.make_room(0)
        for _, held in list(self.line.values()):
            for connection in list(held):
                connection.discard()


def wait_in_line(places: Places[Any], lease: Any, request: httpx.Request) -> None:
    """Wait in this thread, first come first served, until fewer calls than the pool has places are before this one."""
    until = wait_until(request)
    lease.gate = gate = threading.Lock()
    gate.acquire()
    while not places.admits(id(lease.held)):
        left = until - time.monotonic()
        if left <= 0:
            raise httpx.PoolTimeout("no connection became free")
        # The thread that should open the gate may have been interrupted on the way.
        gate.acquire(timeout=min(left, _LOOK_AGAIN_S))
    lease.gate = None


def open_gates(places: Places[Any]) -> None:
    """Let the threads go on whose turn it is."""
    for reference, _ in list(places.line.values())[: places.most]:
        gate = getattr(reference(), "gate", None)
        if gate is not None and gate.locked():
            # Another thread may have opened it in between.
            with suppress(RuntimeError):
                gate.release()


def _oldest(stack: deque[Any]) -> float:
    since: float = stack[0].idle_since
    return since
