"""Call all twelve actions, sync and async, and hold what comes back to the contract."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable
from typing import Any, get_args

import httpx

from daytona_facade import AsyncDaytona, Daytona
from daytona_facade.errors import Kind
from daytona_facade.outputs import Output
from hostile.answers import Answer
from hostile.canaries import CALLS, KEY, leaks, shown
from support.callers import checked

KINDS = frozenset(get_args(Kind))
API = "http://api.invalid/api"
LATE_S = 1.0
"""What an action may take beyond its deadline."""


class Records(logging.Handler):
    """Keeps every record of the library's own logger as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.args} {record.exc_text} {record.exc_info}")


def problems(action: str, name: str, output: Any) -> list[str]:
    """Tell what is wrong with an output: its shape, its kind, or a secret in it."""
    try:
        checked(action, output)
    except Exception as exc:
        return [f"{action}, {name}: {type(exc).__name__}: {str(exc)[:300]}"]
    if output.failure is not None and output.failure.kind not in KINDS:
        return [f"{action}, {name}: kind {output.failure.kind}"]
    return [f"{action}, {name}: shows {leak!r}" for leak in leaks(*shown(output))]


def same(action: str, name: str, one: Output, other: Any) -> list[str]:
    """Tell where sync and async differ."""
    if not isinstance(other, Output):
        return [f"{action}, {name}: async raised {other!r}"]
    if one.to_dict() == other.to_dict() and _timeless(one) == _timeless(other):
        return []
    return [f"{action}, {name}: sync {one.failure or one} but async {other.failure or other}"]


def _timeless(output: Output) -> tuple[Any, ...] | None:
    failure = output.failure
    if failure is None:
        return None
    # A wait until a date is shorter by the time between the two calls.
    wait = None if failure.retry_after is None else round(failure.retry_after, -2)
    return failure.kind, failure.message, failure.status_code, failure.sent, wait


def against_mock(answers: Iterable[Answer]) -> tuple[int, list[str]]:
    """Give each answer to its actions, sync and async; return the number of calls and what was wrong."""
    current: list[Answer] = []

    def handle(request: httpx.Request) -> httpx.Response:
        return current[0](request)

    transport = httpx.MockTransport(handle)
    options: dict[str, Any] = {"api_url": API, "toolbox_url": f"{API}/toolbox", "retries": 0, "deadline_s": 10.0}
    client = Daytona(KEY, transport=transport, **options)
    aclient = AsyncDaytona(KEY, transport=transport, **options)

    async def acalls(actions: Iterable[str]) -> list[Any]:
        return [await _timed(getattr(aclient, action)(**CALLS[action])) for action in actions]

    calls, wrong = 0, []
    with asyncio.Runner() as runner:
        for answer in answers:
            current[:] = [answer]
            others = runner.run(acalls(answer.actions))
            for action, (other, late) in zip(answer.actions, others, strict=True):
                started = time.monotonic()
                try:
                    output = getattr(client, action)(**CALLS[action])
                except Exception as exc:
                    wrong.append(f"{action}, {answer.name}: raised {exc!r}")
                    continue
                calls += 2
                if max(late, time.monotonic() - started) > 10 + LATE_S:
                    wrong.append(f"{action}, {answer.name}: took {late:.1f} and {time.monotonic() - started:.1f} s")
                wrong += same(action, answer.name, output, other) + problems(action, answer.name, output)
    return calls, wrong


async def _timed(call: Awaitable[Any]) -> tuple[Any, float]:
    started = time.monotonic()
    try:
        return await call, time.monotonic() - started
    except Exception as exc:
        return exc, time.monotonic() - started
