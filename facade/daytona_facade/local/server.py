"""The server process: one application over the API, the proxy and the sandboxes, from start to a clean end."""

import asyncio
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .api import api_routes
from .control import control_routes
from .faults import Faults
from .fleet import Fleet
from .isolation import Isolation, choose_isolation
from .isolation.cgroups import Cgroups, find_cgroups
from .isolation.limits_report import limits_in_force, limits_line
from .options import Options
from .proxy import KeyCache, proxy_routes
from .rest_errors import ApiError, MalformedJsonError, rest_error_response
from .upkeep import apply_intervals, enforce_disk_quotas, restart_hung_toolboxes

_PREFIX = "daytona-local-"
_LONGEST_BASE = 64


@attrs.frozen
class Address:
    """Where a server is, what opens it, and how its sandboxes are kept."""

    api_url: str
    toolbox_url: str
    api_key: str
    isolation: str
    """One line: how sandboxes are isolated, and why."""
    limits: str
    """One line: which limits hold for a sandbox."""


def make_app(fleet: Fleet, address: Address) -> ASGIApp:
    """Return the application of one server."""
    faults = Faults(fleet.options.faults, fleet.options.seed)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        upkeep = (apply_intervals, enforce_disk_quotas, restart_hung_toolboxes)
        tasks = [asyncio.create_task(work(fleet)) for work in upkeep]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await fleet.close()

    app = Starlette(
        routes=[*api_routes(), *proxy_routes(), *control_routes()],
        exception_handlers={
            ApiError: rest_error_response,
            MalformedJsonError: rest_error_response,
            Exception: rest_error_response,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.api_key = address.api_key
    app.state.toolbox_url = address.toolbox_url
    app.state.fleet = fleet
    app.state.key_cache = KeyCache()
    app.state.faults = faults
    return faults.wrap(app)


def serve(options: Options, ready: Callable[[Address], None], attach: Callable[[uvicorn.Server], None]) -> None:
    """Serve until asked to stop.

    ``ready`` is called once connections are accepted; ``attach`` gets the server, to stop it. Raises IsolationError,
    or OSError when the port is taken.
    """
    parent = _temporary_base()
    _sweep(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # The lock tells other servers that this folder is in use; the system drops it however this process ends.
        with (folder / "unlocked").open("w") as lock, _listen(options.host, options.port) as listener:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (folder / "unlocked").rename(folder / "lock")
            isolation, notice = choose_isolation(options, folder)
            with _cgroups() as cgroups:
                address = _address(options, listener, isolation, notice, grouped=cgroups is not None)
                fleet = Fleet(options, isolation, folder, lambda: datetime.now(UTC), cgroups)
                server = uvicorn.Server(_configuration(make_app(fleet, address)))
                attach(server)
                ready(address)
                server.run(sockets=[listener])


@contextmanager
def _cgroups() -> Iterator[Cgroups | None]:
    cgroups = find_cgroups()
    try:
        yield cgroups
    finally:
        if cgroups is not None:
            cgroups.remove()


def _address(options: Options, listener: socket.socket, isolation: Isolation, notice: str, *, grouped: bool) -> Address:
    host, port = listener.getsockname()[:2]
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    limits = limits_line(limits_in_force(options, isolated=not isolation.plain, grouped=grouped))
    return Address(f"{base}/api", f"{base}/toolbox", options.api_key, notice, limits)


def _configuration(app: ASGIApp) -> uvicorn.Config:
    """Configure the web server: no log, HTTP/1.1, and no wait for clients at its end."""
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


def _listen(host: str, port: int) -> socket.socket:
    """Open the port; connections wait from then on."""
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


def _temporary_base() -> Path:
    """Return where the folders of servers are; the path of a socket has a maximum length."""
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) <= _LONGEST_BASE else Path("/tmp")  # noqa: S108 - folders in it are private


def _sweep(parent: Path) -> None:
    """Remove the folders of servers that were killed before they could do it."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            handle = os.open(folder / "lock", os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
