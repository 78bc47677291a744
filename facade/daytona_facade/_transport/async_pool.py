"""The connection pools of event loops, for async calls: one for each loop, closed with it."""

import asyncio
import weakref
from collections.abc import AsyncGenerator
from functools import cache
from typing import TypeAlias

import attrs
import httpx

from .connections import LIMITS, MAX_CONNECTIONS, proxy_errors_as_unsent, proxy_for, tls_context


@attrs.frozen(eq=False, repr=False)
class AsyncPool:
    """An event loop's pool, and the places in it: who waits for one does so outside, in order and at no cost."""

    transport: httpx.AsyncBaseTransport
    places: asyncio.Semaphore


async def async_pool(url: httpx.URL) -> AsyncPool:
    """Return the running loop's pool for a URL; it closes with the loop."""
    pools = _loop_pools().setdefault(asyncio.get_running_loop(), {})
    proxy = proxy_for(url)
    if proxy not in pools:
        life = _pool_life(pools, proxy)
        # Nothing in the first part of a pool's life waits, so no other task comes between.
        pools[proxy] = (await anext(life), life)
    return pools[proxy][0]


_Pools: TypeAlias = dict[str | None, tuple[AsyncPool, AsyncGenerator[AsyncPool, None]]]


@cache
def _loop_pools() -> "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Pools]":
    return weakref.WeakKeyDictionary()


async def _pool_life(pools: _Pools, proxy: str | None) -> AsyncGenerator[AsyncPool, None]:
    # An async generator, because a loop closes those when it shuts down, and gives no other sign of its end.
    with proxy_errors_as_unsent(proxy):
        transport = httpx.AsyncHTTPTransport(verify=tls_context(), limits=LIMITS, proxy=proxy)
    try:
        yield AsyncPool(transport, asyncio.Semaphore(MAX_CONNECTIONS))
    finally:
        del pools[proxy]
        await transport.aclose()
