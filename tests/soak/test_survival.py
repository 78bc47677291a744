"""The server is killed and comes back in the middle of two hundred calls."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from daytona_facade import AsyncDaytona, Daytona
from daytona_facade.local import LocalDaytona
from support.callers import checked

_CALLS = 200
_KEY = "dtn_survivor_5f1e8c0b7a39"


@pytest.fixture
def port() -> int:
    """Find a port that the server may have twice."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _started(client: Daytona) -> str:
    made: Any = client.create_sandbox()
    assert made.success, made.error
    end = time.monotonic() + 20
    while time.monotonic() < end:
        seen: Any = client.get_sandbox(made.sandbox.id)
        if seen.sandbox.state == "started":
            return str(made.sandbox.id)
    raise AssertionError("the sandbox never started")


def _arguments(number: int, sandbox_id: str) -> dict[str, Any]:
    return {"sandbox_id": sandbox_id, "command": f"sleep 0.2; echo {number}"}


def _sync_calls(options: dict[str, Any], sandbox_id: str, returned: list[int]) -> Iterator[Any]:
    client = Daytona(**options)

    def call(number: int) -> Any:
        output = client.execute_command(**_arguments(number, sandbox_id))
        returned.append(number)
        return output

    with ThreadPoolExecutor(_CALLS) as threads:
        yield from threads.map(call, range(_CALLS))
    assert client.execute_command(_started(client), "echo again").result == "again\n"


def _async_calls(options: dict[str, Any], sandbox_id: str, returned: list[int]) -> Iterator[Any]:
    async def main() -> list[Any]:
        client = AsyncDaytona(**options)

        async def call(number: int) -> Any:
            output = await client.execute_command(**_arguments(number, sandbox_id))
            returned.append(number)
            return output

        outputs = await asyncio.gather(*map(call, range(_CALLS)))
        fresh = await asyncio.to_thread(_started, Daytona(**options))
        assert (await client.execute_command(fresh, "echo again")).result == "again\n"
        return outputs

    yield from asyncio.run(main())


@pytest.mark.parametrize("calls", [_sync_calls, _async_calls], ids=["sync", "async"])
def test_a_server_that_dies_and_comes_back(calls: Any, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Every call returns, no success is a lie, and the same client works with the new server."""
    returned: list[int] = []
    first, second = (LocalDaytona(port=port, api_key=_KEY, isolation="plain") for _ in range(2))
    first.start()
    options: dict[str, Any] = {
        "api_key": _KEY,
        "api_url": first.api_url,
        "toolbox_url": first.toolbox_url,
        "deadline_s": 30.0,
    }
    sandbox_id = _started(Daytona(**options))

    def kill() -> None:
        while len(returned) < 20:
            time.sleep(0.005)
        os.kill(first.pid or 0, signal.SIGKILL)
        first.stop()
        second.start()

    killer = threading.Thread(target=kill)
    killer.start()
    outputs = list(calls(options, sandbox_id, returned))
    killer.join()
    second.stop()

    assert len(outputs) == _CALLS
    told = [(number, checked("execute_command", output)) for number, output in enumerate(outputs)]
    good = [(number, output) for number, output in told if output.success]
    kinds = sorted({output.failure.kind for _, output in told if output.failure})
    with capsys.disabled():
        print(f"\nsurvival: {len(good)} of {_CALLS} calls succeeded, the others are {kinds}")
    assert all((0, f"{number}\n") == (output.exit_code, output.result) for number, output in good)
    assert 20 <= len(good) < _CALLS
