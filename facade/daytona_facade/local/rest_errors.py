"""Error bodies and timestamps of the REST API and of the toolbox proxy."""

import http
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .toolbox.profiles import PROFILES

UNEXPECTED = "An unexpected error occurred."


class ApiError(Exception):
    """A request that the REST API answers with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class MalformedJsonError(Exception):
    """A request whose body is not a JSON object or array."""


class RestResponse(JSONResponse):
    """A JSON answer with the media type that Daytona sends."""

    media_type = "application/json; charset=utf-8"


def original_url(request: Request) -> str:
    """Return the path and query string as the client sent them."""
    path, _, _ = request.scope["raw_path"].partition(b"?")
    query = request.scope["query_string"]
    return str((path + b"?" + query if query else path).decode("latin-1"))


def rest_time(moment: datetime) -> str:
    """Format a moment as the REST API does: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rest_error(path: str, status: int, message: str) -> dict[str, Any]:
    """Return the body of an error of the REST API."""
    return {
        "path": path,
        "timestamp": rest_time(datetime.now(UTC)),
        "statusCode": status,
        "error": http.HTTPStatus(status).phrase,
        "message": message,
    }


def rest_error_response(request: Request, exc: Exception) -> Response:
    """Turn an exception into the REST API's answer."""
    if isinstance(exc, MalformedJsonError):
        # Raised before the API's own error filter, so the body has neither path nor timestamp.
        body = {"message": "Invalid JSON in request body", "error": "Bad Request", "statusCode": 400}
        return RestResponse(body, status_code=400)
    status, message = (exc.status, exc.message) if isinstance(exc, ApiError) else (500, UNEXPECTED)
    return RestResponse(rest_error(original_url(request), status, message), status_code=status)


def proxy_error_response(
    request: Request, status: int, code: str, message: str, *, path: str = "", source: str = "DAYTONA_PROXY"
) -> Response:
    """Answer in the shape of Daytona's Go services; ``path`` is theirs where it differs from the request's."""
    body: dict[str, Any] = {
        "statusCode": status,
        "message": message,
        "code": code,
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "path": path or request.url.path,
        "method": request.method,
    }
    if PROFILES[request.app.state.fleet.options.daemon].daemon_codes:
        body["source"] = source
    return RestResponse(body, status_code=status)
