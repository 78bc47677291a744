"""Files on their way out."""

import mimetypes
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from io import FileIO
from typing import NamedTuple

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

from .configuration import Configuration
from .daemon_errors import FailedError, file_failure, timestamp
from .file_routes import asked_path
from .go_text import clean_path, disposition, reason
from .request_fields import json_object

BOUNDARY = "DAYTONA-FILE-BOUNDARY"
CHUNK = 256 * 1024


class PartError(NamedTuple):
    """Why a file is not in a bulk download."""

    status: int
    code: str
    message: str


def download(request: Request) -> Response:
    """Serve GET /files/download, Range included.

    Devices, pipes and files of /proc say that they are empty, and so they come: with a length of 0.
    """
    path = clean_path(asked_path(request))
    try:
        status = os.stat(path)
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "stat", path) from None
    if stat.S_ISDIR(status.st_mode):
        raise FailedError(400, "path must be a file", "INVALID_FILE_PATH", file_route=True)
    try:
        opened(path).close()
    except PermissionError:
        return PlainTextResponse("403 Forbidden\n", status_code=403)
    except OSError:
        return PlainTextResponse("404 page not found\n", status_code=404)
    headers = {"Content-Disposition": disposition("attachment", os.path.basename(path))}
    if status.st_size == 0:
        return Response(b"", media_type="application/octet-stream", headers=headers)
    return FileResponse(path, media_type="application/octet-stream", headers=headers, stat_result=status)


def opened(path: str) -> FileIO:
    """Open a file to read; a named pipe does not wait for a writer."""
    return FileIO(path, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


async def bulk_download(request: Request) -> Response:
    """Serve POST /files/bulk-download: always 200, one part for each path, the errors among them."""
    try:
        paths = (await json_object(request)).get("paths")
    except FailedError:
        paths = None
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        message = 'request body must be {"paths": [ ... ]} and non-empty'
        return JSONResponse({"error": message}, status_code=400)
    media_type = f"multipart/form-data; boundary={BOUNDARY}"
    return StreamingResponse(parts(request, paths), media_type=media_type)


async def parts(request: Request, paths: list[str]) -> AsyncIterator[bytes]:
    """Write the files as parts of a multipart body."""
    configuration: Configuration = request.app.state.configuration
    for path in paths:
        found = await run_in_threadpool(find, path, configuration.located(path))
        if isinstance(found, PartError):
            body = JSONResponse(part_error(request, path, found)).body
            yield part_head("error", path, {"Content-Type": "application/json; charset=utf-8"}) + bytes(body)
        else:
            with found:
                size = str(os.fstat(found.fileno()).st_size)
                yield part_head("file", path, {"Content-Length": size, "Content-Type": media_type_of(path)})
                async for chunk in iterate_in_threadpool(chunks(found)):
                    yield chunk
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def find(path: str, located: str) -> FileIO | PartError:
    """Open a file to send, or say why it cannot be sent."""
    if not path:
        return PartError(400, "INVALID_FILE_PATH", "invalid file path: path is empty")
    try:
        file = opened(located)
    except FileNotFoundError:
        return PartError(404, "FILE_NOT_FOUND", f"file not found: {path}")
    except PermissionError:
        return PartError(403, "FILE_ACCESS_DENIED", f"permission denied: {path}")
    except IsADirectoryError:
        return PartError(400, "INVALID_FILE_PATH", f"invalid file path: path points to a directory: {path}")
    except (OSError, ValueError) as exc:
        return PartError(500, "FILE_READ_FAILED", f"failed to open file: open {path}: {reason(exc)}")
    return file


def part_error(request: Request, path: str, error: PartError) -> dict[str, object]:
    """Make the JSON object of an error part; its path is the file's."""
    body: dict[str, object] = {
        "statusCode": error.status,
        "message": error.message,
        "code": error.code,
        "timestamp": timestamp(),
        "path": path,
        "method": request.method,
    }
    if request.app.state.profile.daemon_codes:
        body["source"] = "DAYTONA_DAEMON"
    return body


def part_head(field: str, path: str, headers: dict[str, str]) -> bytes:
    """Write the head of one part."""
    kind = f'form-data; name="{field}"'
    lines = [f"--{BOUNDARY}", f"Content-Disposition: {disposition(kind, path)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def media_type_of(path: str) -> str:
    """Guess the media type of a file by its name."""
    guess = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{guess}; charset=utf-8" if guess.startswith("text/") else guess


def chunks(file: FileIO) -> Iterator[bytes]:
    """Read a file piece by piece; where reading fails, the part ends, as it does in the daemon."""
    with suppress(OSError):
        while chunk := file.read(CHUNK):
            yield chunk
