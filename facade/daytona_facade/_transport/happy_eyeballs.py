"""Connecting to a host with several addresses (RFC 8305): a dead one holds nothing up."""

import asyncio
import socket
from contextlib import suppress
from typing import Any, TypeAlias

_Address: TypeAlias = tuple[Any, Any]
_HEAD_START_S = 0.25


async def connect(host: str, port: int) -> socket.socket:
    """Return a connected socket of the address that answers first."""
    addresses = await _addresses(host, port)
    if len(addresses) == 1:
        return await _connect_to(addresses[0])
    attempts: set[asyncio.Task[socket.socket]] = set()
    error: BaseException = OSError("the name has no address")
    try:
        while addresses or attempts:
            if addresses:
                attempts.add(asyncio.create_task(_connect_to(addresses.pop(0))))
            await asyncio.wait(
                attempts, timeout=_HEAD_START_S if addresses else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in [attempt for attempt in attempts if attempt.done()]:
                attempts.discard(attempt)
                failed = attempt.exception()
                if failed is None:
                    return attempt.result()
                error = failed
        raise error
    finally:
        for attempt in attempts:
            attempt.add_done_callback(_close)
            attempt.cancel()


async def _addresses(host: str, port: int) -> list[_Address]:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            # No thread and no resolver for what is an address already.
            socket.inet_pton(family, host)
            return [(family, (host, port))]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


async def _connect_to(address: _Address) -> socket.socket:
    sock = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address[1])
    except BaseException:
        sock.close()
        raise
    return sock


def _close(attempt: asyncio.Task[socket.socket]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
