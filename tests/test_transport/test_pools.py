"""The pools keep connections by origin, hand them out in order, and let go of them."""

import asyncio
import resource
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from daytona_facade import AsyncDaytona, Daytona, DeadlineTransport
from hostile.canaries import KEY
from hostile.wire import GOOD
from support.callers import Caller
from support.keep_alive import Gate, KeepAliveServer, ok, says
from support.loop_server import Writer
from support.polling import await_until, wait_until

_GOOD = ok(GOOD)


def _options(server: KeepAliveServer, **more: Any) -> dict[str, Any]:
    return {"api_url": server.url, "toolbox_url": server.url, "retries": 0, "deadline_s": 10} | more


async def _answer_and_close(_: bytes, writer: Writer) -> None:
    writer.write(_GOOD)
    writer.close()


def test_two_origins_keep_their_connections(caller_class: type[Caller]) -> None:
    """The API and a toolbox proxy that are called in turn are served by one connection each."""
    with (
        KeepAliveServer(says(_GOOD)) as api,
        KeepAliveServer(says(_GOOD)) as toolbox,
        caller_class(KEY, **_options(api, toolbox_url=toolbox.url)) as call,
    ):
        for _ in range(20):
            assert call("get_sandbox", "x").success
            assert call("execute_command", "x", "true").success
        assert (api.connections, toolbox.connections) == (1, 1)


def test_a_connection_that_the_server_has_closed(caller_class: type[Caller]) -> None:
    """A kept connection that was closed meanwhile costs a POST nothing: it is sent once, over a new one."""
    with KeepAliveServer(_answer_and_close) as server, caller_class(KEY, **_options(server)) as call:
        for number in range(1, 6):
            output = call("execute_command", "x", "true")
            assert output.success, output.error
            wait_until(lambda: not server.open)
            assert server.requests == number


def test_the_last_used_connection_is_used_next() -> None:
    """A pool that has several idle connections uses the freshest one."""
    gate = Gate(3, _GOOD)
    with KeepAliveServer(gate) as server, DeadlineTransport() as transport:
        client = Daytona(KEY, **_options(server, transport=transport))
        with ThreadPoolExecutor(3) as threads:
            assert all(output.success for output in threads.map(client.get_sandbox, "abc"))
        for _ in range(5):
            assert client.get_sandbox("x").success
        assert server.connections == 3
        assert server.open == 3


def test_limits_of_a_transport_of_ones_own() -> None:
    """A transport keeps no more idle connections than it was told, and each no longer."""
    gate = Gate(4, _GOOD)
    limits = httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=0.2)
    with KeepAliveServer(gate) as server, DeadlineTransport(limits=limits) as transport:
        client = Daytona(KEY, **_options(server, transport=transport))
        with ThreadPoolExecutor(8) as threads:
            assert all(output.success for output in threads.map(client.get_sandbox, "abcdefgh"))
        wait_until(lambda: server.open == 2)
        assert server.connections >= 4
        before = server.connections
        time.sleep(0.25)
        assert client.get_sandbox("x").success
        assert server.connections == before + 1
        wait_until(lambda: server.open == 1)


def test_another_origin_takes_an_idle_place() -> None:
    """A pool that is full of one origin's idle connections closes one of them for another origin."""
    with (
        KeepAliveServer(says(_GOOD)) as one,
        KeepAliveServer(says(_GOOD)) as other,
        DeadlineTransport(limits=httpx.Limits(max_connections=1)) as transport,
    ):
        for _ in range(3):
            for server in (one, other):
                assert Daytona(KEY, **_options(server, transport=transport)).get_sandbox("x").success
        wait_until(lambda: one.open + other.open == 1)


def test_closing_closes_all() -> None:
    """A transport that is closed leaves no connection open, and may be used again."""
    with KeepAliveServer(says(_GOOD)) as server:
        transport = DeadlineTransport()
        client = Daytona(KEY, **_options(server, transport=transport))
        assert client.get_sandbox("x").success
        assert server.open == 1
        transport.close()
        wait_until(lambda: not server.open)
        assert client.get_sandbox("x").success
        transport.close()
        wait_until(lambda: not server.open)


def test_a_response_that_nobody_closes() -> None:
    """A plain httpx client that drops a response gives its place back."""
    with KeepAliveServer(says(_GOOD)) as server, DeadlineTransport(limits=httpx.Limits(max_connections=1)) as transport:
        for _ in range(3):
            transport.handle_request(httpx.Request("GET", server.url, extensions={"timeout": {"pool": 5.0}}))
        wait_until(lambda: server.open <= 1)
    assert server.requests == 3


