"""The server's own routes, outside of what it imitates: faults, switched while it runs."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .api import has_key
from .faults import Fault, Faults, parse_fault
from .wire import RefusedError

DASHBOARD = "<!doctype html><title>Daytona</title><p>This is the local backend; its API is below /api.</p>"


def control_routes() -> list[Route]:
    """List the server's own routes, the last of which answers whatever no other does."""
    return [
        Route("/_local/faults", faults, methods=["GET", "PUT", "DELETE"]),
        Route("/{path:path}", dashboard, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    ]


async def faults(request: Request) -> Response:
    """Show, replace or clear the faults in force.

    PUT takes {"faults": [...], "seed": 1}; a fault is a text as on the command line, or an object of its fields.
    """
    if not has_key(request):
        raise RefusedError(401, "Invalid credentials")
    current: Faults = request.app.state.faults
    if request.method == "DELETE":
        current.replace([], None)
    elif request.method == "PUT":
        try:
            body = json.loads(await request.body())
            asked = [parse_fault(item) if isinstance(item, str) else Fault(**item) for item in body["faults"]]
            current.replace(asked, body.get("seed"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RefusedError(400, f"not a list of faults: {error}") from None
    return JSONResponse(current.told())


async def dashboard(_request: Request) -> Response:
    """Answer as Daytona does outside its API: with a page and 200, whatever was asked."""
    return Response(DASHBOARD, media_type="text/html")
