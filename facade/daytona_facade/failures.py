"""What went wrong, in words for a person and in fields for a program; the only place that words or redacts."""

import base64
import datetime
import html
import json
import re
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import quote, quote_plus

import attrs
import httpx

Kind = Literal[
    "invalid_input",
    "authentication",
    "permission",
    "not_found",
    "conflict",
    "not_running",
    "too_large",
    "rate_limited",
    "timeout",
    "connection",
    "server",
    "protocol",
]

REDACTED = "[redacted]"
_QUOTED_CHARS = 600
_USERINFO = re.compile(r"(?<=://)[^/\s?#'\"<>]*@")
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
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@attrs.frozen
class Failure:
    """Why an action did not succeed, for a program to act on."""

    kind: Kind
    message: str
    """One sentence: what was tried, on which sandbox, what the server said, what to do where that is known."""
    status_code: int | None = None
    """The HTTP status of the answer, where there was one."""
    retry_after: float | None = None
    """Seconds that the server asked to wait."""
    sent: bool = False
    """Whether the server may have acted: false only where it is certain that it did not."""


class DaytonaError(Exception):
    """A failed action as an exception, for those who ask for one with ``output.raise_for_failure()``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    def __reduce__(self) -> tuple[type["DaytonaError"], tuple[Failure]]:
        return DaytonaError, (self.failure,)


def invalid(parameter: str, problem: str) -> DaytonaError:
    """Word a refused argument; nothing was sent."""
    return DaytonaError(Failure("invalid_input", f"{parameter} {problem}"))


def malformed(problem: str, status_code: int | None = None) -> DaytonaError:
    """Word a 2xx answer that is not what the API promises."""
    return DaytonaError(Failure("protocol", problem, status_code, sent=True))


def too_large(what: str, limit: int, status_code: int | None = None) -> DaytonaError:
    """Word an answer over a limit of bytes."""
    problem = f"{what} is larger than the limit of {limit:,} bytes ({limit / 2**20:g} MB)"
    return DaytonaError(Failure("too_large", problem, status_code, sent=True))


def out_of_time(seconds: float, *, sent: bool) -> DaytonaError:
    """Word a deadline that has passed."""
    problem = f"no complete answer within the deadline of {seconds:g} s"
    if sent:
        problem += "; the server may still be acting on it"
    return DaytonaError(Failure("timeout", problem, sent=sent))


def refused(status: int, headers: Mapping[str, str], body: bytes, *, toolbox: bool) -> DaytonaError:
    """Word an answer outside 2xx from what its body says."""
    said = _said(body, html_page="html" in headers.get("content-type", ""))
    kind = _kind(status, said)
    problem = f"HTTP {status}" + (f": {said}" if said else " with no explanation")
    advice = _advice(status, kind, said, toolbox=toolbox, location=headers.get("location"))
    message = problem + (f" ({advice})" if advice else "")
    return DaytonaError(Failure(kind, message, status, retry_after(headers), sent=status not in _NOT_ACTED_ON))


def lost(exc: Exception, deadline_s: float) -> DaytonaError:
    """Word whatever kept an exchange from completing: no connection, no time, no HTTP."""
    sent = not _never_sent(exc)
    if isinstance(exc, httpx.ConnectTimeout) and not sent:
        return DaytonaError(
            Failure("timeout", "the server could not be reached in time; check the URL and the network")
        )
    if isinstance(exc, httpx.TimeoutException | TimeoutError):
        return out_of_time(deadline_s, sent=sent)
    detail = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
    if isinstance(exc, httpx.RemoteProtocolError):
        return DaytonaError(Failure("connection", f"the answer broke off or was not HTTP ({detail})", sent=True))
    if isinstance(exc, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return DaytonaError(
            Failure("invalid_input", f"the request cannot be sent ({detail}); check the URLs and the key")
        )
    if isinstance(exc, httpx.TransportError | OSError):
        broke = "the connection broke" if sent else "no connection could be made"
        return DaytonaError(Failure("connection", f"{broke} ({detail})", sent=sent))
    return DaytonaError(Failure("protocol", f"the exchange failed ({detail})", sent=True))


def worded(failure: Failure, action: str, sandbox: str | None, secrets: Iterable[str]) -> Failure:
    """Complete a failure's sentence with what was tried and on what, and take every secret out of it."""
    where = f" on sandbox {sandbox!r}" if sandbox else ""
    message = redact(f"{action}{where} failed: {failure.message}", secrets)
    if not message.endswith((".", "!", "?", ")")):
        message += "."
    return attrs.evolve(failure, message=message)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret, in every form a server echoes one back, and the user info of every URL."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, REDACTED)
    text = _USERINFO.sub(f"{REDACTED}@", text)
    return text.encode("utf-8", "replace").decode()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the wait in seconds from ``Retry-After`` or Daytona's ``Retry-After-<throttler>``: the longest one given."""
    waits = [_seconds(value) for name, value in headers.items() if name.lower().startswith("retry-after")]
    return max((wait for wait in waits if wait is not None), default=None)


def _never_sent(exc: Exception) -> bool:
    # httpx-aiohttp calls a connection that broke off a ConnectTimeout as well: there it proves nothing.
    foreign = type(exc.__cause__).__module__.startswith("aiohttp")
    return isinstance(exc, _NEVER_SENT) and not (foreign and isinstance(exc, httpx.ConnectTimeout))


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


def _forms(secret: str) -> set[str]:
    encoded = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        secret.strip(),
        quote(encoded, safe=""),
        quote(encoded),
        quote_plus(encoded),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(encoded).decode(),
    } - {""}


def _said(body: bytes, *, html_page: bool) -> str:
    text = body.decode("utf-8", "replace").strip()
    if html_page or text[:15].lower().startswith(("<!doctype", "<html")):
        return "an HTML page instead of an answer of the API"
    try:
        document: Any = json.loads(text) if text[:1] in '{["' else text
    except (ValueError, RecursionError):
        document = text
    said = " ".join(_message(document).split())
    return said if len(said) <= _QUOTED_CHARS else said[:_QUOTED_CHARS] + "…"


def _message(document: Any) -> str:
    """Pick the explanation, in the servers' order: message (a text or a list), error, errors, else the text itself."""
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return ", ".join(item for item in document if isinstance(item, str))
    if isinstance(document, dict):
        for key in ("message", "error", "errors"):
            if said := _message(document.get(key)):
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


def _advice(status: int, kind: Kind, said: str, *, toolbox: bool, location: str | None) -> str:
    if "resources when using a snapshot" in said:
        return "leave out cpu, memory and disk: a snapshot fixes them"
    if status == 401 and toolbox:
        return "check the API key; the sandbox's ID is needed here, not its name"
    if status == 502 and toolbox:
        return "the sandbox may still be booting or has stopped: look with get_sandbox, then try again"
    if 300 <= status < 400:
        target = f" to {location[:200]}" if location else ""
        return f"redirected{target}; redirects are never followed with a key: check the API URL"
    if "already exists" in said:
        return ""
    return _ADVICE.get(kind, "")


_ADVICE: dict[Kind, str] = {
    "authentication": "check the API key",
    "permission": "the API key may not do this",
    "not_running": "the sandbox is not running: start it with start_sandbox",
    "conflict": "the sandbox's state does not allow it now: look with get_sandbox, then try again",
    "rate_limited": "too many requests: wait, then try again",
}