def test_threads_wait_their_turn() -> None:
    """More threads than places wait, first come first served, each within its own deadline."""
    release, order = threading.Event(), []

    async def hold(head: bytes, writer: Writer) -> None:
        order.append(head.split()[1])
        if b"/first" in head:
            await asyncio.to_thread(release.wait, 10)
        writer.write(_GOOD)

    with KeepAliveServer(hold) as server, DeadlineTransport(limits=httpx.Limits(max_connections=1)) as transport:
        client = Daytona(KEY, **_options(server, transport=transport))
        line = transport._places.line
        with ThreadPoolExecutor(8) as threads:
            calls = [threads.submit(client.get_sandbox, "first")]
            wait_until(lambda: server.requests == 1)
            late: Any = client.with_options(deadline_s=0.3).get_sandbox("late")
            for number in range(5):
                calls.append(threads.submit(client.get_sandbox, f"n{number}"))
                wait_until(lambda: len(line) == number + 2)  # noqa: B023 - called within the round
            release.set()
            assert all(call.result().success for call in calls)

    assert (late.failure.kind, late.failure.sent) == ("timeout", False)
    assert order == [b"/sandbox/first", *(f"/sandbox/n{number}".encode() for number in range(5))]
    assert not line


async def test_tasks_wait_their_turn() -> None:
    """More tasks than places wait, first come first served, each within its own deadline."""
    order: list[bytes] = []
    gate = Gate(101, _GOOD)

    async def hold(head: bytes, writer: Writer) -> None:
        order.append(head.split()[1])
        await gate(head, writer)

    with KeepAliveServer(hold) as server:
        client = AsyncDaytona(KEY, **_options(server))
        first = [asyncio.create_task(client.get_sandbox("first")) for _ in range(100)]
        await await_until(lambda: server.requests == 100)
        late: Any = await client.with_options(deadline_s=0.3).get_sandbox("late")
        waiting = [asyncio.create_task(client.get_sandbox(f"n{number}")) for number in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        # The gate opens for what is held once one more request knocks, which only an own pool can do.
        async with httpx.AsyncClient() as other:
            await other.get(server.url + "/sandbox/other")
        outputs = await asyncio.gather(*first, *waiting, return_exceptions=True)

    assert (late.failure.kind, late.failure.sent) == ("timeout", False)
    assert sum(isinstance(output, asyncio.CancelledError) for output in outputs) == 1
    assert sum(getattr(output, "success", False) for output in outputs) == 149
    assert server.connections == 101
    assert sorted(order[101:]) == sorted(f"/sandbox/n{number}".encode() for number in range(1, 50))


_LOOPS = """
    import asyncio, sys, threading
    from daytona_facade import AsyncDaytona
    url, kind = sys.argv[1:]
    client = AsyncDaytona("k", api_url=url, toolbox_url=url, retries=0, deadline_s=10)
    bad = []
    def one():
        loop = asyncio.new_event_loop()
        output = loop.run_until_complete(client.get_sandbox("x"))
        if kind == "shutdown":
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        if not output.success:
            bad.append(output.error)
    for _ in range(1000):
        if kind == "threads":
            thread = threading.Thread(target=one)
            thread.start()
            thread.join()
        else:
            one()
    import os
    sys.stdout.write(f"{len(bad)} {bad[:1]} {len(os.listdir('/proc/self/fd'))}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="open descriptors are counted in /proc")
@pytest.mark.parametrize("kind", ["plain", "shutdown", "threads"])
def test_closed_loops_leave_no_sockets(kind: str) -> None:
    """A thousand loops, one after the other, need no more descriptors than one."""
    with KeepAliveServer(says(_GOOD)) as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(_LOOPS), server.url, kind],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)),
        )
        wait_until(lambda: not server.open)

    assert ended.stderr == ""
    failed, _, descriptors = ended.stdout.rpartition(" ")
    assert failed == "0 []"
    assert int(descriptors) < 20


def test_a_child_closes_its_copies() -> None:
    """A forked child that calls lets go of its parent's sockets, so that closing them closes the connections."""
    with KeepAliveServer(says(_GOOD)) as server:
        program = """
            import os, sys
            from daytona_facade import Daytona
            from daytona_facade._transport.sync_pool import shared_transport
            client = Daytona("k", api_url=sys.argv[1], deadline_s=10)
            assert client.get_sandbox("x").success
            reader, writer = os.pipe()
            child = os.fork()
            if not child:
                assert client.get_sandbox("x").success
                os.read(reader, 1)
                os._exit(0)
            while client.get_sandbox("x").success and sys.stdin.readline() != "close\\n": pass
            shared_transport().close()
            sys.stdin.readline()
            os.write(writer, b"x")
            os.waitpid(child, 0)
        """
        command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program), server.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            wait_until(lambda: server.connections == 2)
            process.stdin.write("close\n")
            process.stdin.flush()
            wait_until(lambda: server.open == 1)
            process.stdin.write("end\n")
            process.stdin.close()
            assert process.wait(10) == 0
