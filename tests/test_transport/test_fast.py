"""The fast transport: the same outputs over aiohttp, hundreds of calls at once, and nothing left open."""

import asyncio
import sys

import pytest

from daytona_facade import AsyncDaytona, fast
from daytona_facade.local import LocalDaytona
from hostile.wire import GOOD, HostileServer, Wire, then_hangs
from support.polling import await_until


async def test_many_calls_at_once_over_few_connections(local_backend: LocalDaytona) -> None:
    """Two hundred lookups over ten connections all come to the answer of the server, each to its own."""
    async with fast.transport(connections=10) as transport:
        daytona = AsyncDaytona(local_backend.api_key, api_url=local_backend.api_url, transport=transport, retries=0)
        names = [f"no-such-sandbox-{number}" for number in range(200)]
        outputs = await asyncio.gather(*(daytona.get_sandbox(name) for name in names))

    for name, output in zip(names, outputs, strict=True):
        assert output.failure is not None
        assert output.failure.kind == "not_found"
        assert name in output.failure.message


async def test_a_closed_transport_is_a_failure_not_an_exception() -> None:
    """The block's end closes the connections; a call after it returns a failure that says why, and sends nothing."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD)
    with HostileServer([Wire("keeps the connection", then_hangs(answer))]) as server:
        async with fast.transport() as transport:
            daytona = AsyncDaytona("key", api_url=server.url(0), transport=transport)
            assert (await daytona.list_sandboxes()).success
            assert not server.idle()
        await await_until(server.idle)
        late = await daytona.list_sandboxes()

    assert late.failure is not None
    assert "closed" in late.failure.message
    assert len(server.requests) == 1


async def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without aiohttp the error says what to install."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    with pytest.raises(ImportError, match=r"daytona-facade\[fast\]"):
        async with fast.transport():
            pass
