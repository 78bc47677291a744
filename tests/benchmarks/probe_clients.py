"""Probe: many clients in one process, each with a key of its own. ``python probe_clients.py PORT SUBJECT COUNT``."""

import gc
import ssl
import sys
from collections.abc import Callable
from typing import Any

from meter import memory_mb, metered, tell, without_pybase64
from serving import ask
from subjects import SANDBOX


def facade(port: int) -> Callable[[int], Any]:
    """Make a maker of the library's clients."""
    from daytona_facade import Daytona

    origin = f"http://127.0.0.1:{port}"
    return lambda n: Daytona(f"key-{n}", api_url=f"{origin}/api", toolbox_url=f"{origin}/toolbox")


def official(port: int) -> Callable[[int], Any]:
    """Make a maker of the official SDK's clients."""
    import warnings

    from daytona import Daytona, DaytonaConfig

    warnings.simplefilter("ignore")
    api_url = f"http://127.0.0.1:{port}/api"
    return lambda n: Daytona(DaytonaConfig(api_key=f"key-{n}", api_url=api_url, use_deprecated_polling=True))


if __name__ == "__main__":
    without_pybase64()
    port, subject, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    make = {"facade": facade, "official": official}[subject](port)
    look = (lambda client: client.get_sandbox(SANDBOX)) if subject == "facade" else (lambda client: client.get(SANDBOX))
    first = make(0)
    look(first)
    before = memory_mb("VmRSS")
    figures: dict[str, Any] = {}
    with metered(figures, count):
        clients = [make(n) for n in range(1, count + 1)]
    ask(port, "/reset")
    for client in clients[:: max(count // 20, 1)]:
        look(client)
    figures["connections"] = ask(port, "/counts")["connections"] - 1
    figures["tls_contexts"] = sum(isinstance(thing, ssl.SSLContext) for thing in gc.get_objects())
    tell(figures | {"kb_each": (memory_mb("VmRSS") - before) * 1024 / count})
