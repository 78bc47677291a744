"""Files on their way in."""

import mimetypes
import os
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .configuration import Configuration
from .daemon_errors import FailedError
from .file_routes import asked_path
from .forms import Event, FormError, form_events
from .go_text import trimmed, whole
from .upload_target import Target, UploadError, guard_quota


async def bulk_upload(request: Request) -> Response:
    """Serve POST /files/bulk-upload: for each index a path, then the file that goes there."""
    upload = BulkUpload(request.app.state.configuration)
    try:
        guard_quota(request)
        async with aclosing(form_events(request)) as events:
            async for event in events:
                upload.take(event)
    except UploadError as exc:
        upload.errors.append(str(exc))
    except FormError as exc:
        upload.break_off(str(exc))
    body: dict[str, object] = {"files": upload.files or None}
    if upload.errors:
        return JSONResponse({"errors": [whole(error) for error in upload.errors], **body}, status_code=400)
    return JSONResponse(body)


class BulkUpload:
    """Writes the files of a form as they come, and notes how each of them went."""

    def __init__(self, configuration: Configuration) -> None:
        self.errors: list[str] = []
        self.files: list[dict[str, object]] = []
        self._configuration = configuration
        self._paths: dict[str, str] = {}
        self._name = ""
        self._text = b""
        self._target: Target | None = None

    def take(self, event: Event) -> None:
        """Go one step on."""
        try:
            if event.kind == "begin":
                self._begin(event.name)
            elif event.kind == "end":
                self._end()
            elif self._name.endswith(".path"):
                self._text += event.data
            elif self._target is not None:
                self._target.write(event.data)
        except UploadError as exc:
            self.errors.append(f"{self._paths[self._index]}: {exc}")
            self._drop()

    def break_off(self, reason: str) -> None:
        """Note that the form ended too early, and which file is not whole for that."""
        if self._target is not None:
            self.errors.append(f"{self._paths[self._index]}: write: unexpected EOF")
            self._drop()
        self.errors.append(reason if reason == "invalid multipart form" else f"reading part: {reason}")

    @property
    def _index(self) -> str:
        return self._name.removeprefix("files[").removesuffix("].path").removesuffix("].file")

    def _begin(self, name: str) -> None:
        self._name, self._text = name, b""
        if not name.endswith(".file"):
            return
        path = self._paths.get(self._index)
        if path is None:
            self.errors.append(f"file[{self._index}]: missing .path metadata")
        else:
            self._target = Target(path, self._configuration.located(path), 0o755)

    def _end(self) -> None:
        if self._name.endswith(".path"):
            path = trimmed(self._text.decode(errors="surrogateescape"))
            if path:
                self._paths[self._index] = path
            else:
                self.errors.append(f"path[{self._index}]: empty path")
        elif self._target is not None:
            self.files.append({"path": whole(self._target.path), "bytes": self._target.size})
            self._drop()

    def _drop(self) -> None:
        if self._target is not None:
            self._target.close()
            self._target = None


async def upload(request: Request) -> Response:
    """Serve POST /files/upload, the route of old daemons: an empty 200."""
    path = asked_path(request)
    await store(path, file_data(request), 0o750, request)
    return Response()


async def upload_v2(request: Request) -> Response:
    """Serve POST /files/upload-v2: a multipart ``file``, or the bytes themselves."""
    path = asked_path(request)
    is_form = request.headers.get("content-type", "").startswith("multipart/form-data")
    await store(path, file_data(request) if is_form else request.stream(), 0o755, request)
    name = os.path.basename(path)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return JSONResponse({"name": whole(name), "path": request.query_params["path"], "type": media_type})


async def file_data(request: Request) -> AsyncIterator[bytes]:
    """Yield the bytes of the one file of a form."""
    found = inside = False
    async with aclosing(form_events(request)) as events:
        async for event in events:
            if event.kind == "begin":
                inside = event.name == "file" and not found
                found = found or inside
            elif event.kind == "data" and inside:
                yield event.data
    if not found:
        raise FormError("no file in the request")


async def store(path: str, data: AsyncIterator[bytes], folder_mode: int, request: Request) -> None:
    """Write what comes to a path, over what is there."""
    try:
        guard_quota(request)
        first = await anext(data, b"")
        with Target(path, path, folder_mode) as target:
            target.write(first)
            async for chunk in data:
                target.write(chunk)
    except FormError as exc:
        raise FailedError(400, str(exc), "BAD_REQUEST", file_route=True) from None
    except UploadError as exc:
        raise exc.failure from None
