"""Messages that are not the protocol's: the SDK drops them on standard input, so that a client would wait for ever."""

import json
from typing import Any

from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from .. import limits


def rejection(line: str) -> JSONRPCError | None:
    """Return the error that answers a line, or nothing where the line is a message."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError as exc:
        problem = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        if problem["type"] == "json_invalid":
            return _error(PARSE_ERROR, f"Parse error: {problem['msg']}", _load(line))
        return _error(INVALID_REQUEST, "Invalid Request: not a JSON-RPC 2.0 message", _load(line))
    # The SDK takes a request with a null id for a notification.
    if isinstance(message, JSONRPCNotification) and '"id"' in line and "id" in (_load(line) or {}):
        return _error(INVALID_REQUEST, "Invalid Request: the id of a request must be a string or an integer", None)
    return None


def _error(code: int, text: str, document: Any) -> JSONRPCError:
    number = document.get("id") if isinstance(document, dict) else None
    known = type(number) is int or (isinstance(number, str) and number.isascii())
    data = ErrorData(code=code, message=text[: 2 * limits.MCP_QUOTED_CHARS])
    return JSONRPCError(jsonrpc="2.0", id=number if known else None, error=data)


def _load(line: str) -> Any:
    """Parse JSON as Python does, which takes lone surrogates."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
