"""Files on their way in."""

from __future__ import annotations

import errno
import mimetypes
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .failures import FailedError, file_failure
from .files import asked_path
from .settings import Settings

FIELD = re.compile(r"files\[(\d+)\]\.(path|file)\Z")
CHUNK = 1024 * 1024


async def read_form(request: Request) -> FormData:
    """Read a multipart body, spooled to the sandbox's own temporary folder."""
    guard_quota(request.app.state.settings, int(request.headers.get("content-length") or 0))
    try:
        return await request.form(max_files=float("inf"), max_fields=float("inf"))
    except OSError as error:
        raise file_failure(error, "write", "upload") from None


async def bulk_upload(request: Request) -> Response:
    """Serve POST /files/bulk-upload: for each index a path, then the file that goes there."""
    try:
        form = await read_form(request)
    except (HTTPException, AssertionError) as error:
        detail = getattr(error, "detail", "") or "not a multipart body"
        return JSONResponse({"errors": [f"reading multipart form: {detail}"]}, status_code=400)
    except FailedError as failed:
        return JSONResponse({"errors": [failed.message]}, status_code=400)
    destinations: dict[str, str] = {}
    written: list[dict[str, object]] = []
    errors: list[str] = []
    async with form_closed(form):
        for name, value in form.multi_items():
            match = FIELD.match(name)
            if match is None:
                continue
            index, kind = match.groups()
            if kind == "path":
                destinations[index] = str(value).strip() if isinstance(value, str) else ""
            elif not destinations.get(index):
                errors.append(f"file {name}: no destination path before it")
            else:
                await collect(destinations[index], value, written, errors)
    if errors:
        return JSONResponse({"errors": errors, "files": written}, status_code=400)
    return JSONResponse({"files": written})


async def collect(path: str, value: UploadFile | str, written: list[dict[str, object]], errors: list[str]) -> None:
    """Write one file of several, and note how it went."""
    try:
        size = await store(path, value, 0o755)
    except FailedError as failed:
        errors.append(f"{path}: {failed.message}")
    else:
        written.append({"path": path, "bytes": size})


async def upload(request: Request) -> Response:
    """Serve POST /files/upload, the route of old daemons: an empty 200."""
    path = asked_path(request)
    form = await single_form(request)
    async with form_closed(form):
        await store(path, form_file(form), 0o750)
    return Response()


async def upload_v2(request: Request) -> Response:
    """Serve POST /files/upload-v2: a multipart `file`, or the bytes themselves."""
    path = asked_path(request)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await single_form(request)
        async with form_closed(form):
            await store(path, form_file(form), 0o755)
    else:
        await store_stream(request, path)
    name = os.path.basename(path)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return JSONResponse({"name": name, "path": path, "type": media_type})


async def single_form(request: Request) -> FormData:
    """Read the form of a route that takes one file."""
    try:
        return await read_form(request)
    except (HTTPException, AssertionError):
        raise FailedError(400, "no file in the request", "BAD_REQUEST", file_route=True) from None


def form_file(form: FormData) -> UploadFile | str:
    """Find the one file of a form."""
    value = form.get("file")
    if value is None:
        raise FailedError(400, "no file in the request", "BAD_REQUEST", file_route=True)
    return value


class form_closed:  # noqa: N801 -- a context manager, named as the statement that it is
    """Close the spooled files of a form at the end of a block."""

    def __init__(self, form: FormData) -> None:
        self.form = form

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_exc: object) -> None:
        await self.form.close()


async def store(path: str, value: UploadFile | str, folder_mode: int) -> int:
    """Write an uploaded file to a path, over what is there, and return its size in bytes."""
    if "\0" in path:
        raise FailedError(400, "path is not a path", "BAD_REQUEST", file_route=True)

    def write() -> int:
        with opened(path, folder_mode) as target:
            if isinstance(value, str):
                return int(target.write(value.encode()))
            shutil.copyfileobj(value.file, target, CHUNK)
            return int(target.tell())

    try:
        return await run_in_threadpool(write)
    except OSError as error:
        raise file_failure(error, "open", path) from None


async def store_stream(request: Request, path: str) -> None:
    """Write a raw body to a path."""
    guard_quota(request.app.state.settings, int(request.headers.get("content-length") or 0))
    try:
        with await run_in_threadpool(opened, path, 0o755) as target:
            async for chunk in request.stream():
                target.write(chunk)
    except OSError as error:
        raise file_failure(error, "open", path) from None


def opened(path: str, folder_mode: int) -> Any:
    """Open a file for writing, its folders made."""
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, mode=folder_mode, exist_ok=True)
    opener: Callable[[str, int], int] = lambda name, flags: os.open(name, flags | os.O_NONBLOCK, 0o644)  # noqa: E731
    return open(path, "wb", opener=opener)


def guard_quota(settings: Settings, incoming: int) -> None:
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
