"""The REST API: sandboxes and their changes of state."""

import hmac
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .creation import archive_minutes, creation_fields, label_fields, stop_minutes, whole_minutes
from .fleet import Fleet
from .js_numbers import js_number
from .json_body import is_storable, read_json_body
from .listing import page
from .operations import OperationTable, UnservedOperation, path_segments, unserved_operations
from .records import Record, list_item, sandbox_body
from .rest_errors import UNEXPECTED, ApiError, RestResponse, original_url
from .toolbox.profiles import PROFILES

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_WITHOUT_KEY = ("socketIo", "getConfig", "live", "check")
_INTERVALS: dict[str, Callable[[float], int]] = {
    "auto_stop": stop_minutes,
    "auto_archive": archive_minutes,
    "auto_delete": whole_minutes,
}


def api_routes() -> list[Route]:
    """List the routes of the REST API."""
    return [
        Route("/api/{path:path}", _dispatch, methods=METHODS),
        Route("/socket.io{path:path}", _socket_io, methods=METHODS),
    ]


def has_key(request: Request) -> bool:
    """Tell whether a request carries the server's key, in a time that does not depend on the key given."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.api_key
    return hmac.compare_digest(key.strip().encode(), expected.encode()) and scheme.lower() == "bearer"


class _Call:
    """One request to an operation that is served."""

    def __init__(self, request: Request, parameters: dict[str, str], body: Any) -> None:
        self.request = request
        self.parameters = parameters
        self.body = body
        self.fleet: Fleet = request.app.state.fleet

    @property
    def record(self) -> Record:
        """The sandbox that the path names; raises ApiError."""
        return self.fleet.find(self.parameters["id"])

    def answer(self, record: Record, *without: str) -> Response:
        """Answer with a sandbox, without some fields."""
        body = sandbox_body(record, PROFILES[self.fleet.options.daemon], self.request.app.state.toolbox_url)
        return RestResponse({name: value for name, value in body.items() if name not in without})


_Handler = Callable[[_Call], Awaitable[Response]]


async def _dispatch(request: Request) -> Response:
    """Answer in Daytona's order: the body is parsed first, then comes the route, then the key."""
    body = await read_json_body(request)
    segments = path_segments(request.scope["raw_path"])[1:]
    found = _operations().find(request.method, segments)
    if found is None:
        raise ApiError(404, f"Cannot {request.method} {original_url(request)}")
    operation, parameters = found
    if not has_key(request) and not (isinstance(operation, UnservedOperation) and operation.name in _WITHOUT_KEY):
        raise ApiError(401, "Invalid credentials")
    if not is_storable(list(parameters.values())):
        raise ApiError(500, UNEXPECTED)
    if isinstance(operation, UnservedOperation):
        identity = parameters.get("sandboxIdOrName") or parameters.get("sandboxId")
        if identity and segments[0] == "sandbox":
            request.app.state.fleet.find(identity)
        raise ApiError(501, operation.message)
    return await operation(_Call(request, parameters, body))


async def _socket_io(_request: Request) -> Response:
    raise ApiError(501, UnservedOperation("socketIo", "*", "/socket.io").message)


async def _list_sandboxes(call: _Call) -> Response:
    query: dict[str, list[str]] = {}
    for name, value in call.request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    records, cursor = page(call.fleet.records.values(), query)
    profile, url = PROFILES[call.fleet.options.daemon], call.request.app.state.toolbox_url
    return RestResponse({"items": [list_item(record, profile, url) for record in records], "nextCursor": cursor})


async def _create_sandbox(call: _Call) -> Response:
    """Wait for the sandbox, and answer what it was before the wait, as Daytona does."""
    record = call.fleet.create(creation_fields(call.body, call.fleet.options))
    answer = call.answer(record, "daemonVersion")
    await _wait_until_started(call, record)
    return answer


async def _get_sandbox(call: _Call) -> Response:
    return call.answer(call.record)


async def _delete_sandbox(call: _Call) -> Response:
    record = call.record
    call.fleet.delete(record)
    return call.answer(record, "lastActivityAt")


async def _start_sandbox(call: _Call) -> Response:
    record = call.record
    call.fleet.start(record)
    await _wait_until_started(call, record)
    return call.answer(record)


async def _stop_sandbox(call: _Call) -> Response:
    record = call.record
    call.fleet.stop(record)
    return call.answer(record, "lastActivityAt")


async def _toolbox_proxy_url(call: _Call) -> Response:
    _ = call.record
    return RestResponse({"url": call.request.app.state.toolbox_url})


async def _replace_labels(call: _Call) -> Response:
    record = call.record
    record.labels = label_fields(call.body)
    record.updated = call.fleet.now()
    return RestResponse({"labels": record.labels})


async def _update_last_activity(call: _Call) -> Response:
    call.fleet.touch(call.record)
    return Response(status_code=201)


def _set_interval(field: str) -> _Handler:
    async def handler(call: _Call) -> Response:
        record = call.record
        setattr(record, field, _INTERVALS[field](js_number(call.parameters["minutes"])))
        record.updated = call.fleet.now()
        return call.answer(record)

    return handler


async def _wait_until_started(call: _Call, record: Record) -> None:
    await call.fleet.settle(record)
    if record.state == "error":
        raise ApiError(400, f"Sandbox failed to start: {record.error}")


_SERVED: list[tuple[str, str, _Handler]] = [
    ("GET", "/sandbox", _list_sandboxes),
    ("POST", "/sandbox", _create_sandbox),
    ("GET", "/sandbox/{id}", _get_sandbox),
    ("DELETE", "/sandbox/{id}", _delete_sandbox),
    ("POST", "/sandbox/{id}/start", _start_sandbox),
    ("POST", "/sandbox/{id}/stop", _stop_sandbox),
    ("GET", "/sandbox/{id}/toolbox-proxy-url", _toolbox_proxy_url),
    ("PUT", "/sandbox/{id}/labels", _replace_labels),
    ("POST", "/sandbox/{id}/last-activity", _update_last_activity),
    ("POST", "/sandbox/{id}/autostop/{minutes}", _set_interval("auto_stop")),
    ("POST", "/sandbox/{id}/autoarchive/{minutes}", _set_interval("auto_archive")),
    ("POST", "/sandbox/{id}/autodelete/{minutes}", _set_interval("auto_delete")),
]


@cache
def _operations() -> OperationTable[_Handler | UnservedOperation]:
    unserved = ((operation.method, operation.path, operation) for operation in unserved_operations("rest"))
    return OperationTable([*_SERVED, *unserved])
