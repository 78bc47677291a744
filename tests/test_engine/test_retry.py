"""What is retried and what never is, counted by a server that sees every request."""

import asyncio
import email.utils
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hostile.canaries import CALLS, KEY
from hostile.wire import GOOD, OK, HostileServer, Script, Wire, resets, says, then_hangs
from support.callers import Caller, MockServer
from support.polling import await_until

_GETS = ("get_sandbox", "list_sandboxes", "list_files", "download_file")
_ACTS = tuple(action for action in CALLS if action not in _GETS)
_API = "http://api.invalid/api"

_STATUS = b"HTTP/1.1 %d No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_AFTER_THE_ACT: dict[str, Script] = {
    "closed after the request": says(),
    "reset after the request": resets(),
    "reset in the answer": resets(OK + b"Content-Length: 500\r\n\r\n" + GOOD),
    "cut in the answer": says(OK + b"Content-Length: 500\r\n\r\n" + GOOD),
    "silent": then_hangs(),
    "garbage": says(b"garbage\r\n\r\n"),
    **{str(status): says(_STATUS % status) for status in (307, 308, 401, 403, 404, 408, 409, 500, 502, 503, 504, 599)},
    "503 to be tried again": says(_STATUS.replace(b"\r\nC", b"\r\nRetry-After: 0\r\nC", 1) % 503),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == "silent" else name for name in _AFTER_THE_ACT]
)
def test_nothing_is_done_twice(name: str, caller_class: type[Caller]) -> None:
    """A request that changes something is never repeated, whatever the server does after reading it."""
    with HostileServer([Wire(name, _AFTER_THE_ACT[name])]) as server:
        for action in _ACTS:
            url = server.url(0)
            with caller_class(KEY, api_url=url, toolbox_url=url, retries=5, deadline_s=_deadline_s(name)) as call:
                output = call(action, **CALLS[action])

            assert not output.success, action
            assert len(server.requests) == 1, (action, output.error)
            # The REST API refuses before it acts; what a toolbox refuses may come from a Git host.
            certain = name in {"401", "403"} and action.endswith("_sandbox")
            assert certain is not output.failure.sent, (action, output.failure)
            server.requests.clear()


def _deadline_s(name: str) -> float:
    return 0.5 if name == "silent" else 10


def _answers(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    queue = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        found = queue.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def _good(action: str) -> httpx.Response:
    if action == "list_files":
        return httpx.Response(200, json=[])
    if action in {"git_clone", "upload_file"}:
        return httpx.Response(200)
    return httpx.Response(200, content=GOOD)


def _caller(caller_class: type[Caller], server: MockServer, **options: Any) -> Caller:
    return caller_class(KEY, api_url=_API, toolbox_url=_API, transport=server.transport, **options)


@pytest.mark.parametrize("action", CALLS)
def test_what_was_certainly_not_acted_on_is_tried_again(action: str, caller_class: type[Caller]) -> None:
    """A refused connection and a 429 are retried with the same body, for every action."""
    refused = httpx.Response(429, headers={"Retry-After-sandbox-create": "0"})
    server = MockServer(_answers(httpx.ConnectError("refused"), refused, _good(action)))
    with _caller(caller_class, server) as call:
        output = call(action, **CALLS[action])

    assert output.success, output.error
    assert len(server.requests) == 3
    assert len({_body(request) for request in server.requests}) == 1
    assert action != "upload_file" or b"\r\n\r\nhello\r\n" in _body(server.requests[-1])


def _body(request: httpx.Request) -> bytes:
    """Read a request's body; the boundary of a form is drawn anew for each request."""
    boundary = request.headers.get("content-type", "").partition("boundary=")[2]
    return request.read().replace(boundary.encode(), b"BOUNDARY") if boundary else request.read()


@pytest.mark.parametrize("action", CALLS)
def test_only_reads_are_tried_again_when_something_broke(action: str, caller_class: type[Caller]) -> None:
    """After a lost answer or a 503 only reads are retried."""
    server = MockServer(_answers(httpx.ReadError("reset"), httpx.Response(503), _good(action)))
    with _caller(caller_class, server) as call:
        output = call(action, **CALLS[action])

    assert output.success == (action in _GETS)
    assert len(server.requests) == (3 if action in _GETS else 1)


@pytest.mark.parametrize("action", ["get_sandbox", "create_sandbox"])
def test_retries_are_off_by_one_argument(action: str, caller_class: type[Caller]) -> None:
    """With retries=0 every request is sent once."""
    server = MockServer(_answers(httpx.ConnectError("refused"), _good(action)))
    with _caller(caller_class, server, retries=0) as call:
        output = call(action, **CALLS[action])

    assert (output.failure.kind, output.failure.sent) == ("connection", False)
    assert len(server.requests) == 1


def _date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.slow
@pytest.mark.parametrize("header", ["Retry-After", "retry-after-authenticated", "Retry-After-sandbox-create"])
@pytest.mark.parametrize("wait", [lambda: "1", lambda: _date(2)], ids=["seconds", "date"])
def test_retry_after_is_honoured(header: str, wait: Callable[[], str], caller_class: type[Caller]) -> None:
    """The client waits as long as the server asks, in seconds or as a date, in any form of the header."""
    times: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        times.append(time.monotonic())
        return httpx.Response(429, headers={header: wait()}) if len(times) == 1 else _good("get_sandbox")

    with _caller(caller_class, MockServer(answer)) as call:
        assert call("get_sandbox", "x").success

    assert 0.9 <= times[1] - times[0] < 3


def test_a_wait_beyond_the_deadline_is_not_made(caller_class: type[Caller]) -> None:
    """The failure comes at once and says how long the server asked to wait."""
    server = MockServer(_answers(httpx.Response(429, headers={"Retry-After": "60"})))
    started = time.monotonic()
    with _caller(caller_class, server, deadline_s=5) as call:
        output = call("create_sandbox")

    assert time.monotonic() - started < 2
    assert (output.failure.kind, output.failure.retry_after, output.failure.sent) == ("rate_limited", 60.0, False)


def test_an_idle_connection_that_was_closed_costs_nothing() -> None:
    """A kept connection that the server has closed is replaced before a command is sent over it."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD)
    with HostileServer([Wire("keeps, then closes", says(answer))]) as server:
        url = server.url(0)

        async def main() -> list[Any]:
            outputs = []
            from daytona_facade import AsyncDaytona

            for _ in range(5):
                client = AsyncDaytona(KEY, api_url=url, toolbox_url=url, retries=0, deadline_s=5)
                outputs.append(await client.execute_command("x", "true"))
                await await_until(server.idle)
            return outputs

        outputs = asyncio.run(main())

    assert [output.success for output in outputs] == [True] * 5, outputs
    assert len(server.requests) == 5
