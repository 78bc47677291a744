"""A refusal, an answer outside 2xx, as a failure: who refused, what it means, and what to do about it.

Four speakers share the statuses: the REST API, the toolbox proxy, the daemon in the sandbox, and a Git host behind the
daemon. A known refusal is a row of their tables. Of an unknown one nothing is said but what its status says.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs
import httpx

from .. import limits
from ..errors import Failure, Kind
from .redaction import Redactor

_KINDS: dict[int, Kind] = {
    400: "invalid_input",
    401: "authentication",
    402: "quota",
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
# Refused before anything was done; every other answer may have come after the act, or from a Git host.
_NOT_ACTED_ON_BY_API = frozenset({401, 403, 429})
_NOT_ACTED_ON_BY_TOOLBOX = frozenset({429})
_GO_PREFIX = (
    r"\A(bad request|not found|unauthorized|forbidden|conflict|request timeout|gone|"
    r"internal server error|unprocessable entity|invalid body request): (?=.)"
)
_BODY_TOO_LARGE = f"the request is over {limits.REST_BODY_BYTES:,} bytes: env and labels are too large together"
_SECOND_API = (
    "this address speaks Daytona's second API, and this library speaks the first, as at https://app.daytona.io/api: "
    "check api_url, or the variable DAYTONA_API_URL, which Daytona's SDK 2 reads too"
)


@attrs.frozen(eq=False, repr=False)
class _Meaning:
    kind: Kind
    sent: bool
    advice: str = ""
    explanation: str = ""
    """Takes the place of what the answer says, which is nothing or nothing to the point."""


def http_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    redactor: Redactor,
    *,
    request: httpx.Request,
    route: str,
    toolbox: bool,
    cut: bool = False,
) -> Failure:
    """Explain an answer outside 2xx by its status and by what its body, or the part that was read, says."""
    document, said = _read(body, html_page="html" in headers.get("content-type", ""))
    meaning = (
        _second_api(status, document)
        or _too_large(status, said, request, toolbox=toolbox)
        or _known(status, said, document, toolbox=toolbox)
        or _unexplained(status, said, route, _path(request, redactor), toolbox=toolbox)
        or _by_status(
            status, redactor.quoted(headers.get("location", ""), limits.QUOTED_LOCATION_CHARS), toolbox=toolbox
        )
    )
    shown = meaning.explanation or redactor.quoted(said, limits.QUOTED_CHARS, cut=cut)
    problem = f"HTTP {status}" + (f": {shown}" if shown else " with no explanation")
    message = problem + (f" ({meaning.advice})" if meaning.advice else "")
    return Failure(meaning.kind, message, status, sent=meaning.sent)


def _read(body: bytes, *, html_page: bool) -> tuple[dict[str, Any], str]:
    """Read an error's body: its JSON object, which is empty for any other body, and its explanation."""
    text = body.decode("utf-8", "replace").strip()
    if html_page or text[:15].lower().startswith(("<!doctype", "<html")):
        return {}, "an HTML page instead of an answer of the API"
    try:
        document: Any = json.loads(text) if text[:1] in '{["' else text
    except (ValueError, RecursionError):
        document = text
    return document if isinstance(document, dict) else {}, _explanation(document, limits.QUOTED_DEPTH)


def _explanation(document: Any, depth: int) -> str:
    """Pick the explanation, in the servers' order: message (string or list), error, errors, else the text."""
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return ", ".join(item for item in document if isinstance(item, str))
    if isinstance(document, dict) and depth:
        for key in ("message", "error", "errors"):
            if said := _explanation(document.get(key), depth - 1):
                return said
    return ""


def _second_api(status: int, document: dict[str, Any]) -> _Meaning | None:
    """Recognize the error body of Daytona's second API: {code, message, source, trace_id}."""
    if "trace_id" not in document or "statusCode" in document:
        return None
    return _Meaning("protocol", sent=status not in {401, 403, 404, 405}, advice=_SECOND_API)


def _too_large(status: int, said: str, request: httpx.Request, *, toolbox: bool) -> _Meaning | None:
    """Recognize a body over the API's limit, for which the API says that it has no such route."""
    length = request.headers.get("content-length", "")
    over = length.isdigit() and int(length) > limits.REST_BODY_BYTES
    if toolbox or not over or not (status == 413 or (status == 404 and said.startswith("Cannot "))):
        return None
    return _Meaning("too_large", sent=False, explanation=_BODY_TOO_LARGE)


def _known(status: int, said: str, document: dict[str, Any], *, toolbox: bool) -> _Meaning | None:
    # Loaded by the first refusal: a process that meets none needs no table.
    from .api_refusals import API
    from .daemon_refusals import DAEMON
    from .proxy_refusals import PROXY

    text = re.sub(_GO_PREFIX, "", said.strip().lower())
    code = document.get("code")
    for row in (*PROXY, *DAEMON) if toolbox else API:
        if row.matches(status, text, code if isinstance(code, str) else ""):
            return _Meaning(row.kind, row.sent, row.advice)
    return None


def _path(request: httpx.Request, redactor: Redactor) -> str:
    path = request.url.params.get("path", "")
    return f"{redactor.quoted(path, limits.QUOTED_ID_CHARS)!r}" if path else "the working directory"


def _unexplained(status: int, said: str, route: str, path: str, *, toolbox: bool) -> _Meaning | None:
    """Explain the answers of daemons that say nothing, or only the name of the status, by their route."""
    if not toolbox:
        return None
    if status == 502 and not said:
        advice = "the sandbox may still be booting or has stopped: look with get_sandbox, then try again"
        return _Meaning("server", sent=True, advice=advice)
    by_server = said.lower() in {"403 forbidden", "404 page not found"} and route == "/files/download"
    if status == 404 and said == "404 page not found" and not by_server:
        return _Meaning("not_found", sent=False, advice="the sandbox's daemon is of a version without this route")
    if said and not by_server:
        return None
    sentence = ""
    if route in {"/files", "/files/download"}:
        thing = "a file" if route == "/files/download" else "a directory"
        sentence = {
            400: f"{path} is not {thing} that can be read",
            403: f"the sandbox's user may not read {path}",
            404: f"{path} does not exist" + (" or cannot be opened" if by_server else ""),
        }.get(status, "")
    elif route == "/git/clone" and status == 400:
        sentence = "the repository was not cloned, and this old daemon does not say why: check url, branch and path"
    elif route.startswith("/files/") and status in {400, 403, 404}:
        sentence = "the file was not written, and this old daemon does not say why: check the path"
    return _Meaning(_KINDS[status], sent=True, explanation=sentence) if sentence else None


def _by_status(status: int, location: str, *, toolbox: bool) -> _Meaning:
    """Say nothing that the status does not say: who refused is not known."""
    kind = _KINDS.get(status) or ("server" if status >= 500 else "protocol")
    not_acted_on = _NOT_ACTED_ON_BY_TOOLBOX if toolbox else _NOT_ACTED_ON_BY_API
    advice = ""
    if 300 <= status < 400:
        target = f" to {location}" if location else ""
        advice = f"redirected{target}; redirects are not followed: check the {'toolbox' if toolbox else 'API'} URL"
    elif status == 429:
        advice = "too many requests: wait, then try again"
    return _Meaning(kind, sent=status not in not_acted_on, advice=advice)
