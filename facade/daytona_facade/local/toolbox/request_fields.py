"""JSON request bodies, read with the strictness of the daemon's binding."""

import json
import re
from typing import Any

from starlette.requests import Request

from .daemon_errors import FailedError, invalid_body
from .go_text import whole

ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
UINT32 = 2**32


async def json_object(request: Request) -> dict[str, Any]:
    """Read the body as a JSON object, or fail with 400."""
    try:
        body = json.loads(await request.body())
    except ValueError as exc:
        raise invalid_body(f"invalid request body: {exc}") from None
    if not isinstance(body, dict):
        raise invalid_body("invalid request body: expected a JSON object")
    return body


def text(body: dict[str, Any], name: str, *, required: bool = False) -> str:
    """Read a string; absent and null are empty."""
    value = body.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise invalid_body(f"invalid request body: {name} must be a string")
    if required and not value:
        raise invalid_body(f"invalid request body: {name} is required")
    return whole(value)


def texts(body: dict[str, Any], name: str) -> list[str]:
    """Read a list of strings; absent and null are an empty one."""
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str | None) for item in value):
        raise invalid_body(f"invalid request body: {name} must be a list of strings")
    return [whole(item or "") for item in value]


def seconds(body: dict[str, Any], name: str = "timeout") -> int:
    """Read an unsigned 32 bit number of seconds; absent, null and 0 mean none."""
    return whole_number(body, name, UINT32)


def whole_number(body: dict[str, Any], name: str, below: int) -> int:
    """Read a number from 0 to below ``below``, without a fraction."""
    value = body.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
        raise invalid_body(f"invalid request body: {name} must be a non-negative integer")
    return value


def environment(body: dict[str, Any]) -> dict[str, str]:
    """Read ``envs``, refusing names that a shell could not set."""
    value = body.get("envs") or {}
    if not isinstance(value, dict) or not all(isinstance(item, str | None) for item in value.values()):
        raise invalid_body("invalid request body: envs must be an object of strings")
    for name in value:
        if not ENV_NAME.match(name):
            raise FailedError(400, f"invalid environment variable name: '{whole(name)}'")
    return {name: whole(item or "") for name, item in value.items()}
