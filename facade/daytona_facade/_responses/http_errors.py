"""What an answer outside 2xx means: its kind, what its body says, and what to do about it."""

import json
from collections.abc import Mapping
from typing import Any

from .. import limits
from ..errors import Failure, Kind
from .redaction import Redactor

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


def http_error(
    status: int, headers: Mapping[str, str], body: bytes, redactor: Redactor, *, toolbox: bool, cut: bool = False
) -> Failure:
    """Explain an answer outside 2xx by its status and by what its body, or the part that was read, says."""
    said = _said(body, html_page="html" in headers.get("content-type", ""))
    kind = _kind(status, said)
    shown = redactor.quoted(said, limits.QUOTED_CHARS, cut=cut)
    problem = f"HTTP {status}" + (f": {shown}" if shown else " with no explanation")
    location = redactor.quoted(headers.get("location", ""), limits.QUOTED_LOCATION_CHARS)
    advice = _advice(status, kind, said, toolbox=toolbox, location=location)
    message = problem + (f" ({advice})" if advice else "")
    return Failure(kind, message, status, sent=_acted(status, said, toolbox))


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
    return _message(document, limits.QUOTED_DEPTH)


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
