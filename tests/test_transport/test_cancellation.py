"""Cancellation passes and leaves nothing open; threads, loops, forks and proxies all find their way."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from daytona_facade import AsyncDaytona, Daytona
from hostile.canaries import CALLS, KEY
from hostile.wire import GOOD, OK, HostileServer, Wire, keeps_open, says, then_hangs
from support.callers import Caller, MockServer
from support.polling import await_until, wait_until

_STAGES = {
    "before an answer": b"",
    "in the head": b"HTTP/1.1 200 OK\r\nX: ",
    "in the body": OK + b"Content-Length: 100\r\n\r\n" + GOOD[:10],
    "in a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n[",
    "in a refusal": b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nno",
}
_KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD)


def _options(server: HostileServer, number: int = 0) -> dict[str, Any]:
    return {"api_url": server.url(number), "toolbox_url": server.url(number), "retries": 0, "deadline_s": 30}


@pytest.mark.parametrize("stage", _STAGES)
@pytest.mark.parametrize("action", ["create_sandbox", "download_file", "upload_file"])
async def test_a_cancelled_task_ends_at_once(stage: str, action: str) -> None:
    """CancelledError passes, and neither a connection nor a task stays behind."""
    with HostileServer([Wire(stage, then_hangs(_STAGES[stage]))]) as server:
        client = AsyncDaytona(KEY, **_options(server))
        before = asyncio.all_tasks()
        task = asyncio.create_task(getattr(client, action)(**CALLS[action]))
        await await_until(lambda: server.requests)
        # The answer's beginning has been sent by now, or is about to be: either is a stage.
        await asyncio.sleep(0)
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task

        await await_until(server.idle)
        assert before == asyncio.all_tasks()


async def test_a_cancelled_wait_for_a_retry() -> None:
    """A pause between attempts is cancelled like everything else."""
    server = MockServer(httpx.Response(429, headers={"Retry-After": "20"}))
    client = AsyncDaytona(KEY, api_url="http://api.invalid", transport=server.transport)
    task = asyncio.create_task(client.get_sandbox("x"))
    await await_until(lambda: server.requests)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(server.requests) == 1


async def test_cancelled_calls_free_their_places() -> None:
    """More cancelled calls than the pool has places leave it as it was."""
    with HostileServer([Wire("silent", then_hangs()), Wire("good", keeps_open(_KEPT))]) as server:
        silent, good = (AsyncDaytona(KEY, **_options(server, number)) for number in (0, 1))
        tasks = [asyncio.create_task(silent.get_sandbox("x")) for _ in range(150)]
        await await_until(lambda: len(server.requests) >= 100)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        outputs = await asyncio.gather(*(good.get_sandbox("x") for _ in range(120)))

    assert all(task.cancelled() for task in tasks)
    assert sum(output.success for output in outputs) == 120, [output.error for output in outputs if output.error][:1]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("stage", _STAGES)
def test_an_interrupt_passes(stage: str) -> None:
    """KeyboardInterrupt ends a sync call at any stage and closes its connection."""
    with HostileServer([Wire(stage, then_hangs(_STAGES[stage]))]) as server:
        client = Daytona(KEY, **_options(server))

        def interrupt() -> None:
            wait_until(lambda: server.requests)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            client.execute_command("x", "true")
        thread.join()

        wait_until(server.idle)
    assert len(server.requests) == 1


def test_one_client_in_many_threads() -> None:
    """Every thread gets its own answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": request.url.path.rpartition("/")[2]})

    client = Daytona(KEY, api_url="http://api.invalid", transport=MockServer(answer).transport)
    call: Any = client.get_sandbox
    with ThreadPoolExecutor(16) as threads:
        names = list(threads.map(lambda n: call(f"box-{n}").sandbox.id, range(500)))

    assert [f"box-{n}" for n in range(500)] == names


def test_one_client_in_many_loops() -> None:
    """A client made once works in each event loop, one after the other and side by side."""
    with HostileServer([Wire("good", says(_KEPT))]) as server:
        client = AsyncDaytona(KEY, **_options(server))

        async def call(_: int) -> bool:
            return (await client.get_sandbox("x")).success

        assert [asyncio.run(call(number)) for number in range(3)] == [True] * 3
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda number: asyncio.run(call(number)), range(8))) == [True] * 8


_FORK = """
    import os, sys, threading
    from daytona_facade import Daytona
    client = Daytona("k", api_url=sys.argv[1], toolbox_url=sys.argv[1], retries=0, deadline_s=10)
    assert client.get_sandbox("x").success
    stop = threading.Event()
    def busy():
        while not stop.is_set():
            client.get_sandbox("x")
    threads = [threading.Thread(target=busy) for _ in range(4)]
    [thread.start() for thread in threads]
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            os._exit(0 if client.get_sandbox("x").success else 1)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    stop.set()
    [thread.join() for thread in threads]
    assert client.get_sandbox("x").success
    sys.stdout.write(str(codes))
"""


def test_a_fork_while_threads_call() -> None:
    """A forked child calls on connections of its own, and the parent keeps its."""
    with HostileServer([Wire("good", says(OK + b"\r\n" + GOOD))]) as server:
        command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(_FORK), server.url(0)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.stdout == str([0] * 8), ended.stderr


def test_a_proxy_of_the_environment(caller_class: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go to the proxy that the environment names, with or without a scheme, unless NO_PROXY says not to."""
    with HostileServer([Wire("proxy", says(OK + b"\r\n" + GOOD))]) as server:
        for proxy in (f"http://127.0.0.1:{server.port}", f"127.0.0.1:{server.port}"):
            monkeypatch.setenv("HTTP_PROXY", proxy)
            with caller_class(KEY, api_url="http://far.invalid/0", retries=0, deadline_s=5) as call:
                assert call("get_sandbox", "x").success
        assert server.requests[0].startswith(b"GET http://far.invalid/0/sandbox/x HTTP/1.1")

        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", f"127.0.0.1:{server.port}")
        with caller_class(KEY, **_options(server)) as call:
            assert call("get_sandbox", "x").success


@pytest.mark.parametrize(
    "proxy", ["ftp://proxy.invalid", "socks5://user:Kreuzschnabel@127.0.0.1:1", "http://127.0.0.1:1"]
)
def test_a_proxy_that_cannot_be_used(proxy: str, caller_class: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no connection, nothing was sent, and its password is not shown."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with caller_class(KEY, api_url="http://far.invalid", retries=0, deadline_s=5) as call:
        output = call("create_sandbox")

    assert (output.failure.kind, output.failure.sent) == ("connection", False), output.error
    assert "Kreuzschnabel" not in output.error


async def test_a_transport_of_ones_own() -> None:
    """Over aiohttp: a lost answer may have been acted on and is not repeated, a refused connection was not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    scripts = [Wire("good", says(OK + b"\r\n" + GOOD)), Wire("lost", says()), Wire("silent", then_hangs())]
    with HostileServer(scripts) as server:
        async with AiohttpTransport() as transport:

            async def call(url: str) -> Any:
                client = AsyncDaytona(KEY, api_url=url, toolbox_url=url, deadline_s=1, transport=transport)
                return await client.execute_command("x", "true")

            good, lost, silent, refused = [await call(url) for url in (*map(server.url, range(3)), closed)]

    assert good.success, good.error
    assert [(o.failure.kind, o.failure.sent) for o in (lost, silent)] == [("connection", True), ("timeout", True)]
    assert not refused.failure.sent, refused.failure
    assert len(server.requests) == 3
