"""Errors of the toolbox API in the words and shapes of the daemon."""

import errno
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from .go_text import reason
from .profiles import Profile

PREFIXES = {
    400: "bad request",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    408: "request timeout",
    409: "conflict",
    422: "unprocessable entity",
}
GENERIC_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    408: "REQUEST_TIMEOUT",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
}


class FailedError(Exception):
    """A request that the daemon answers with an error."""

    def __init__(self, status: int, message: str, code: str = "", *, file_route: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.file_route = file_route


def invalid_body(message: str) -> FailedError:
    """Make the answer to a body that is not what the route takes."""
    return FailedError(400, message, "INVALID_REQUEST_BODY")


def file_failure(exc: OSError | ValueError, verb: str, path: str) -> FailedError:
    """Translate what the operating system says about a path."""
    number = exc.errno if isinstance(exc, OSError) else errno.EINVAL
    text = f"{verb} {path}: {reason(exc)}"
    if number == errno.ENOENT:
        return FailedError(404, text, "FILE_NOT_FOUND", file_route=True)
    if number in (errno.EACCES, errno.EPERM):
        return FailedError(403, text, "FILE_ACCESS_DENIED", file_route=True)
    return FailedError(400, text, "BAD_REQUEST", file_route=True)


def error_body(profile: Profile, request: Request, status: int, message: str, code: str) -> dict[str, object]:
    """Make the daemon's JSON object for an error."""
    prefix = PREFIXES.get(status)
    generic = GENERIC_CODES.get(status, "INTERNAL_SERVER_ERROR")
    legacy = code if code == "INVALID_REQUEST_BODY" else generic
    body: dict[str, object] = {
        "statusCode": status,
        "message": f"{prefix}: {message}" if prefix else message,
        "code": (code or generic) if profile.daemon_codes else legacy,
        "timestamp": timestamp(),
        "path": request.url.path,
        "method": request.method,
    }
    if profile.daemon_codes:
        body["source"] = "DAYTONA_DAEMON"
    return body


def timestamp() -> str:
    """Write the time as the daemon does."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def answer(profile: Profile, request: Request, failed: FailedError) -> Response:
    """Make the HTTP response for a failed request."""
    if failed.file_route and not profile.file_error_bodies:
        return Response(status_code=failed.status)
    body = error_body(profile, request, failed.status, failed.message, failed.code)
    return JSONResponse(body, status_code=failed.status)


def unknown_route(_request: Request, _exc: Exception) -> Response:
    """Answer a path or method that the daemon does not have."""
    return PlainTextResponse("404 page not found", status_code=404)


def broken(_request: Request, _exc: Exception) -> Response:
    """Answer a fault of the toolbox itself as a panicking daemon does: 500 without a body."""
    return Response(status_code=500)
