"""How the MCP server is reached: standard input and output, or streamable HTTP."""

import ipaddress
import os
import signal
import socket
import sys
import warnings
from collections.abc import Iterable
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from starlette.requests import Request
from starlette.types import ASGIApp

from .. import limits
from ..client import AsyncDaytona
from ..tools import select_actions
from .flags import HOST, PORT
from .http import app, bearer_token
from .server import ClientOf, build_server
from .stdio import serve_stdio

TOKEN = "DAYTONA_MCP_TOKEN"  # noqa: S105 - the variable's name


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
    structured_content: bool = False,
    caller_key: bool = False,
    stateless: bool = False,
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
        downloads: A directory for files that are not shown whole; without one they are resources to be read.
        local: Run sandboxes on this machine, without an account; needs the extra ``local``.
        structured_content: Send whole outputs as structured content as well, for programs.
        caller_key: Over HTTP, use each caller's bearer token as its Daytona API key, instead of one key for all.
        stateless: Over HTTP, keep no sessions, so that any process behind a load balancer can answer any request.
        no_isolation: Let ``local`` run where sandboxes cannot be isolated; else that is a ``ValueError``.
    """
    directory = Path(downloads).absolute() if downloads is not None else None
    names = [action.name for action in select_actions(tools, read_only=read_only)]
    if not names:
        raise ValueError("no tool is left to offer")
    secret = (token or os.environ.get(TOKEN, "")).strip() or None
    _check_http_options(transport, secret, local=local, caller_key=caller_key, stateless=stateless)
    hosts = _hosts(host, allow_hosts, guarded=caller_key or secret is not None) if transport == "http" else []
    ended_by = None
    with ExitStack() as stack:
        client = _client(stack, local=local, isolated=not no_isolation, caller_key=caller_key)
        server = build_server(client, tools=names, downloads=directory, structured_content=structured_content)
        if transport == "http":
            application = app(server, hosts, secret, caller_key=caller_key, stateless=stateless)
            _serve_http(application, stack, host, port)
        else:
            ended_by = serve_stdio(server, stack.close)
    if ended_by is not None:
        # Now that the backend has ended, the signal takes the effect that it has for this process.
        signal.raise_signal(ended_by)


def _check_http_options(transport: str, token: str | None, *, local: bool, caller_key: bool, stateless: bool) -> None:
    if transport != "http" and (caller_key or stateless):
        raise ValueError("caller_key and stateless are for HTTP: add --http")
    if caller_key and (local or token is not None):
        other = "the local backend has one key for all" if local else f"{TOKEN} is one token for all"
        raise ValueError(f"with caller_key each caller has a key of its own, but {other}: leave one of them out")


def _serve_http(application: ASGIApp, stack: ExitStack, host: str, port: int) -> None:
    from .connections import HttpServer

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = stack.enter_context(socket.create_server((host, port), family=family))
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"MCP server at http://{shown}:{listener.getsockname()[1]}/mcp\n")
    HttpServer(application, listener).run()


def _client(stack: ExitStack, *, local: bool, isolated: bool, caller_key: bool) -> AsyncDaytona | ClientOf:
    if caller_key:
        return _caller_clients()
    return _local(stack, isolated=isolated) if local else AsyncDaytona()


def _caller_clients() -> ClientOf:
    """Return a function that gives each caller a client with its own key, and nothing of the operator's account."""

    @lru_cache(limits.MCP_CALLERS)
    def client(key: str) -> AsyncDaytona:
        return AsyncDaytona(key, organization_id="")

    return lambda context: client(bearer_token(cast(Request, context.request).headers))


def _local(stack: ExitStack, *, isolated: bool) -> AsyncDaytona:
    from ..local import IsolationError, LocalDaytona, NoIsolationWarning

    try:
        with warnings.catch_warnings():
            if not isolated:
                # The caller has accepted it.
                warnings.simplefilter("ignore", NoIsolationWarning)
            backend = stack.enter_context(LocalDaytona(require_isolation=isolated))
    except IsolationError as exc:
        raise ValueError(f"{exc}; --no-isolation lets programs run as your user instead") from None
    return AsyncDaytona(**backend.client_options())


def _hosts(host: str, allowed: Iterable[str], *, guarded: bool) -> list[str]:
    """Return the names by which the server may be called."""
    names = [name.strip() for name in allowed if name.strip()]
    if _is_loopback(host):
        return ["127.0.0.1", "localhost", "[::1]", *names]
    if not guarded:
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
