"""Wait until something has happened in another thread or process."""

import asyncio
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], timeout_s: float = 5) -> None:
    """Return as soon as the condition holds; fail when it does not within the timeout."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


async def await_until(condition: Callable[[], object], timeout_s: float = 5) -> None:
    """Do the same in a task, and let the other tasks run meanwhile."""
    await asyncio.to_thread(wait_until, condition, timeout_s)
