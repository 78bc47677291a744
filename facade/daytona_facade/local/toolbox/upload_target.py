"""The place that an uploaded file is written to."""

import errno
import os
import stat
from contextlib import suppress
from types import TracebackType
from typing import Self

from starlette.requests import Request

from .configuration import Configuration
from .daemon_errors import FailedError, file_failure
from .go_text import folder_of, reason


class UploadError(Exception):
    """A file that could not be written: the text is the bulk route's, ``failure`` the answer of the other routes."""

    def __init__(self, step: str, verb: str, path: str, exc: OSError | ValueError) -> None:
        super().__init__(f"{step}: {verb} {path}: {reason(exc)}")
        self.failure: FailedError = file_failure(exc, verb, path)


class Target:
    """A file that is open for writing, its folders made; raises UploadError."""

    def __init__(self, path: str, located: str, folder_mode: int) -> None:
        self.path = path
        self.size = 0
        make_folders(located, folder_mode)
        try:
            # Read and write, as the daemon opens it: so a named pipe is written to, and nobody waits for a reader.
            flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC
            self._descriptor = os.open(located, flags, 0o644)
        except (OSError, ValueError) as exc:
            raise UploadError("create", "open", path, exc) from None

    def write(self, data: bytes) -> None:
        """Write all of some bytes."""
        rest = memoryview(data)
        while rest:
            try:
                written = os.write(self._descriptor, rest)
            except OSError as exc:
                raise UploadError("write", "write", self.path, exc) from None
            self.size += written
            rest = rest[written:]

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_folders(path: str, mode: int) -> None:
    """Make the folders above a path, from the outermost on; raises UploadError that names the first that fails."""
    folder = folder_of(path)
    ends = [index for index, character in enumerate(folder) if character == "/" and index] + [len(folder)]
    for above in (folder[:end] for end in ends if folder):
        try:
            make_folder(above, mode)
        except (OSError, ValueError) as exc:
            raise UploadError(f"mkdir {folder}", "mkdir", above, exc) from None


def make_folder(path: str, mode: int) -> None:
    """Make one folder unless it is there; anything else that is there is an error."""
    try:
        status = os.stat(path)
    except OSError:
        with suppress(FileExistsError):
            os.mkdir(path, mode)
        status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def guard_quota(request: Request) -> None:
    """Refuse bytes that would not fit into the sandbox's disk; raises UploadError."""
    configuration: Configuration = request.app.state.configuration
    incoming = int(request.headers.get("content-length") or 0)
    if not configuration.disk_bytes or not incoming:
        return
    if incoming + sum(map(used_bytes, configuration.quota_paths)) > configuration.disk_bytes:
        raise UploadError("write", "write", "upload", OSError(errno.ENOSPC, ""))


def used_bytes(path: str) -> int:
    """Add up what the files below a folder take on the disk."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
    return total
