"""The toolbox proxy: requests below ``/toolbox/{sandbox}`` on their way to a toolbox, and the answers back."""

import time
from collections.abc import Callable
from functools import cache

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .api import METHODS, has_key
from .fleet import Fleet
from .operations import OperationTable, UnservedOperation, path_segments, unserved_operations
from .records import Record
from .rest_errors import proxy_error_response

_HOP_BY_HOP = {
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
_WITHHELD = _HOP_BY_HOP | {"authorization", "host", "expect"}
_KEY_CACHE_SECONDS = 120.0
_SKIP_ACTIVITY = "x-daytona-skip-last-activity-update"
_NO_KEY = (
    "unauthorized: missing authentication: provide a preview access token (via header, query parameter, or cookie) "
    "or use an API key or JWT"
)
_WRONG_KEY = "unauthorized: authentication failed: Bearer token is invalid"
_STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?"
_ABSENT = "not found: sandbox container not found: Error response from daemon: No such container: {}"


def proxy_routes() -> list[Route]:
    """List the routes of the proxy."""
    return [
        Route("/toolbox/{id}", _without_path, methods=METHODS),
        Route("/toolbox/{id}/{path:path}", _forward, methods=METHODS),
    ]


async def _without_path(request: Request) -> Response:
    return _unauthorized(request) or proxy_error_response(request, 404, "NOT_FOUND", "not found: not found")


async def _forward(request: Request) -> Response:
    refusal = _unauthorized(request)
    if refusal is not None:
        return refusal
    fleet: Fleet = request.app.state.fleet
    record = fleet.records.get(request.path_params["id"])
    if record is None or record.state in ("creating", "destroying", "error"):
        return _runner_error(request, 404, "NOT_FOUND", _ABSENT.format(request.path_params["id"]))
    if record.state == "starting":
        return Response(status_code=502)
    if record.running is None or record.state != "started":
        return _runner_error(request, 400, "BAD_REQUEST", _STOPPED)
    return await _pass_on(request, fleet, record, record.running.client)


def _unauthorized(request: Request) -> Response | None:
    """Refuse a request without the key, or to what is not an ID: the proxy does not tell these apart."""
    fleet: Fleet = request.app.state.fleet
    if request.headers.get("authorization", "").strip().lower() in ("", "bearer"):
        return proxy_error_response(request, 401, "UNAUTHORIZED", _NO_KEY)
    keys: KeyCache = request.app.state.key_cache
    identity = request.path_params["id"]
    if not has_key(request) or not (identity in fleet.records or keys.has(identity)):
        return proxy_error_response(request, 401, "UNAUTHORIZED", _WRONG_KEY)
    keys.add(identity)
    return None


def _runner_error(request: Request, status: int, code: str, message: str) -> Response:
    """Answer as the runner does, which names its own path."""
    path = f"/sandboxes/{request.path_params['id']}/toolbox/{request.path_params['path']}"
    return proxy_error_response(request, status, code, message, path=path)


async def _pass_on(request: Request, fleet: Fleet, record: Record, client: httpx.AsyncClient) -> Response:
    use = _Use(fleet, record, quiet=request.headers.get(_SKIP_ACTIVITY) == "true")
    try:
        answer = await client.send(_outgoing(request), stream=True)
        unserved = _unserved(request, answer)
        if unserved is None:
            return _Relay(answer, use)
        await answer.aclose()
    except ClientDisconnect:
        return Response(status_code=502)
    except (httpx.TransportError, RuntimeError):
        # The sandbox ended meanwhile, or its toolbox is in trouble.
        fleet.suspect(record)
        return Response(status_code=502)
    finally:
        if not use.handed_over:
            use.end()
    return unserved


def _unserved(request: Request, answer: httpx.Response) -> Response | None:
    """Name the operation where the toolbox has no route for one that Daytona's daemon has."""
    if answer.status_code != 404 or not answer.headers.get("content-type", "").startswith("text/plain"):
        return None
    path = _inner_path(request.scope["raw_path"])
    found = _unserved_operations().find(request.method, path_segments(path))
    if found is None:
        return None
    message = f"not implemented: {found[0].message}"
    inner = path.decode("latin-1")
    return proxy_error_response(request, 501, "NOT_IMPLEMENTED", message, path=inner, source="DAYTONA_DAEMON")


@cache
def _unserved_operations() -> OperationTable[UnservedOperation]:
    return OperationTable((item.method, item.path, item) for item in unserved_operations("toolbox"))


class KeyCache:
    """The sandboxes that the key was seen to open, which Daytona's proxy believes for two minutes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def has(self, identity: str) -> bool:
        """Tell whether the key opened a sandbox, which may be gone by now."""
        return self._until.get(identity, 0.0) > self._now()

    def add(self, identity: str) -> None:
        """Remember that the key opens a sandbox; the time of an earlier answer is kept."""
        if not self.has(identity):
            now = self._now()
            self._until = {name: until for name, until in self._until.items() if until > now}
            self._until[identity] = now + _KEY_CACHE_SECONDS


class _Use:
    """One request to a sandbox, which keeps it from being stopped as idle until the request ends."""

    def __init__(self, fleet: Fleet, record: Record, *, quiet: bool) -> None:
        self._fleet, self._record, self._quiet = fleet, record, quiet
        self.handed_over = False
        record.busy += 1
        self._touch()

    def end(self) -> None:
        """Let the sandbox be idle again."""
        self._record.busy -= 1
        self._touch()

    def _touch(self) -> None:
        if not self._quiet:
            self._fleet.touch(self._record)


class _Relay(StreamingResponse):
    """The answer of a toolbox on its way to the client."""

    def __init__(self, answer: httpx.Response, use: _Use) -> None:
        super().__init__(answer.aiter_raw(), status_code=answer.status_code)
        self.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw if _is_relayed(name)]
        self._answer, self._use = answer, use
        use.handed_over = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._use.end()
            await self._answer.aclose()


def _is_relayed(name: bytes) -> bool:
    return name.decode("latin-1").lower() not in _HOP_BY_HOP | {"date", "server"}


def _outgoing(request: Request) -> httpx.Request:
    path = _inner_path(request.scope["raw_path"])
    query = request.scope["query_string"]
    url = httpx.URL(scheme="http", host="sandbox", raw_path=path + (b"?" + query if query else b""))
    headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1") not in _WITHHELD]
    sends_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return httpx.Request(request.method, url, headers=headers, content=request.stream() if sends_body else None)


def _inner_path(raw_path: bytes) -> bytes:
    """Cut off the proxy's part of a path: ``/toolbox/{sandbox}/files`` becomes ``/files``."""
    return b"/" + raw_path.split(b"?")[0].split(b"/", 3)[3]
