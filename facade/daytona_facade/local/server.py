"""The server process: one application over the API, the proxy and the sandboxes, from start to a clean end."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .api import api_routes
from .control import control_routes
from .faults import Faults
from .fleet import Fleet
from .isolation import Isolation, choose_isolation
from .options import Options
from .proxy import proxy_routes
from .wire import RefusedError, rest_refusal

PREFIX = "daytona-local-"
LONGEST_BASE = 64


@dataclass(frozen=True)
class Address:
    """Where a server is, and what opens it."""

    api_url: str
    toolbox_url: str
    api_key: str


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def make_app(options: Options, isolation: Isolation, folder: Path, address: Address) -> ASGIApp:
    """Make the application of one server, whose sandboxes keep their disks in `folder`."""
    faults = Faults(options.faults, options.seed)
    fleet = Fleet(options, isolation, folder, utc_now)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        clock = asyncio.create_task(fleet.keep_time())
        try:
            yield
        finally:
            clock.cancel()
            await fleet.close()

    app = Starlette(
        routes=[*api_routes(), *proxy_routes(), *control_routes()],
        exception_handlers={RefusedError: rest_refusal, Exception: rest_refusal},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.api_key = address.api_key
    app.state.toolbox_url = address.toolbox_url
    app.state.fleet = fleet
    app.state.faults = faults
    return faults.around(app)


def serve(options: Options, ready: Callable[[Address, str], None], attach: Callable[[uvicorn.Server], None]) -> None:
    """Serve until told to stop.

    `ready` is called with the address and the line about isolation once connections are accepted; `attach` gets the
    server, to tell it to stop. Raises IsolationError, or OSError when the port is taken.
    """
    parent = temporary_base()
    sweep(parent)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # The lock tells other servers that this folder is in use; the system drops it however this process ends.
        with (folder / "unlocked").open("w") as lock, listening(options.host, options.port) as listener:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (folder / "unlocked").rename(folder / "lock")
            isolation, notice = choose_isolation(options, folder)
            host, port = listener.getsockname()[:2]
            base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            address = Address(f"{base}/api", f"{base}/toolbox", options.api_key)
            server = uvicorn.Server(configuration(make_app(options, isolation, folder, address)))
            attach(server)
            ready(address, notice)
            server.run(sockets=[listener])


def configuration(app: ASGIApp) -> uvicorn.Config:
    """Configure the web server: quiet, on HTTP/1.1, and not waiting for clients at its end."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )


def listening(host: str, port: int) -> socket.socket:
    """Open the port; connections wait in it from then on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that name their protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def temporary_base() -> Path:
    """Pick where the folders of servers are; the addresses of sockets in them must not get long."""
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) <= LONGEST_BASE else Path("/tmp")  # noqa: S108 -- folders in it are private


def sweep(parent: Path) -> None:
    """Remove the folders of servers that were killed before they could do it."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            handle = os.open(folder / "lock", os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
