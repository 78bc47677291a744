"""Standard input and output as the transport: served until the client goes or a signal ends it."""

import asyncio
import os
import queue
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, cast

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError

from .malformed import rejection

_GRACE_S = 0.5
"""How long an orderly end may take after a signal."""


def serve_stdio(server: Server[Any], clean_up: Callable[[], object]) -> signal.Signals | None:
    """Serve until standard input ends or SIGINT or SIGTERM arrives, clean up, and return that signal.

    If serving does not end in time after a signal, another thread cleans up and exits the process.
    """
    lock = threading.Lock()

    def clean_up_alone() -> None:
        # The other thread must not exit while this one cleans up.
        with lock:
            clean_up()

    try:
        ended_by = anyio.run(_serve, server, clean_up_alone)
    except* BrokenPipeError:
        sys.stderr.write("MCP server: the client has closed the server's standard output\n")
        ended_by = None
    finally:
        clean_up_alone()
    return ended_by


async def _serve(server: Server[Any], clean_up: Callable[[], object]) -> signal.Signals | None:
    caught: list[signal.Signals] = []
    with anyio.CancelScope() as scope, _cancelled_by_signals(scope, caught, clean_up):

        async def reject(error: JSONRPCError) -> None:
            await outgoing.send(SessionMessage(error))

        lines = cast(anyio.AsyncFile[str], _messages(reject))
        async with stdio_server(stdin=lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    return caught[0] if caught else None


@contextmanager
def _cancelled_by_signals(
    scope: anyio.CancelScope, caught: list[signal.Signals], clean_up: Callable[[], object]
) -> Iterator[None]:
    """Cancel the scope at the first SIGINT or SIGTERM, except one that this process ignores."""
    loop = asyncio.get_running_loop()

    def cancel(number: int, _frame: object) -> None:
        if not caught:
            caught.append(signal.Signals(number))
            loop.call_soon_threadsafe(scope.cancel)
            # A thread may be stuck in a name lookup, or in a write that the client does not read.
            deadline = threading.Timer(_GRACE_S, _exit, [clean_up, 128 + number])
            deadline.daemon = True
            deadline.start()

    # Python allows signal handlers in the main thread only.
    main = threading.current_thread() is threading.main_thread()
    numbers = (signal.SIGINT, signal.SIGTERM) if main else ()
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, cancel)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(clean_up: Callable[[], object], code: int) -> None:
    try:
        clean_up()
    finally:
        os._exit(code)


async def _messages(reject: Callable[[JSONRPCError], Awaitable[None]]) -> AsyncIterator[str]:
    """Yield the lines that are messages; the SDK would drop the others, and their sender would wait for ever."""
    async for line in _standard_input():
        if not line.strip():
            continue
        if (error := rejection(line)) is None:
            yield line
        else:
            await reject(error)


async def _standard_input() -> AsyncIterator[str]:
    """Yield the lines of standard input.

    The SDK's own reader cannot be cancelled while it waits for a line, and keeps the process from ending. This one
    reads in a daemon thread, from a file object of its own that the interpreter does not close at exit.
    """
    loop = asyncio.get_running_loop()
    requests: queue.SimpleQueue[asyncio.Future[bytes]] = queue.SimpleQueue()
    file = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    threading.Thread(target=_read_lines, args=(file, requests, loop), daemon=True).start()
    while True:
        request = loop.create_future()
        requests.put(request)
        if not (line := await request):
            return
        yield line.decode("utf-8", "replace")


def _read_lines(
    file: BinaryIO, requests: "queue.SimpleQueue[asyncio.Future[bytes]]", loop: asyncio.AbstractEventLoop
) -> None:
    """Answer each request with the next line; an empty one is the end."""

    def answer(request: "asyncio.Future[bytes]", line: bytes) -> None:
        if not request.done():
            request.set_result(line)

    line = b"-"
    while line:
        request = requests.get()
        try:
            line = file.readline()
        except OSError:
            line = b""
        # The loop has closed when the server ended while this thread was reading.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(answer, request, line)
