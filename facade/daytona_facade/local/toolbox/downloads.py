"""Files on their way out."""

import mimetypes
import os
import stat
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from .configuration import Configuration
from .daemon_errors import FailedError, error_body, file_failure
from .file_routes import asked_path
from .request_fields import json_object

BOUNDARY = "DAYTONA-FILE-BOUNDARY"
CHUNK = 256 * 1024


def checked(path: str) -> int:
    """Return the size of a readable regular file, or fail."""
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode):
            os.close(os.open(path, os.O_RDONLY))
            return status.st_size
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "open", path) from None
    raise FailedError(400, "path must be a file", "INVALID_FILE_PATH", file_route=True)


def download(request: Request) -> Response:
    """Serve GET /files/download, Range included."""
    path = asked_path(request)
    size = checked(path)
    headers = {"Content-Disposition": disposition(os.path.basename(path))}
    # Files of /proc say that they are empty and are not: those go out without a length.
    if size == 0:
        return StreamingResponse(chunks(path), media_type="application/octet-stream", headers=headers)
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


def disposition(name: str) -> str:
    """Word the file name for a header, for readers of both forms."""
    plain = name.encode("latin-1", errors="replace").decode("latin-1")
    for character in ("\\", '"', "\r", "\n"):
        plain = plain.replace(character, "_")
    return f"attachment; filename=\"{plain}\"; filename*=utf-8''{quote(name, safe='', errors='surrogateescape')}"


async def bulk_download(request: Request) -> Response:
    """Serve POST /files/bulk-download: always 200, one part for each path, the errors among them."""
    body = await json_object(request)
    paths = body.get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        return JSONResponse({"error": "request body must be {paths: [ ... ]} and non-empty"}, status_code=400)
    media_type = f"multipart/form-data; boundary={BOUNDARY}"
    return StreamingResponse(parts(request, paths), media_type=media_type)


async def parts(request: Request, paths: list[str]) -> AsyncIterator[bytes]:
    """Write the files as parts of a multipart body."""
    settings: Configuration = request.app.state.settings
    for path in paths:
        name = quote(path, safe="/ ")
        try:
            located = settings.located(path)
            size = checked(located)
        except FailedError as failed:
            body = error_body(request.app.state.profile, request, failed.status, failed.message, "")
            body["code"] = failed.code
            data = JSONResponse(body).body
            yield part_head("error", name, "application/json", len(data))
            yield bytes(data)
        else:
            media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
            yield part_head("file", name, media_type, size)
            async for chunk in iterate_in_threadpool(chunks(located)):
                yield chunk
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def part_head(field: str, name: str, media_type: str, size: int) -> bytes:
    """Write the head of one part."""
    return (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\nContent-Length: {size}\r\n\r\n"
    ).encode()


def chunks(path: str) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
