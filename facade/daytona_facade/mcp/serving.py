"""How the MCP server is reached: standard input and output, or streamable HTTP."""

import ipaddress
import os
import signal
import socket
import sys
import warnings
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from mcp.server import Server

from ..client import AsyncDaytona
from ..tools import chosen
from .flags import HOST, PORT
from .http import app
from .server import build_server
from .stdio import serve_stdio

TOKEN = "DAYTONA_MCP_TOKEN"  # noqa: S105 - the variable's name

_NOT_ISOLATED = (
    "bubblewrap does not work on this machine, so programs in a local sandbox would run as your user and could read "
    "and change all your files; install bubblewrap, or pass --no-isolation to allow it"
)


def serve(
    *,
    transport: Literal["stdio", "http"] = "stdio",
    host: str = HOST,
    port: int = PORT,
    token: str | None = None,
    allow_hosts: Iterable[str] = (),
    tools: Iterable[str] | None = None,
    read_only: bool = False,
    downloads: str | os.PathLike[str] | None = None,
    local: bool = False,
    no_isolation: bool = False,
) -> None:
    """Serve the actions over MCP until the client goes (stdio), or until SIGINT or SIGTERM.

    Settings come from the environment, as for a client. A setting that cannot be served is a ``ValueError``.

    Args:
        transport: ``stdio``, where standard output carries the protocol alone, or streamable ``http`` at ``/mcp``.
        host: Address to listen on; beyond loopback a token is required.
        port: Port to listen on; 0 for a free one.
        token: Bearer token that every HTTP request must carry; else ``DAYTONA_MCP_TOKEN``.
        allow_hosts: Names, with or without a port, by which clients call the server, besides the host itself.
        tools: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
        downloads: A directory for files that are too large for a model; else they are resources to be read.
        local: Run sandboxes on this machine, without an account; needs the extra ``local``.
        no_isolation: Let ``local`` run where sandboxes cannot be isolated; else that is a ``ValueError``.
    """
    directory = Path(downloads).absolute() if downloads is not None else None
    names = [action.name for action in chosen(tools, read_only=read_only)]
    if not names:
        raise ValueError("no tool is left to offer")
    secret = (token or os.environ.get(TOKEN, "")).strip() or None
    hosts = _hosts(host, allow_hosts, secret) if transport == "http" else []
    ended_by = None
    with ExitStack() as stack:
        client = _local(stack, isolated=not no_isolation) if local else AsyncDaytona()
        server = build_server(client, tools=names, downloads=directory)
        if transport == "http":
            _serve_http(server, stack, host, port, secret, hosts)
        else:
            ended_by = serve_stdio(server, stack.close)
    if ended_by is not None:
        # Now that the backend has ended, the signal takes the effect that it has for this process.
        signal.raise_signal(ended_by)


def _serve_http(
    server: Server[Any],
    stack: ExitStack,
    host: str,
    port: int,
    token: str | None,
    hosts: list[str],
) -> None:
    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = stack.enter_context(socket.create_server((host, port), family=family))
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"MCP server at http://{shown}:{listener.getsockname()[1]}/mcp\n")
    # A client's standing stream would hold an ending server for ever.
    config = uvicorn.Config(
        app(server, hosts, token), log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=2
    )
    uvicorn.Server(config).run(sockets=[listener])


def _local(stack: ExitStack, *, isolated: bool) -> AsyncDaytona:
    from ..local import LocalDaytona

    backend = LocalDaytona(require_isolation=isolated)
    try:
        with warnings.catch_warnings():
            if not isolated:
                # The caller has accepted it.
                warnings.simplefilter("ignore", UserWarning)
            stack.enter_context(backend)
    except RuntimeError as exc:
        if isolated and "bubblewrap cannot be used" in str(exc):
            raise ValueError(_NOT_ISOLATED) from None
        raise
    return AsyncDaytona(backend.api_key, api_url=backend.api_url, toolbox_url=backend.toolbox_url)


def _hosts(host: str, allowed: Iterable[str], token: str | None) -> list[str]:
    """Return the names by which the server may be called."""
    names = [name.strip() for name in allowed if name.strip()]
    if _is_loopback(host):
        return ["127.0.0.1", "localhost", "[::1]", *names]
    if token is None:
        raise ValueError(f"to listen on {host}, beyond this machine, a token is required: set {TOKEN}")
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        if not names:
            raise ValueError("to listen on every address, name what clients call the server with allow_hosts")
        return names
    return [f"[{host}]" if ":" in host else host, *names]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
