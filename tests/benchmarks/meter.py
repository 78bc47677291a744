"""What a measuring process says about itself: CPU time, wall time, memory. Each probe ends by telling its figures."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

KEY = "bench-key-0123456789"


def memory_mb(field: str) -> float:
    """Read ``VmRSS`` or ``VmHWM`` (the high-water mark since this program began) of this process, in MB of 2**20."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise LookupError(field)


@contextmanager
def metered(figures: dict[str, Any], per: int = 1, name: str = "") -> Iterator[None]:
    """Put the CPU and wall milliseconds of a block, for each of ``per`` calls in it, among the figures."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    figures[f"{name}cpu_ms"] = (time.process_time() - cpu) * 1000 / per
    figures[f"{name}wall_ms"] = (time.perf_counter() - wall) * 1000 / per


def repeated(figures: dict[str, Any], name: str, times: int, call: Callable[[], Any]) -> None:
    """Warm a call up, then meter so many of it."""
    for _ in range(max(times // 10, 3)):
        call()
    with metered(figures, times, name + "_"):
        for _ in range(times):
            call()


def tell(figures: dict[str, Any]) -> None:
    """End a probe."""
    sys.stdout.write(json.dumps(figures) + "\n")


def without_pybase64() -> None:
    """Make ``import pybase64`` fail in this process, as where it is not installed."""
    sys.modules["pybase64"] = None  # type: ignore[assignment]
