"""Probe: threads that execute on a 50 ms server, ten calls each. ``python probe_threads.py PORT SUBJECT THREADS``."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from meter import KEY, memory_mb, metered, tell, without_pybase64
from subjects import COMMAND, SANDBOX, Execute, facade_client, official_config

CALLS = 10


def facade(port: int) -> Execute:
    """Execute through one client of the library."""
    client = facade_client(port, toolbox_url=f"http://127.0.0.1:{port}/wait/50/toolbox")
    return lambda: bool(client.execute_command(SANDBOX, COMMAND).result == "hello\n")


def httpx(port: int) -> Execute:
    """Execute through one ``httpx.Client`` with its default limits, told to wait for a connection."""
    from httpx import Client, Timeout

    client = Client(timeout=Timeout(300), headers={"Authorization": f"Bearer {KEY}"})
    url = f"http://127.0.0.1:{port}/wait/50/toolbox/{SANDBOX}/process/execute"
    body = {"command": COMMAND, "timeout": 10}
    return lambda: bool(client.post(url, json=body).json()["result"] == "hello\n")


def official(port: int) -> Execute:
    """Execute through one sandbox handle of the official SDK."""
    from daytona import Daytona

    handle = Daytona(official_config(port, "slow")).get(SANDBOX)
    return lambda: bool(handle.process.exec(COMMAND, timeout=10).result == "hello\n")


SUBJECTS = {"facade": facade, "httpx": httpx, "official": official}


def main(port: int, subject: str, count: int) -> dict[str, Any]:
    """Meter all threads' calls, and count those without the right answer."""
    figures: dict[str, Any] = {}
    execute = SUBJECTS[subject](port)
    execute()

    def errors(_: int) -> int:
        wrong = 0
        for _ in range(CALLS):
            try:
                wrong += not execute()
            except Exception:
                wrong += 1
        return wrong

    with ThreadPoolExecutor(count) as threads, metered(figures):
        wrong = sum(threads.map(errors, range(count)))
    return figures | {"errors": wrong, "peak_mb": memory_mb("VmHWM")}


if __name__ == "__main__":
    without_pybase64()
    tell(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
