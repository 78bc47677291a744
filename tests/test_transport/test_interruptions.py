"""Cancelled calls and signals at random moments leave every place of the pools usable.

``INTERRUPTIONS=full`` interrupts ten times as often.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from daytona_facade import AsyncDaytona, Daytona
from hostile.canaries import KEY
from hostile.wire import GOOD
from support.keep_alive import Gate, KeepAliveServer, ok
from support.loop_server import Writer
from support.polling import wait_until

_FULL = os.environ.get("INTERRUPTIONS") == "full"
_CANCELLATIONS = 20_000 if _FULL else 2_000
_SIGNALS = 5_000 if _FULL else 500
_WIDTH = 100
_GOOD = ok(GOOD)


class _Mixed:
    """Answers at once, in pieces, or a little later, and closes now and then; at a knock it holds answers back."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self._gate = Gate(_WIDTH, _GOOD)

    async def __call__(self, head: bytes, writer: Writer) -> None:
        if b"/wide" in head:
            await self._gate(head, writer)
            return
        if b"/calm" in head:
            writer.write(_GOOD)
            return
        kind = self._random.random()
        if kind < 0.2:
            await asyncio.sleep(0.001)
        if kind < 0.4:
            writer.write(_GOOD[:30])
            await asyncio.sleep(0)
            writer.write(_GOOD[30:])
        else:
            writer.write(_GOOD)
        if kind > 0.8:
            writer.close()


async def test_cancellations_at_random_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """After many calls that were cancelled after some steps of the loop, calls at full width succeed."""
    chance = random.Random(2)
    cancelled = 0
    with KeepAliveServer(_Mixed()) as server:
        client = AsyncDaytona(KEY, api_url=server.url, toolbox_url=server.url, retries=0, deadline_s=20)

        async def one() -> int:
            task = asyncio.create_task(client.execute_command("x", "true"))
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            task.cancel()
            return isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)

        while cancelled < _CANCELLATIONS:
            if chance.random() < 0.2:
                await asyncio.gather(*(client.get_sandbox("x") for _ in range(20)))
            cancelled += sum(await asyncio.gather(*(one() for _ in range(20))))
        outputs = await asyncio.gather(*(client.get_sandbox("wide") for _ in range(2 * _WIDTH)))
        wait_until(lambda: server.open <= _WIDTH)
    with capsys.disabled():
        print(f"\n{cancelled:,} calls were cancelled, {server.connections:,} connections", end="")

    assert [output.error for output in outputs if not output.success] == []


_SIGNALLED = """
    import random, signal, sys, threading, time
    from concurrent.futures import ThreadPoolExecutor
    from daytona_facade import Daytona

    class SoftLimit(Exception): pass
    class SlowLimit(TimeoutError): pass
    class HardLimit(BaseException): pass

    def handler(number, frame):
        global fired
        fired = True
        raise kind("signal")

    url, count = sys.argv[1], int(sys.argv[2])
    client = Daytona("k", api_url=url, toolbox_url=url, retries=0, deadline_s=5)
    # The machinery of import ignores an OSError while it searches, a handler's too.
    assert client.execute_command("calm", "true").success
    signal.signal(signal.SIGALRM, handler)
    chance = random.Random(3)
    passed, swallowed, kept = 0, [], []
    for number in range(count):
        kind = [KeyboardInterrupt, SoftLimit, SlowLimit, HardLimit][number % 4]
        fired = False
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, 4e-3))
                while not fired:
                    output = client.execute_command("x", "true")
                swallowed.append(f"{kind.__name__}: {output.error}")
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except kind as exc:
            passed += 1
            kept = [exc, *kept[:20]]
    slowest, failed = 0.0, []
    for _ in range(100):
        started = time.monotonic()
        output = client.execute_command("calm", "true")
        slowest = max(slowest, time.monotonic() - started)
        failed += [output.error] * (not output.success)
    del kept
    with ThreadPoolExecutor(100) as threads:
        wide = list(threads.map(client.get_sandbox, ["wide"] * 100))
    failed += [output.error for output in wide if not output.success]
    print(f"{passed}/{count} passed, swallowed {len(swallowed)} {swallowed[:3]},"
          f" failed {len(failed)} {failed[:3]}, slowest {slowest:.2f} s")
    sys.exit(bool(failed) or len(swallowed) > max(1, count // 500))
"""


def test_signals_at_random_moments(capsys: pytest.CaptureFixture[str]) -> None:
    """What a signal handler raises passes through a sync call, and after many of those all places are there.

    Python itself drops one now and then: where it destroys an object, and ignores what is raised meanwhile.
    """
    with KeepAliveServer(_Mixed()) as server:
        ended = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(_SIGNALLED), server.url, str(_SIGNALS)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    with capsys.disabled():
        print(f"\n{ended.stdout.strip()}, {server.connections:,} connections", end="")

    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert ended.stderr == ""


class _LimitError(TimeoutError):
    """A worker's time limit."""


@pytest.fixture
def alarm() -> Iterator[Callable[[type[BaseException]], None]]:
    """Raise an exception from a signal handler in a moment."""

    def ring(kind: type[BaseException]) -> None:
        def handler(number: int, frame: FrameType | None) -> None:
            raise kind("the handler's own")

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.1)

    before = signal.getsignal(signal.SIGALRM)
    yield ring
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", [_LimitError, OSError, ValueError, LookupError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("said", [b"", _GOOD[:40]], ids=["in the head", "in the body"])
def test_a_handler_raises_in_a_call(
    said: bytes, kind: type[BaseException], alarm: Callable[[type[BaseException]], None]
) -> None:
    """Whatever a handler raises reaches the caller as it was raised, and is no failure of the call."""

    async def hang(_: bytes, writer: Writer) -> None:
        writer.write(said)
        await asyncio.sleep(20)

    with KeepAliveServer(hang) as server:
        client = Daytona(KEY, api_url=server.url, toolbox_url=server.url, deadline_s=10)
        alarm(kind)
        with pytest.raises(kind, match="the handler's own"):
            client.execute_command("x", "true")

    assert server.requests == 1


def test_a_failing_call_while_a_limit_is_handled(alarm: Callable[[type[BaseException]], None]) -> None:
    """A call that a caller makes to clean up after a limit fails as ever: the limit is not raised again."""
    client = Daytona(KEY, api_url="http://127.0.0.1:1", retries=0, deadline_s=5)
    alarm(_LimitError)
    try:
        time.sleep(5)
    except _LimitError:
        output = client.delete_sandbox("x")

    assert output.failure is not None
    assert output.failure.kind == "connection"
