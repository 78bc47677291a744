"""Files between this machine's disk and a sandbox: streamed both ways, never whole in memory, of any size."""

import io
import posixpath
import sys
from collections.abc import Callable, Generator
from typing import Any, BinaryIO, TypeAlias, cast

import httpx

from .. import limits
from .._engine.calls import Steps
from ..errors import DaytonaError, Failure
from ..outputs import DownloadFileOutput, UploadFileOutput
from .action import Action, action
from .file_content import read_file, trimmed
from .files import mime_type, transfer_s, upload_from
from .parameters import SandboxId, Text

Progress: TypeAlias = Callable[[int, int | None], None]
"""Told the bytes that are through, and how many there will be where that is known."""


class Source(io.FileIO):
    """A file on disk that is being sent."""

    def __init__(self, file: Any, size: int, progress: Progress) -> None:
        super().__init__(file)
        self.size = size
        self._progress = progress

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            piece = super().read(-1 if size is None else size)
            self._progress(self.tell(), self.size)
        except OSError as exc:
            raise _local(f"the file cannot be read ({exc.strerror})") from None
        return piece


def upload(source: Source) -> Action[..., UploadFileOutput]:
    """Make the upload of a file on disk."""

    @action(UploadFileOutput, deadline_s=transfer_s(source.size), destructive=True, idempotent=True, listed=False)
    def upload_file(sandbox_id: SandboxId, destination_path: Text) -> Steps[UploadFileOutput]:
        return (yield from upload_from(sandbox_id, trimmed(destination_path), cast(BinaryIO, source), source.size))

    return upload_file


def download(target: BinaryIO, progress: Progress, *, rewinds: bool) -> Action[..., DownloadFileOutput]:
    """Make the download of a file to disk, or to what does not rewind, a pipe; ``content_base64`` stays empty."""
    total: int | None = None
    done = 0

    def on_headers(headers: httpx.Headers) -> None:
        nonlocal total
        length = headers.get("content-length", "")
        total = int(length[:18]) if length.isascii() and length.isdigit() else None

    def count(size: int) -> None:
        nonlocal done
        done = size
        progress(size, total)

    def written() -> Generator[None, bytes | None, int]:
        if done and not rewinds:
            raise _local(f"the answer broke off, and the {done:,} bytes that are written cannot be taken back")
        return _written(target, count, rewinds=rewinds)

    @action(DownloadFileOutput, deadline_s=limits.STREAMED_DOWNLOAD_S, read_only=True, idempotent=True, listed=False)
    def download_file(sandbox_id: SandboxId, file_path: Text) -> Steps[DownloadFileOutput]:
        path, size = yield from read_file(sandbox_id, file_path, written, limit=sys.maxsize, on_headers=on_headers)
        name = posixpath.basename(path.rstrip("/"))
        return DownloadFileOutput(success=True, name=name, mime_type=mime_type(name), size=size)

    return download_file


def _written(target: BinaryIO, progress: Callable[[int], None], *, rewinds: bool) -> Generator[None, bytes | None, int]:
    """Consume chunks until ``None`` into a file; one that broke off and is tried again starts anew."""
    size = 0
    try:
        if rewinds:
            target.seek(0)
            target.truncate()
        while (chunk := (yield)) is not None:
            target.write(chunk)
            size += len(chunk)
            progress(size)
        target.flush()
    except OSError as exc:
        raise _local(f"the file cannot be written ({exc.strerror})") from None
    return size


def _local(problem: str) -> DaytonaError:
    return DaytonaError(Failure("invalid_input", problem))
