"""The server's own routes, outside of what it imitates: faults, changed while it runs."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .api import METHODS, has_key
from .faults import Fault, Faults, parse_fault
from .rest_errors import ApiError

_DASHBOARD = "<!doctype html><title>Daytona</title><p>This is the local backend; its API is below /api.</p>"


def control_routes() -> list[Route]:
    """List the server's own routes; the last one answers every path that no other route has."""
    return [
        Route("/_local/faults", _faults, methods=["GET", "PUT", "DELETE"]),
        Route("/{path:path}", _dashboard, methods=METHODS),
    ]


async def _faults(request: Request) -> Response:
    """Show, replace or clear the faults.

    PUT takes ``{"faults": [...], "seed": 1}``; a fault is a string as on the command line, or an object of its fields.
    """
    if not has_key(request):
        raise ApiError(401, "Invalid credentials")
    current: Faults = request.app.state.faults
    if request.method == "DELETE":
        current.replace([], None)
    elif request.method == "PUT":
        try:
            body = json.loads(await request.body())
            faults = [parse_fault(item) if isinstance(item, str) else Fault(**item) for item in body["faults"]]
            current.replace(faults, body.get("seed"))
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise ApiError(400, f"not a list of faults: {exc}") from None
    return JSONResponse(current.describe())


async def _dashboard(_request: Request) -> Response:
    """Answer as Daytona does outside its API: an HTML page with status 200."""
    return Response(_DASHBOARD, media_type="text/html")
