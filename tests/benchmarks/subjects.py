"""The same three calls with the library, with the official SDK, and with bare httpx."""

import warnings
from collections.abc import Callable
from typing import Any

from meter import KEY

SANDBOX = "00000007-0000-4000-8000-000000000000"
COMMAND = "echo hello"
Calls = dict[str, Callable[[], Any]]
Execute = Callable[[], bool]


def facade_client(port: int, **options: Any) -> Any:
    """Make a sync client of the library for the loopback server."""
    from daytona_facade import Daytona

    origin = f"http://127.0.0.1:{port}"
    return Daytona(KEY, api_url=f"{origin}/api", **{"toolbox_url": f"{origin}/toolbox", **options})


def official_config(port: int, api: str = "api") -> Any:
    """Configure the official SDK in its cheaper mode: without the websocket that it opens otherwise."""
    from daytona import DaytonaConfig

    warnings.simplefilter("ignore")
    return DaytonaConfig(api_key=KEY, api_url=f"http://127.0.0.1:{port}/{api}", use_deprecated_polling=True)


def official_client(port: int) -> Any:
    """Make a sync client of the official SDK."""
    from daytona import Daytona

    return Daytona(official_config(port))


def facade(port: int) -> Calls:
    """Call through the library; what looks at sandboxes also learns where their toolboxes are, as the peer does."""
    client, learning = facade_client(port), facade_client(port, toolbox_url=None)
    return {
        "execute": lambda: client.execute_command(SANDBOX, COMMAND).raise_for_failure(),
        "get": lambda: learning.get_sandbox(SANDBOX).raise_for_failure(),
        "list": lambda: learning.list_sandboxes(limit=200).raise_for_failure(),
    }


def official(port: int) -> Calls:
    """Call through the official SDK, its sandbox handle kept."""
    from daytona import ListSandboxesQuery

    client = official_client(port)
    handle = client.get(SANDBOX)
    query = ListSandboxesQuery(limit=200)
    return {
        "execute": lambda: handle.process.exec(COMMAND, timeout=10),
        "get": lambda: client.get(SANDBOX),
        "list": lambda: list(client.list(query)),
    }


def httpx(port: int) -> Calls:
    """Call through a bare ``httpx.Client``: JSON in, JSON out, nothing checked."""
    from httpx import Client

    origin = f"http://127.0.0.1:{port}"
    client = Client(headers={"Authorization": f"Bearer {KEY}"})
    body = {"command": COMMAND, "timeout": 10}
    return {
        "execute": lambda: client.post(f"{origin}/toolbox/{SANDBOX}/process/execute", json=body).json(),
        "get": lambda: client.get(f"{origin}/api/sandbox/{SANDBOX}").json(),
        "list": lambda: client.get(f"{origin}/api/sandbox", params={"limit": 200}).json(),
    }


SUBJECTS: dict[str, Callable[[int], Calls]] = {"facade": facade, "official": official, "httpx": httpx}
