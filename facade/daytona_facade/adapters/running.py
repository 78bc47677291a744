"""Both kinds of client, from a thread and from a task."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..client import AsyncDaytona, Daytona
from ..outputs import Output


def run_action(client: Daytona | AsyncDaytona, name: str, arguments: Mapping[str, Any]) -> Output:
    """Run an action and wait for it; an async client gets an event loop for this call."""
    if isinstance(client, Daytona):
        return client.run_action(name, arguments)
    call = client.run_action(name, arguments)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(call)
    # This thread's event loop is waiting for this very call.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, call).result()


async def arun_action(client: Daytona | AsyncDaytona, name: str, arguments: Mapping[str, Any]) -> Output:
    """Run an action in this event loop, or with a sync client in a thread beside it."""
    if isinstance(client, AsyncDaytona):
        return await client.run_action(name, arguments)
    return await asyncio.to_thread(client.run_action, name, arguments)
