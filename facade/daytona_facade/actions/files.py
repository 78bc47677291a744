"""Files of a sandbox: upload, download, list."""

import mimetypes
import posixpath
from collections.abc import Mapping
from functools import cache
from typing import Any, BinaryIO, cast

from .. import wire
from ..base64_io import Base64Reader, base64_text, decoded_size
from ..failures import invalid, malformed
from ..inputs import Content, OptionalText, SandboxId, Text
from ..mapping import file_info, text, whole
from ..outputs import DownloadFileOutput, ListFilesOutput, UploadFileOutput
from ..registry import action
from ..steps import Answer, Call, Steps, bounded, document, each, model_or_nothing, parsed

_LISTED_S = 30.0
_TRANSFER_S = 30.0
_TRANSFER_BYTES_PER_S = 256 * 2**10
"""The slowest connection that a transfer is given time for."""
_DOWNLOAD_S = _TRANSFER_S + 100 * 2**20 / _TRANSFER_BYTES_PER_S
_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
}


def _upload_s(arguments: Mapping[str, Any]) -> float:
    return _TRANSFER_S + len(arguments["file_content_base64"]) * 3 / 4 / _TRANSFER_BYTES_PER_S


@action(UploadFileOutput, deadline_s=_upload_s, destructive=True, idempotent=True)
def upload_file(
    sandbox_id: SandboxId, destination_path: Text, file_content_base64: Content, file_name: OptionalText = None
) -> Steps[UploadFileOutput]:
    """Write a file into a sandbox, over one that is there; missing directories are made.

    Operation: POST /files/bulk-upload of the toolbox, the one upload that every version has.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        destination_path: Where to write; relative paths start at the working directory. With a trailing slash it is the
            directory, and file_name is needed.
        file_content_base64: The content in base64 (standard alphabet, padded; wrapped lines are fine).
        file_name: Name in the directory that destination_path gives; else only the name to report.
    """
    path = _destination(destination_path, file_name)
    size = decoded_size(file_content_base64, "file_content_base64")
    content = cast(BinaryIO, Base64Reader(file_content_base64, size))
    return (yield from sent(sandbox_id, path, content, size, file_name))


def sent(sandbox_id: str, path: str, content: BinaryIO, size: int, name: str | None = None) -> Steps[UploadFileOutput]:
    """Write what a binary file of a known size holds to a path of a sandbox."""
    body = wire.UploadFiles(
        files0_path=path, files0_file=wire.File(content, posixpath.basename(path), "application/octet-stream")
    )
    request = wire.toolbox.upload_files_request(body=body)
    parse = model_or_nothing(wire.toolbox.upload_files_parse)
    uploaded = yield from Call(wire.toolbox.upload_files_path, request, parse, sandbox_id)
    _verify(uploaded, size)
    return UploadFileOutput(success=True, uploaded_path=path, name=name or posixpath.basename(path), size=size)


def _destination(destination_path: str, file_name: str | None) -> str:
    path = destination_path.strip()
    if not path.endswith("/"):
        return path
    name = (file_name or "").strip()
    if not name:
        raise invalid("file_name", "is needed, because destination_path ends with a slash and so names a directory")
    if "/" in name or name in {".", ".."}:
        raise invalid("file_name", "must be a name without a directory")
    return path + name


def _verify(uploaded: object, size: int) -> None:
    """Hold a daemon that says what it wrote to its word; some say nothing."""
    if uploaded is None:
        return
    if not isinstance(uploaded, wire.UploadResult):
        raise malformed("the answer is no result of an upload")
    if errors := [said for said in uploaded.errors or [] if said] if isinstance(uploaded.errors, list) else []:
        raise malformed(f"not all was written: {'; '.join(text(said) or '' for said in errors)}")
    for written in uploaded.files if isinstance(uploaded.files, list) else []:
        count = whole(getattr(written, "bytes_", None))
        if count is not None and count != size:
            raise malformed(f"{count:,} bytes were written of {size:,}")


@action(DownloadFileOutput, deadline_s=_DOWNLOAD_S, read_only=True, idempotent=True)
def download_file(sandbox_id: SandboxId, file_path: Text) -> Steps[DownloadFileOutput]:
    """Read a file of a sandbox, whole, as base64.

    A file over 100 MB (104,857,600 bytes), or over the client's own smaller cap, is a failure of kind ``too_large``.
    Operation: GET /files/download of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        file_path: The file; relative paths start at the working directory.
    """
    content, size = yield from Call(**wanted(file_path), sandbox_id=sandbox_id, consumer=base64_text, limit=None)
    name = posixpath.basename(file_path.rstrip("/"))
    return DownloadFileOutput(success=True, name=name, mime_type=mime_type(name), size=size, content_base64=content)


def wanted(file_path: str) -> dict[str, Any]:
    """Make what every call for a file's content has in common."""
    return {
        "path": wire.toolbox.download_file_path,
        "request": wire.toolbox.download_file_request(path=file_path),
        "parse": _content,
    }


def _content(answer: Answer) -> Any:
    # A daemon always says attachment; a page that comes instead of a file does not.
    kind = answer.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()
    if kind != "application/octet-stream" and "content-disposition" not in answer.headers:
        page = "an HTML page" if "html" in kind else "something else"
        raise malformed(f"the answer is {page}, not a file (is the toolbox URL right?)")
    return answer.body


def mime_type(name: str) -> str:
    """Guess a file's type from its name."""
    kind, encoding = _types().guess_type(name)
    if encoding:
        return _COMPRESSED.get(encoding, "application/octet-stream")
    return kind or "application/octet-stream"


@cache
def _types() -> mimetypes.MimeTypes:
    # Python's own table: the machine's would make the same file another type elsewhere.
    return mimetypes.MimeTypes()


@action(ListFilesOutput, deadline_s=_LISTED_S, read_only=True, idempotent=True)
def list_files(sandbox_id: SandboxId, path: OptionalText = None) -> Steps[ListFilesOutput]:
    """List a directory of a sandbox, one level deep, hidden files included.

    Operation: GET /files of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        path: The directory; the sandbox's working directory when left out.
    """
    request = wire.toolbox.list_files_request(path=path) if path else wire.toolbox.list_files_request()
    entries = yield from Call(wire.toolbox.list_files_path, request, _entries, sandbox_id)
    return ListFilesOutput(success=True, files=(yield from each(entries, file_info)))


def _entries(answer: Answer) -> list[Any]:
    listed = document(answer)
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise malformed("the answer is no list of files")
    return cast(list[Any], parsed(wire.toolbox.list_files_parse, bounded(listed)))
