"""/toolbox/{sandbox}/...: requests on their way to the toolbox of one sandbox, and the answers back."""

from __future__ import annotations

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .api import has_key
from .fleet import Fleet
from .records import Record
from .wire import proxy_refusal

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# The key is the server's: it never enters a sandbox.
WITHHELD = HOP_BY_HOP | {"authorization", "host", "expect"}
QUIET = "x-daytona-skip-last-activity-update"
STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?"


def proxy_routes() -> list[Route]:
    """List the routes of the proxy."""
    return [
        Route("/toolbox/{id}", nowhere, methods=METHODS),
        Route("/toolbox/{id}/{path:path}", forward, methods=METHODS),
    ]


async def nowhere(request: Request) -> Response:
    """Answer a sandbox's address without a path."""
    return refusal(request) or proxy_refusal(request, 404, "NOT_FOUND", "not found: not found")


async def forward(request: Request) -> Response:
    """Pass a request to the toolbox of its sandbox."""
    refused = refusal(request)
    if refused is not None:
        return refused
    fleet: Fleet = request.app.state.fleet
    record = fleet.records[request.path_params["id"]]
    if record.state in ("creating", "starting"):
        return Response(status_code=502)
    if record.running is None or record.state != "started":
        return proxy_refusal(request, 400, "BAD_REQUEST", STOPPED)
    return await passed(request, fleet, record, record.running.client)


def refusal(request: Request) -> Response | None:
    """Refuse a request without the key, or to what is not the ID of a sandbox: the proxy tells neither apart."""
    if "authorization" not in request.headers:
        message = "unauthorized: missing authentication: no API key or token was given"
        return proxy_refusal(request, 401, "UNAUTHORIZED", message)
    fleet: Fleet = request.app.state.fleet
    if not has_key(request) or request.path_params["id"] not in fleet.records:
        message = "unauthorized: authentication failed: Bearer token is invalid"
        return proxy_refusal(request, 401, "UNAUTHORIZED", message)
    return None


async def passed(request: Request, fleet: Fleet, record: Record, client: httpx.AsyncClient) -> Response:
    """Send a request on, and stream the answer back."""
    use = Use(fleet, record, quiet=request.headers.get(QUIET) == "true")
    try:
        answer = await client.send(outgoing(request), stream=True)
    except (httpx.TransportError, RuntimeError, ClientDisconnect):
        # The sandbox ended meanwhile, or its toolbox is not what it was.
        use.end()
        return Response(status_code=502)
    except BaseException:
        use.end()
        raise
    return Relay(answer, use)


class Use:
    """One request to a sandbox, which keeps it from being stopped as idle until the request ends."""

    def __init__(self, fleet: Fleet, record: Record, *, quiet: bool) -> None:
        self._fleet, self._record, self._quiet = fleet, record, quiet
        record.busy += 1
        self._touch()

    def end(self) -> None:
        """Let the sandbox be idle again."""
        self._record.busy -= 1
        self._touch()

    def _touch(self) -> None:
        if not self._quiet:
            self._fleet.touch(self._record)


class Relay(StreamingResponse):
    """The answer of a toolbox on its way to the client."""

    def __init__(self, answer: httpx.Response, use: Use) -> None:
        super().__init__(answer.aiter_raw(), status_code=answer.status_code)
        self.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw if kept(name)]
        self._answer, self._use = answer, use

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._use.end()
            await self._answer.aclose()


def kept(name: bytes) -> bool:
    """Tell whether a header of an answer goes on to the client."""
    return name.decode("latin-1").lower() not in HOP_BY_HOP | {"date", "server"}


def outgoing(request: Request) -> httpx.Request:
    """Make the request that the toolbox gets."""
    path = inner_path(request.scope["raw_path"])
    query = request.scope["query_string"]
    url = httpx.URL(scheme="http", host="sandbox", raw_path=path + (b"?" + query if query else b""))
    headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1") not in WITHHELD]
    sends_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return httpx.Request(request.method, url, headers=headers, content=request.stream() if sends_body else None)


def inner_path(raw_path: bytes) -> bytes:
    """Cut the proxy's own part off a path: /toolbox/{sandbox}/files -> /files."""
    return b"/" + raw_path.split(b"?")[0].split(b"/", 3)[3]
