"""Streamable HTTP: who may call the server, by which name, and from which page."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from mcp.server import Server
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import limits

_AUTHORITY = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{0,5}))?", re.IGNORECASE)


def app(
    server: Server[Any],
    hosts: Iterable[str],
    token: str | None,
    *,
    caller_key: bool = False,
    stateless: bool = False,
) -> Starlette:
    """Make the ASGI application: ``/mcp``, for callers that use one of the host names and have the token, if any.

    A request from a page of another origin is refused with 403, one for another host with 421, one without the token
    with 401. With ``caller_key`` the bearer token is the caller's own Daytona key, and a session belongs to its key.
    """
    application = server.streamable_http_app(
        # Checked before the token is, by the guard: the SDK compares spellings, not names.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        max_request_body_size=limits.MCP_REQUEST_BYTES,
        stateless_http=stateless,
    )
    allowed = frozenset(filter(None, map(_authority, hosts)))
    application.add_middleware(_Guard, allowed=allowed, token=token, caller_key=caller_key)
    return application


def bearer_token(headers: Headers) -> str:
    """Return the bearer token of a request, or an empty string."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _authority(text: str) -> tuple[str, str] | None:
    """Parse a host name, lower case and without a dot at its end, and a port; anything else is none."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    return found["name"].lower().removesuffix("."), found["port"] or ""


class _Guard:
    """Refuses requests for other hosts, from other pages, and without the token, before reading their bodies."""

    def __init__(
        self, application: ASGIApp, allowed: frozenset[tuple[str, str]], token: str | None, *, caller_key: bool
    ) -> None:
        self._application = application
        self._allowed = allowed
        self._token = token.encode() if token is not None else None
        self._caller_key = caller_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        headers = Headers(scope=scope)
        refusal = self._refusal(headers)
        if refusal is not None:
            return await refusal(scope, receive, send)
        if self._caller_key:
            scope = {**scope, "user": _user(bearer_token(headers))}
        try:
            return await self._application(scope, _whole_body(receive), send)
        except ClientDisconnect:
            # Nobody is left to answer.
            return None

    def _refusal(self, headers: Headers) -> Response | None:
        if len(headers.getlist("host")) != 1 or not self._is_allowed(headers["host"]):
            return Response("Invalid Host header", 421)
        if "origin" in headers and not self._is_own_page(headers["origin"]):
            return Response("Invalid Origin header", 403)
        if not self._is_authorized(bearer_token(headers)):
            what = "a Daytona API key as bearer token" if self._caller_key else "a bearer token"
            body = {"error": f"{what} is required"}
            return JSONResponse(body, 401, headers={"WWW-Authenticate": 'Bearer realm="mcp"'})
        return None

    def _is_allowed(self, host: str) -> bool:
        authority = _authority(host)
        # A name that was allowed without a port is allowed with any.
        return authority is not None and bool({authority, (authority[0], "")} & self._allowed)

    def _is_own_page(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        rest = parts.path or parts.query or parts.fragment
        return parts.scheme in {"http", "https"} and not rest and self._is_allowed(parts.netloc)

    def _is_authorized(self, token: str) -> bool:
        if self._caller_key:
            return re.fullmatch(r"[!-~]{1,4096}", token) is not None
        return self._token is None or hmac.compare_digest(token.encode(), self._token)


def _whole_body(receive: Receive) -> Receive:
    """Raise where a client leaves in the middle of a body; the SDK would write a traceback."""
    complete = False

    async def watched() -> Message:
        nonlocal complete
        message = await receive()
        if message["type"] == "http.request":
            complete = not message.get("more_body", False)
        elif not complete:
            raise ClientDisconnect
        return message

    return watched


def _user(key: str) -> AuthenticatedUser:
    """Identify the caller to the SDK, which binds a session to who opened it, without showing it the key."""
    identity = hashlib.sha256(key.encode()).hexdigest()
    return AuthenticatedUser(AccessToken(token=identity, client_id=identity, scopes=[]))
