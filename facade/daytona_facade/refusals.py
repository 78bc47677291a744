"""What an answer outside 2xx means: its kind, what its body says, and what to do about it."""

import datetime
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from .failures import DaytonaError, Failure, Kind
from .redaction import Redactor

_QUOTED_CHARS = 600
_LOCATION_CHARS = 200
_MESSAGE_DEPTH = 8
_NOT_RUNNING = ("is the sandbox started", "sandbox is not running", "failed to get runner info", "container not found")
_WRONG_STATE = ("not in a stoppable state", "not in valid state", "errored state")
_KINDS: dict[int, Kind] = {
    400: "invalid_input",
    401: "authentication",
    402: "permission",
    403: "permission",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    410: "not_found",
    413: "too_large",
    422: "invalid_input",
    429: "rate_limited",
    504: "timeout",
}
# Refused before anything was done; every other answer may have come after the act.
_NOT_ACTED_ON = frozenset({401, 403, 429})
_REFUSED_BY_PROXY = ("authentication failed: bearer token", "missing authentication")


def refused(
    status: int, headers: Mapping[str, str], body: bytes, redactor: Redactor, *, toolbox: bool, cut: bool = False
) -> DaytonaError:
    """Word an answer outside 2xx from what its body, or the beginning of it that was read, says."""
    said = _said(body, html_page="html" in headers.get("content-type", ""))
    kind = _kind(status, said)
    shown = redactor.quoted(said, _QUOTED_CHARS, cut=cut)
    problem = f"HTTP {status}" + (f": {shown}" if shown else " with no explanation")
    location = redactor.quoted(headers.get("location", ""), _LOCATION_CHARS)
    advice = _advice(status, kind, said, toolbox=toolbox, location=location)
    message = problem + (f" ({advice})" if advice else "")
    return DaytonaError(Failure(kind, message, status, retry_after(headers), sent=_acted(status, said, toolbox)))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the wait in seconds from ``Retry-After`` or Daytona's ``Retry-After-<throttler>``: the longest one given."""
    waits = [_seconds(value) for name, value in headers.items() if name.lower().startswith("retry-after")]
    return max((wait for wait in waits if wait is not None), default=None)


def _seconds(value: str) -> float | None:
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


def _acted(status: int, said: str, toolbox: bool) -> bool:
    if not toolbox:
        return status not in _NOT_ACTED_ON
    # A daemon passes on what a git host refused: the same statuses, with the act begun.
    by_proxy = status == 401 and any(sign in said.lower() for sign in _REFUSED_BY_PROXY)
    return not (status == 429 or by_proxy)


def _said(body: bytes, *, html_page: bool) -> str:
    text = body.decode("utf-8", "replace").strip()
    if html_page or text[:15].lower().startswith(("<!doctype", "<html")):
        return "an HTML page instead of an answer of the API"
    try:
        document: Any = json.loads(text) if text[:1] in '{["' else text
    except (ValueError, RecursionError):
        document = text
    return _message(document, _MESSAGE_DEPTH)


def _message(document: Any, depth: int) -> str:
    """Pick the explanation, in the servers' order: message (a text or a list), error, errors, else the text itself."""
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return ", ".join(item for item in document if isinstance(item, str))
    if isinstance(document, dict) and depth:
        for key in ("message", "error", "errors"):
            if said := _message(document.get(key), depth - 1):
                return said
    return ""


def _kind(status: int, said: str) -> Kind:
    low = said.lower()
    if status in {400, 404} and any(sign in low for sign in _NOT_RUNNING):
        return "not_running"
    if status == 400 and any(sign in low for sign in _WRONG_STATE):
        return "conflict"
    if status in _KINDS:
        return _KINDS[status]
    return "server" if status >= 500 else "protocol"


def _advice(status: int, kind: Kind, said: str, *, toolbox: bool, location: str) -> str:
    if "resources when using a snapshot" in said:
        return "leave out cpu, memory and disk: a snapshot fixes them"
    if status == 401 and toolbox:
        git = "authentication required" in said.lower()
        return "check the repository's username and password" if git else _TOOLBOX_KEY
    if status == 502 and toolbox:
        return "the sandbox may still be booting or has stopped: look with get_sandbox, then try again"
    if 300 <= status < 400:
        target = f" to {location}" if location else ""
        return f"redirected{target}; redirects are never followed with a key: check the API URL"
    if "already exists" in said:
        return ""
    return _ADVICE.get(kind, "")


_TOOLBOX_KEY = "check the API key; the sandbox's ID is needed here, not its name"
_ADVICE: dict[Kind, str] = {
    "authentication": "check the API key",
    "permission": "the API key may not do this",
    "not_running": "the sandbox is not running: start it with start_sandbox",
    "conflict": "the sandbox's state does not allow it now: look with get_sandbox, then try again",
    "rate_limited": "too many requests: wait, then try again",
}
