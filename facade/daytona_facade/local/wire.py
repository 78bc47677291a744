"""The error bodies and timestamps of the REST API and of the proxy."""

from __future__ import annotations

import http
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .toolbox.profiles import PROFILES


class RefusedError(Exception):
    """A request that the REST API answers with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def rest_time(moment: datetime) -> str:
    """Write a moment as the REST API does: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rest_error(path: str, status: int, message: str) -> dict[str, Any]:
    """Make the body of an error of the REST API."""
    return {
        "path": path,
        "timestamp": rest_time(datetime.now(UTC)),
        "statusCode": status,
        "error": http.HTTPStatus(status).phrase,
        "message": message,
    }


def rest_refusal(request: Request, error: Exception) -> Response:
    """Answer a request that the REST API refuses."""
    status, message = 500, "An unexpected error occurred."
    if isinstance(error, RefusedError):
        status, message = error.status, error.message
    return JSONResponse(rest_error(request.url.path, status, message), status_code=status)


def proxy_refusal(request: Request, status: int, code: str, message: str) -> Response:
    """Answer a request that does not get through the proxy."""
    body: dict[str, Any] = {
        "statusCode": status,
        "message": message,
        "code": code,
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "path": request.url.path,
        "method": request.method,
    }
    if PROFILES[request.app.state.fleet.options.daemon].daemon_codes:
        body["source"] = "DAYTONA_PROXY"
    return JSONResponse(body, status_code=status)
