"""The connections of the HTTP server: how many there are, and how long one may keep the server waiting."""

import asyncio
import logging
import socket
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from .. import limits


class BoundedConnection(H11Protocol):
    """A connection that is closed when the head of its request takes too long, or when its place is needed."""

    _waiting: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self._waiting is not None

    @property
    def deadline(self) -> float:
        """When the next request has to have begun, by the event loop's clock."""
        return self._waiting.when() if self._waiting is not None else 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for a new connection: the one that has been idle longest goes, if there are too many."""
        if len(self.connections) >= most_connections():
            # One that is being closed leaves the set a step of the event loop later.
            others = [other for other in self.connections if not other.transport.is_closing()]
            idle = [other for other in others if isinstance(other, BoundedConnection) and other.is_idle]
            if len(others) >= most_connections():
                oldest = min(idle, key=lambda other: other.deadline, default=None)
                (oldest.transport if oldest is not None else transport).abort()
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting once a request has begun."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait_for_head()
        super().on_response_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(limits.MCP_HEAD_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def most_connections() -> int:
    """Return how many connections leave half of this process's descriptors to its own calls."""
    try:
        import resource
    except ImportError:
        return limits.MCP_CONNECTIONS
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limits.MCP_CONNECTIONS if descriptors < 0 else min(limits.MCP_CONNECTIONS, descriptors // 2)


class HttpServer(uvicorn.Server):
    """Serves an application on a socket until SIGINT or SIGTERM."""

    def __init__(self, application: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            ws="none",
            http=BoundedConnection,
            backlog=limits.MCP_ACCEPTED_AT_ONCE,
            # A client's standing stream would keep an ending server for ever.
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._listener = listener

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, and block."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and let more connections wait than are accepted in one step of the event loop."""
        asyncio.get_running_loop().set_exception_handler(_report)
        await super().startup(sockets)
        self._listener.listen(limits.MCP_WAITING_CONNECTIONS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; what calls that are broken off say is the signal's doing, and no news."""
        loggers = [logging.getLogger(name) for name in ("uvicorn.error", "mcp")]
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            if self.server_state.tasks:
                sys.stderr.write(f"MCP server: ending with {len(self.server_state.tasks)} requests under way\n")
            await super().shutdown(sockets)
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report a connection that could not be accepted in one line; asyncio tries again a second later."""
    problem = context.get("exception")
    if isinstance(problem, OSError) and "socket.accept()" in str(context.get("message")):
        logging.getLogger("uvicorn.error").warning("a connection could not be accepted: %s", problem.strerror)
    else:
        loop.default_exception_handler(context)
