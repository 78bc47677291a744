"""Probe: the CPU cost of a call after ever more of something. ``python probe_scaling.py PORT sandboxes``."""

import sys
from typing import Any

from meter import KEY, metered, tell, without_pybase64
from subjects import COMMAND, SANDBOX, facade_client

from daytona_facade import Daytona

LEVELS = (1, 10, 100, 1000, 10_000)
_TIMES = 200


def sandboxes(port: int) -> dict[int, float]:
    """Execute on the sandbox seen last, each with an address that had to be learned."""
    origin = f"http://127.0.0.1:{port}"
    client = Daytona(KEY, api_url=f"{origin}/fresh")
    costs, seen, last = {}, 0, ""
    for level in LEVELS:
        while seen < level:
            page = client.list_sandboxes(limit=min(200, level - seen)).raise_for_failure().sandboxes
            seen, last = seen + len(page), page[-1].id or ""
        costs[level] = _cost(client, last)
    return costs


def clients(port: int) -> dict[int, float]:
    """Execute with the client made last, all of them kept."""
    kept: list[Any] = []
    costs = {}
    for level in LEVELS:
        kept += [facade_client(port) for _ in range(level - len(kept))]
        costs[level] = _cost(kept[-1], SANDBOX)
    return costs


def calls(port: int) -> dict[int, float]:
    """Execute again and again."""
    client = facade_client(port)
    costs, done = {}, 0
    for level in LEVELS:
        for _ in range(max(level - done, 0)):
            client.execute_command(SANDBOX, COMMAND)
        costs[level] = _cost(client, SANDBOX)
        done = level + _TIMES
    return costs


def _cost(client: Any, sandbox_id: str) -> float:
    client.execute_command(sandbox_id, COMMAND).raise_for_failure()
    figures: dict[str, float] = {}
    with metered(figures, _TIMES):
        for _ in range(_TIMES):
            client.execute_command(sandbox_id, COMMAND)
    return figures["cpu_ms"]


if __name__ == "__main__":
    without_pybase64()
    tell({"cpu_ms": {"sandboxes": sandboxes, "clients": clients, "calls": calls}[sys.argv[2]](int(sys.argv[1]))})
