"""The content of a file, by the route of the toolbox that has it, and the path that a daemon makes of a caller's."""

import json
import posixpath
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import httpx

from .. import limits
from .._engine.calls import Call, Steps
from .._responses import generated
from .._responses.bodies import Consumer
from .._responses.decoding import Answer
from ..errors import DaytonaError, Failure, Kind, protocol_error, too_large

_WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go counts as white space, and so what a daemon trims off the path of an upload."""
_BULK = "/files/bulk-download"
_NO_SUCH_ROUTE = frozenset({404, 405, 501})
_PART_KINDS: dict[int, Kind] = {400: "invalid_input", 403: "permission", 404: "not_found"}


def trimmed(path: str) -> str:
    """Return the path that a daemon makes of the path of an upload."""
    return path.strip(_WHITE)


def read_file(
    sandbox_id: str,
    file_path: str,
    consumer: Callable[[], Consumer],
    *,
    limit: int | None = None,
    on_headers: Callable[[httpx.Headers], None] | None = None,
) -> Steps[tuple[str, Any]]:
    """Read a file, and return its path and what the consumer made of its content.

    An upload to the same path was written without white space at its ends, so that file is looked for first.
    """
    plain = trimmed(file_path)
    if plain and plain != file_path:
        try:
            return plain, (yield from _content(sandbox_id, plain, consumer, limit, on_headers))
        except DaytonaError as exc:
            if exc.failure.kind != "not_found":
                raise
    return file_path, (yield from _content(sandbox_id, file_path, consumer, limit, on_headers))


def _content(
    sandbox_id: str,
    path: str,
    consumer: Callable[[], Consumer],
    limit: int | None,
    on_headers: Callable[[httpx.Headers], None] | None,
) -> Steps[Any]:
    # The kernel's files have content but no size, or a wrong one: the plain route sends as many bytes as the size says.
    kernel = posixpath.normpath(path).startswith(("/proc/", "/sys/"))
    if kernel and (content := (yield from _by_bulk_route(sandbox_id, path, limit))) is not None:
        return _consumed(consumer, content)
    read = yield from Call(
        generated.toolbox.download_file_path,
        generated.toolbox.download_file_request(path=path),
        _plain,
        sandbox_id,
        consumer=consumer,
        limit=limit,
        on_headers=on_headers,
    )
    if read not in (0, ("", 0)):
        return read
    if kernel:
        raise protocol_error(f"the daemon sent nothing of {path!r}, which is not empty: read it with execute_command")
    content = yield from _by_bulk_route(sandbox_id, path, limit)
    return _consumed(consumer, content) if content else read


def _plain(answer: Answer) -> Any:
    # A daemon always says attachment; a page that comes instead of a file does not.
    kind = answer.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()
    if kind != "application/octet-stream" and "content-disposition" not in answer.headers:
        page = "an HTML page" if "html" in kind else "something else"
        raise protocol_error(f"the answer is {page}, not a file (is the toolbox URL right?)")
    return answer.body


def _by_bulk_route(sandbox_id: str, path: str, limit: int | None) -> Steps[bytes | None]:
    """Read a small file by POST /files/bulk-download, which reads to the end; ``None`` if there is no such route."""
    request = {"method": "post", "url": _BULK, "json": {"paths": [path]}}
    try:
        return (yield from Call(_BULK, request, partial(_first_part, capped=limit is None), sandbox_id))
    except DaytonaError as exc:
        if exc.failure.status_code in _NO_SUCH_ROUTE and exc.failure.kind != "not_running":
            return None
        raise


def _first_part(answer: Answer, *, capped: bool) -> bytes | None:
    """Return the content of the one file that was asked for; ``None`` for an answer of another form."""
    kind, _, boundary = answer.headers.get("content-type", "").partition("boundary=")
    marker = b"\r\n--" + boundary.strip('" ').encode()
    if not kind.lower().startswith("multipart/") or not boundary:
        return None
    _, *parts = (b"\r\n" + answer.body).split(marker)
    if not parts or not parts[-1].startswith(b"--"):
        raise protocol_error("the answer with the file is cut short")
    content: bytes | None = None
    for part in parts[:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        if b'name="error"' in head:
            raise _part_error(body)
        content = body if content is None else content
    if capped and content is not None and len(content) > answer.download_limit:
        raise too_large("the file", answer.download_limit)
    return content


def _part_error(body: bytes) -> DaytonaError:
    said = body.decode("utf-8", "replace")
    status = 500
    with suppress(ValueError, RecursionError):
        document = json.loads(said)
        if isinstance(document, dict):
            said, status = str(document.get("message", "")), document.get("statusCode", 500)
    kind = _PART_KINDS.get(status, "server") if isinstance(status, int) else "server"
    return DaytonaError(Failure(kind, f"the file cannot be read: {said[: limits.QUOTED_CHARS]}", sent=True))


def _consumed(consumer: Callable[[], Consumer], content: bytes) -> Any:
    taker = consumer()
    next(taker)
    taker.send(content)
    try:
        taker.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a consumer returns at the end of the body")
