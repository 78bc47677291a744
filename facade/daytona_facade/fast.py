"""A faster async transport, for hundreds of calls at once; comes with the extra ``fast``.

from daytona_facade import AsyncDaytona, fast

async with fast.transport() as transport:
    daytona = AsyncDaytona(transport=transport)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from . import limits


@asynccontextmanager
async def transport(connections: int = limits.FAST_CONNECTIONS) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """Open a transport over aiohttp for the running event loop, and close it with its connections at the end.

    More calls than ``connections`` at once wait their turn, each within its own deadline. No proxy is used.
    """
    try:
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
        from httpx_aiohttp import AiohttpTransport
    except ImportError as exc:
        raise ImportError("the fast transport needs an extra: pip install 'daytona-facade[fast]'") from exc

    from ._transport.connections import tls_context

    connector = TCPConnector(limit=connections, keepalive_timeout=30, ssl=tls_context())
    async with ClientSession(
        connector=connector, cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=None), auto_decompress=False
    ) as session:
        yield AiohttpTransport(verify=tls_context(), client=session)
