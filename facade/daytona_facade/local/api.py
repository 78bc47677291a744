"""The REST API: sandboxes and what becomes of them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .creation import creation_fields, string_map
from .fleet import Fleet
from .listing import page
from .records import Record, list_item, sandbox_body
from .toolbox.profiles import PROFILES
from .wire import RefusedError

Handler = Callable[[Request], Awaitable[Response]]
CONVERTED = ("autostop", "autoarchive", "autodelete")


def api_routes() -> list[Route]:
    """List the routes below /api; each asks for the key first."""
    return [
        route("/sandbox", "GET", list_sandboxes),
        route("/sandbox", "POST", create_sandbox),
        route("/sandbox/", "GET", list_sandboxes),
        route("/sandbox/", "POST", create_sandbox),
        route("/sandbox/{id}", "GET", get_sandbox),
        route("/sandbox/{id}", "DELETE", delete_sandbox),
        route("/sandbox/{id}/start", "POST", start_sandbox),
        route("/sandbox/{id}/stop", "POST", stop_sandbox),
        route("/sandbox/{id}/toolbox-proxy-url", "GET", toolbox_proxy_url),
        route("/sandbox/{id}/labels", "PUT", replace_labels),
        route("/sandbox/{id}/last-activity", "POST", note_activity),
        route("/sandbox/{id}/{interval}/{minutes:int}", "POST", set_interval),
        Route("/api/{path:path}", asked(unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    ]


def route(path: str, method: str, handler: Handler) -> Route:
    """Make one route of the API."""
    return Route(f"/api{path}", asked(handler), methods=[method])


def asked(handler: Handler) -> Handler:
    """Put the check of the key before a handler."""

    async def checked(request: Request) -> Response:
        if not has_key(request):
            raise RefusedError(401, "Invalid credentials")
        return await handler(request)

    return checked


def has_key(request: Request) -> bool:
    """Tell whether a request carries the server's key, in a time that does not depend on how much of it is right."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.api_key
    return hmac.compare_digest(key.strip().encode(), expected.encode()) and scheme.lower() == "bearer"


async def list_sandboxes(request: Request) -> Response:
    """Serve GET /sandbox."""
    # A list parameter may come repeated.
    query = {name: ",".join(request.query_params.getlist(name)) for name in request.query_params}
    records, cursor = page(_fleet(request).records.values(), query)
    profile, url = _shown(request)
    return JSONResponse({"items": [list_item(record, profile, url) for record in records], "nextCursor": cursor})


async def create_sandbox(request: Request) -> Response:
    """Serve POST /sandbox: it waits for the sandbox, and answers what it was before the wait."""
    fleet = _fleet(request)
    body = await read_json(request)
    if isinstance(body, Response):
        return body
    record = fleet.create(creation_fields(body))
    answer = _answer(request, record)
    await fleet.settled(record)
    if record.state == "error":
        raise RefusedError(400, f"Sandbox failed to start: {record.error}")
    return answer


async def get_sandbox(request: Request) -> Response:
    """Serve GET /sandbox/{id}."""
    return _answer(request, _record(request))


async def delete_sandbox(request: Request) -> Response:
    """Serve DELETE /sandbox/{id}."""
    record = _record(request)
    _fleet(request).delete(record)
    return _answer(request, record)


async def start_sandbox(request: Request) -> Response:
    """Serve POST /sandbox/{id}/start: it waits, and answers what the sandbox is then."""
    record = _record(request)
    fleet = _fleet(request)
    fleet.start(record)
    await fleet.settled(record)
    if record.state == "error":
        raise RefusedError(400, f"Sandbox failed to start: {record.error}")
    return _answer(request, record)


async def stop_sandbox(request: Request) -> Response:
    """Serve POST /sandbox/{id}/stop: it does not wait."""
    record = _record(request)
    _fleet(request).stop(record)
    return _answer(request, record)


async def toolbox_proxy_url(request: Request) -> Response:
    """Serve GET /sandbox/{id}/toolbox-proxy-url."""
    _record(request)
    return JSONResponse({"url": request.app.state.toolbox_url})


async def replace_labels(request: Request) -> Response:
    """Serve PUT /sandbox/{id}/labels."""
    record = _record(request)
    body = await read_json(request)
    if isinstance(body, Response):
        return body
    if not isinstance(body, dict):
        raise RefusedError(400, "body must be an object")
    record.labels = string_map(body, "labels")
    record.updated = _fleet(request).now()
    return JSONResponse({"labels": record.labels})


async def note_activity(request: Request) -> Response:
    """Serve POST /sandbox/{id}/last-activity."""
    _fleet(request).touch(_record(request))
    return Response(status_code=201)


async def set_interval(request: Request) -> Response:
    """Serve POST /sandbox/{id}/autostop/{minutes} and its sisters."""
    record = _record(request)
    minutes = int(request.path_params["minutes"])
    name = request.path_params["interval"]
    if name not in CONVERTED or minutes >= 2**31:
        return await unknown(request)
    setattr(record, name.replace("auto", "auto_"), minutes)
    record.updated = _fleet(request).now()
    return _answer(request, record)


async def unknown(request: Request) -> Response:
    """Answer a path or method that the API does not have."""
    raise RefusedError(404, f"Cannot {request.method} {request.url.path}")


async def read_json(request: Request) -> Any:
    """Read a JSON body; what cannot be parsed is answered in a shape of its own."""
    data = await request.body()
    try:
        return json.loads(data) if data else {}
    except (ValueError, RecursionError):
        body = {"message": "Invalid JSON in the request body", "error": "Bad Request", "statusCode": 400}
        return JSONResponse(body, status_code=400)


def _fleet(request: Request) -> Fleet:
    fleet: Fleet = request.app.state.fleet
    return fleet


def _record(request: Request) -> Record:
    return _fleet(request).find(request.path_params["id"])


def _shown(request: Request) -> tuple[Any, str]:
    return PROFILES[_fleet(request).options.daemon], request.app.state.toolbox_url


def _answer(request: Request, record: Record) -> Response:
    return JSONResponse(sandbox_body(record, *_shown(request)))
