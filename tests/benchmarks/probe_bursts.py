"""Probe: concurrent executes on a 50 ms server. ``python probe_bursts.py PORT SUBJECT COUNT BURSTS``."""

import asyncio
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from meter import KEY, memory_mb, metered, tell, without_pybase64
from subjects import COMMAND, SANDBOX

DEADLINE_S = 300.0
Execute = Callable[[], Awaitable[bool]]


async def facade(origin: str, stack: AsyncExitStack) -> Execute:
    """Execute through the library."""
    return await _facade(origin, stack, None)


async def facade_fast(origin: str, stack: AsyncExitStack) -> Execute:
    """Execute through the library over its optional fast transport."""
    from daytona_facade.fast import transport

    return await _facade(origin, stack, await stack.enter_async_context(transport()))


async def _facade(origin: str, stack: AsyncExitStack, transport: Any) -> Execute:
    from daytona_facade import AsyncDaytona

    client = await stack.enter_async_context(
        AsyncDaytona(
            KEY,
            api_url=f"{origin}/api",
            toolbox_url=f"{origin}/wait/50/toolbox",
            transport=transport,
            deadline_s=DEADLINE_S,
        )
    )

    async def execute() -> bool:
        return (await client.execute_command(SANDBOX, COMMAND)).result == "hello\n"

    return execute


async def httpx(origin: str, stack: AsyncExitStack) -> Execute:
    """Execute through a bare ``httpx.AsyncClient`` with its default limits, told to wait for a connection."""
    from httpx import AsyncClient, Timeout

    client = await stack.enter_async_context(AsyncClient(timeout=Timeout(DEADLINE_S)))
    url = f"{origin}/wait/50/toolbox/{SANDBOX}/process/execute"
    headers = {"Authorization": f"Bearer {KEY}"}

    async def execute() -> bool:
        answer = await client.post(url, json={"command": COMMAND, "timeout": 10}, headers=headers)
        return bool(answer.json()["result"] == "hello\n")

    return execute


async def official(origin: str, stack: AsyncExitStack) -> Execute:
    """Execute through the official SDK, its sandbox handle kept."""
    from daytona import AsyncDaytona, DaytonaConfig

    warnings.simplefilter("ignore")
    config = DaytonaConfig(api_key=KEY, api_url=f"{origin}/slow", use_deprecated_polling=True)
    client = await stack.enter_async_context(AsyncDaytona(config))
    handle = await client.get(SANDBOX)

    async def execute() -> bool:
        return bool((await handle.process.exec(COMMAND, timeout=10)).result == "hello\n")

    return execute


SUBJECTS = {"facade": facade, "facade_fast": facade_fast, "httpx": httpx, "official": official}


async def main(port: int, subject: str, count: int, bursts: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        execute = await SUBJECTS[subject](f"http://127.0.0.1:{port}", stack)
        await execute()
        before = memory_mb("VmHWM")
        errors: dict[str, int] = {}
        with metered(figures, bursts):
            for _ in range(bursts):
                for said in await asyncio.gather(*(execute() for _ in range(count)), return_exceptions=True):
                    if said is not True:
                        errors[str(said)[:80]] = errors.get(str(said)[:80], 0) + 1
    peak = memory_mb("VmHWM")
    return figures | {"peak_mb": peak, "extra_mb": peak - before, "errors": sum(errors.values()), "said": errors}


if __name__ == "__main__":
    without_pybase64()
    tell(asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
