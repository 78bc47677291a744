"""Streamable HTTP: who may call the server, by which name, and from which page."""

import hmac
import re
from collections.abc import Iterable
from typing import Any

from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REQUEST_BYTES = 64 * 2**20
"""A file of 48 MB, in base64; the SDK's own 4 MB would refuse what upload_file is for."""


def app(server: Server[Any], hosts: Iterable[str], token: str | None) -> Starlette:
    """Make the ASGI application: ``/mcp``, for callers that name one of the hosts and show the token, if there is one.

    A request from a page of another origin is refused with 403, one for another host with 421, one without the token
    with 401.
    """
    names = [form for host in hosts for form in _with_ports(host)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in names],
    )
    application = server.streamable_http_app(transport_security=security, max_request_body_size=_REQUEST_BYTES)
    if token is not None:
        application.add_middleware(_Guard, token=token)
    return application


def _with_ports(host: str) -> list[str]:
    """Allow a name with any port, unless it has one."""
    return [host] if re.search(r":\d+$", host) else [host, f"{host}:*"]


class _Guard:
    """Lets through only who shows the token, before anything of the request is read."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application = application
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._shown(Headers(scope=scope).get("authorization", "")):
            refusal = JSONResponse(
                {"error": "a bearer token is required"}, 401, headers={"WWW-Authenticate": 'Bearer realm="mcp"'}
            )
            return await refusal(scope, receive, send)
        return await self._application(scope, receive, send)

    def _shown(self, authorization: str) -> bool:
        scheme, _, shown = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), self._token)
