"""The JSON body of a request to the REST API, read as Daytona's body parser reads it."""

import json
import math
from typing import Any, NoReturn

from starlette.requests import Request

from .rest_errors import ApiError, MalformedJsonError, original_url

MAX_BODY_BYTES = 100 * 1024
_MAX_DISCARDED_BYTES = 64 * 1024**2


async def read_json_body(request: Request) -> Any:
    """Return the parsed body, or an empty object where there is none or it is not JSON by its media type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return {}
    data = await _read(request)
    if not data:
        return {}
    text = data.decode("utf-8-sig", errors="replace").strip(" \t\r\n")
    if not text.startswith(("{", "[")):
        raise MalformedJsonError
    try:
        return parse_json(text)
    except (ValueError, RecursionError):
        raise MalformedJsonError from None


def parse_json(text: str) -> Any:
    """Parse JSON without Python's extensions; raises ValueError."""
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)


def is_storable(value: Any) -> bool:
    """Tell whether Daytona's database can store every string of a JSON value."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(item) for key, item in value.items())
    return all(map(is_storable, value)) if isinstance(value, list) else True


async def _read(request: Request) -> bytes:
    data, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size <= MAX_BODY_BYTES:
            data += piece
        elif size > _MAX_DISCARDED_BYTES:
            break
    if size > MAX_BODY_BYTES:
        # Daytona's own answer to a body over its limit: the route is not reached.
        raise ApiError(404, f"Cannot {request.method} {original_url(request)}")
    return bytes(data)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
