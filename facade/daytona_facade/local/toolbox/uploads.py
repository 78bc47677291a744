"""Files on their way in."""

import errno
import mimetypes
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .configuration import Configuration
from .daemon_errors import FailedError, file_failure
from .file_routes import asked_path

FIELD = re.compile(r"files\[(\d+)\]\.(path|file)\Z")
CHUNK = 1024 * 1024


@asynccontextmanager
async def open_form(request: Request) -> AsyncIterator[FormData]:
    """Read a multipart body, spooled to the sandbox's own temporary folder."""
    guard_quota(request.app.state.settings, int(request.headers.get("content-length") or 0))
    if not is_multipart(request):
        raise bad_upload("request Content-Type isn't multipart/form-data")
    try:
        form = await request.form(max_files=float("inf"), max_fields=float("inf"))
    except HTTPException as exc:
        raise bad_upload(f"reading multipart form: {exc.detail}") from None
    except OSError as exc:
        raise file_failure(exc, "write", "upload") from None
    try:
        yield form
    finally:
        await form.close()


def is_multipart(request: Request) -> bool:
    """Tell whether a body says that it is a form with files."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")


def bad_upload(message: str) -> FailedError:
    """Make the answer to an upload that cannot be read."""
    return FailedError(400, message, "BAD_REQUEST", file_route=True)


async def bulk_upload(request: Request) -> Response:
    """Serve POST /files/bulk-upload: for each index a path, then the file that goes there."""
    written: list[dict[str, object]] = []
    errors: list[str] = []
    try:
        async with open_form(request) as form:
            await collect(request.app.state.settings, form, written, errors)
    except FailedError as failed:
        errors.append(failed.message)
    if errors:
        return JSONResponse({"errors": errors, "files": written}, status_code=400)
    return JSONResponse({"files": written})


async def collect(settings: Configuration, form: FormData, written: list[dict[str, object]], errors: list[str]) -> None:
    """Write the files of a form, and note how each of them went."""
    destinations: dict[str, str] = {}
    for name, value in form.multi_items():
        match = FIELD.match(name)
        if match is None:
            continue
        index, kind = match.groups()
        path = destinations.get(index, "")
        if kind == "path":
            destinations[index] = value.strip() if isinstance(value, str) else ""
        elif not path:
            errors.append(f"file {name}: no destination path before it")
        else:
            try:
                size = await store(settings.located(path), value, 0o755)
            except FailedError as failed:
                errors.append(f"{path}: {failed.message}")
            else:
                written.append({"path": path, "bytes": size})


async def upload(request: Request) -> Response:
    """Serve POST /files/upload, the route of old daemons: an empty 200."""
    path = asked_path(request)
    async with open_form(request) as form:
        await store(path, form_file(form), 0o750)
    return Response()


async def upload_v2(request: Request) -> Response:
    """Serve POST /files/upload-v2: a multipart `file`, or the bytes themselves."""
    path = asked_path(request)
    if is_multipart(request):
        async with open_form(request) as form:
            await store(path, form_file(form), 0o755)
    else:
        await store_stream(request, path)
    name = os.path.basename(path)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return JSONResponse({"name": name, "path": request.query_params["path"], "type": media_type})


def form_file(form: FormData) -> UploadFile | str:
    """Find the one file of a form."""
    value = form.get("file")
    if value is None:
        raise bad_upload("no file in the request")
    return value


async def store(path: str, value: UploadFile | str, folder_mode: int) -> int:
    """Write an uploaded file to a path, over what is there, and return its size in bytes."""
    if "\0" in path:
        raise bad_upload("path is not a path")

    def write() -> int:
        with opened(path, folder_mode) as target:
            if isinstance(value, str):
                return int(target.write(value.encode()))
            shutil.copyfileobj(value.file, target, CHUNK)
            return int(target.tell())

    try:
        return await run_in_threadpool(write)
    except OSError as exc:
        raise file_failure(exc, "open", path) from None


async def store_stream(request: Request, path: str) -> None:
    """Write a raw body to a path."""
    guard_quota(request.app.state.settings, int(request.headers.get("content-length") or 0))
    try:
        with await run_in_threadpool(opened, path, 0o755) as target:
            async for chunk in request.stream():
                target.write(chunk)
    except OSError as exc:
        raise file_failure(exc, "open", path) from None


def opened(path: str, folder_mode: int) -> BinaryIO:
    """Open a file for writing, its folders made."""
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, mode=folder_mode, exist_ok=True)
    # A named pipe without a reader is an error, not a wait without end.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o644), "wb")


def guard_quota(settings: Configuration, incoming: int) -> None:
    """Refuse bytes that would not fit into the sandbox's disk."""
    if not settings.disk_bytes or not incoming:
        return
    if incoming + sum(map(used_bytes, settings.quota_paths)) > settings.disk_bytes:
        raise file_failure(OSError(errno.ENOSPC, ""), "write", "upload")


def used_bytes(path: str) -> int:
    """Add up what the files below a folder take on the disk."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
    return total
