"""Every hostile server to all twelve actions, sync and async, on real sockets."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from daytona_facade import AsyncDaytona, Daytona
from hostile.canaries import CALLS, KEY, leaks
from hostile.runs import LATE_S, problems, same
from hostile.test_answers import Records, records  # noqa: F401 - a fixture
from hostile.wire import HostileServer, Wire, wires

_DEADLINE_S = 20.0
_SHORT_S = 0.5


def _client(kind: Any, server: HostileServer, number: int, wire: Wire) -> Any:
    url = server.url(number)
    deadline_s = _SHORT_S if wire.hangs else _DEADLINE_S
    return kind(KEY, api_url=url, toolbox_url=url, retries=0, deadline_s=deadline_s)


def _timed(client: Daytona, action: str) -> tuple[Any, float]:
    started = time.monotonic()
    try:
        return getattr(client, action)(**CALLS[action]), time.monotonic() - started
    except Exception as exc:
        return exc, time.monotonic() - started


async def _atimed(client: AsyncDaytona, action: str, places: asyncio.Semaphore) -> tuple[Any, float]:
    async with places:
        started = time.monotonic()
        try:
            return await getattr(client, action)(**CALLS[action]), time.monotonic() - started
        except Exception as exc:
            return exc, time.monotonic() - started


async def _all(server: HostileServer, cases: list[tuple[int, Wire, str]], at_once: int) -> list[tuple[Any, float]]:
    places = asyncio.Semaphore(at_once)
    calls = (_atimed(_client(AsyncDaytona, server, number, wire), action, places) for number, wire, action in cases)
    return await asyncio.gather(*calls)


def _kind(output: Any) -> str | None:
    return None if output.failure is None else output.failure.kind


@pytest.mark.parametrize(
    ("hangs", "heavy", "at_once"),
    [(False, False, 24), (True, False, 24), (True, True, 5)],
    ids=["that end", "that hang", "that are busy"],
)
def test_no_server_raises_hangs_leaks_or_lies(
    hangs: bool,
    heavy: bool,
    at_once: int,
    records: Records,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each server leads to a valid output within the deadline and a second, the same for sync and async."""
    scripts = list(wires())
    cases = [
        (n, wire, action)
        for n, wire in enumerate(scripts)
        if (wire.hangs, wire.heavy) == (hangs, heavy)
        for action in CALLS
    ]
    started = time.monotonic()
    with HostileServer(scripts) as server:
        others = asyncio.run(_all(server, cases, at_once))
        with ThreadPoolExecutor(at_once) as threads:
            outputs = list(threads.map(lambda case: _timed(_client(Daytona, server, *case[:2]), case[2]), cases))

    wrong = []
    for (_, wire, action), (output, late), (other, other_late) in zip(cases, outputs, others, strict=True):
        if max(late, other_late) > (_SHORT_S if hangs else _DEADLINE_S) + LATE_S:
            wrong.append(f"{action}, {wire.name}: sync took {late:.2f} s, async {other_late:.2f} s")
        if isinstance(output, Exception):
            wrong.append(f"{action}, {wire.name}: sync raised {output!r}")
            continue
        wrong += problems(action, wire.name, output) + problems(action, wire.name, other)
        # How far a flood lets a call come before its deadline is the machine's load: only the kind has to agree.
        exact = wire.exact and not wire.heavy
        kinds_differ = wire.heavy and _kind(output) != _kind(other)
        if exact or kinds_differ or output.success != other.success:
            wrong += same(action, wire.name, output, other)
    with capsys.disabled():
        names, took = len({wire.name for _, wire, _ in cases}), time.monotonic() - started
        print(f"\nhostile servers: {names}, {2 * len(cases)} calls, {took:.1f} s")
    assert not wrong, "\n".join(wrong[:20])
    assert leaks(*records.lines) == []
