"""Sixteen workers, all twelve actions, ten percent faults: nothing raises, nothing grows, no success is a lie."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest

from daytona_facade import AsyncDaytona, Daytona
from daytona_facade.local import LocalDaytona
from soak.workers import Tally, story
from support.callers import checked

_SECONDS = float(os.environ.get("SOAK_SECONDS", "30"))
_FAULTS = ("429:0", "503", "502", "slow:0.1", "truncate", "drop", "html", "garbage")
_SHARE = 0.1 / len(_FAULTS)
_WORKERS = 16
_TELL_S = 10


@attrs.frozen
class Sample:
    """What the process holds at one moment."""

    descriptors: int
    threads: int
    tasks: int
    rss_mb: float

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Sample":
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        rss_mb = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        return cls(len(os.listdir("/proc/self/fd")), threading.active_count(), len(asyncio.all_tasks(loop)), rss_mb)


def _sync_worker(client: Daytona, name: str, seed: int, tally: Tally, end: float) -> None:
    steps = story(name, seed, tally)
    action, arguments = next(steps)
    while time.monotonic() < end:
        output = checked(action, getattr(client, action)(**arguments))
        tally.count(output)
        action, arguments = steps.send(output)


async def _async_worker(client: AsyncDaytona, name: str, seed: int, tally: Tally, end: float) -> None:
    steps = story(name, seed, tally)
    action, arguments = next(steps)
    while time.monotonic() < end:
        output = checked(action, await getattr(client, action)(**arguments))
        tally.count(output)
        action, arguments = steps.send(output)


class Progress:
    """Prints a line every ten seconds."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._started = self._told = time.monotonic()

    def __call__(self, sample: Sample) -> None:
        if (now := time.monotonic()) - self._told >= _TELL_S:
            self._told = now
            print(f"{now - self._started:4.0f} of {_SECONDS:g} s: {self._tally}; {sample}", flush=True)


async def _soak(options: dict[str, Any], tally: Tally, tell: Callable[[Sample], None]) -> list[Sample]:
    client, aclient = Daytona(**options), AsyncDaytona(**options)
    loop, samples, end = asyncio.get_running_loop(), [], time.monotonic() + _SECONDS
    with ThreadPoolExecutor(_WORKERS // 2) as threads:
        work: list[Any] = [
            loop.run_in_executor(threads, _sync_worker, client, f"sync-{n}", n, tally, end)
            for n in range(_WORKERS // 2)
        ]
        names = range(_WORKERS // 2, _WORKERS)
        work += [asyncio.ensure_future(_async_worker(aclient, f"async-{n}", n, tally, end)) for n in names]
        while not all(task.done() for task in work):
            await asyncio.wait(work, timeout=max(0.5, _SECONDS / 60), return_when=asyncio.FIRST_EXCEPTION)
            samples.append(Sample.of(loop))
            tell(samples[-1])
            if any(task.done() and task.exception() for task in work):
                break
        await asyncio.gather(*work)
    return samples


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="what a process holds is read from /proc")
def test_soak(capsys: pytest.CaptureFixture[str]) -> None:
    """No exception, no growth after warm-up, every success verified against what the sandbox holds."""
    tally = Tally()
    faults = tuple(f"{kind},probability={_SHARE}" for kind in _FAULTS)
    with LocalDaytona(fault=faults, seed=7) as backend:
        options = backend.client_options()
        with capsys.disabled():
            samples = asyncio.run(_soak({**options, "deadline_s": 20.0}, tally, Progress(tally)))

    third = len(samples) // 3
    early, late = (_highest(part) for part in (samples[third : 2 * third], samples[2 * third : -1]))
    with capsys.disabled():
        print(f"\nsoak of {_SECONDS:g} s: {tally}\n  middle third at most {early}\n  last third at most   {late}")
    assert tally.verified > 10 * _WORKERS
    assert 0.02 < tally.failures / tally.calls < 0.5
    assert late.descriptors <= early.descriptors + 16
    assert late.threads <= early.threads + 4
    assert late.tasks <= early.tasks + 4
    assert late.rss_mb <= early.rss_mb * 1.1 + 10


def _highest(samples: list[Sample]) -> Sample:
    return Sample(*(max(column) for column in zip(*map(attrs.astuple, samples), strict=True)))
