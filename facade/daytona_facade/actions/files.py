"""Files of a sandbox: upload, download, list."""

import mimetypes
import posixpath
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, BinaryIO, cast

from .. import limits
from .._engine.calls import Call, Steps, check_length, in_batches
from .._responses import generated
from .._responses.decoding import Answer, decode_json, json_type, parse_json_if_present, run_parser, to_int, to_str
from .._responses.normalize import to_file_infos
from ..errors import invalid_input, protocol_error
from ..outputs import DownloadFileOutput, ListFilesOutput, UploadFileOutput
from .action import action
from .base64_stream import Base64Reader, base64_text, decoded_size
from .file_content import read_file, trimmed
from .parameters import Content, OptionalText, SandboxId, Text

_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
}


def transfer_s(size: float) -> float:
    """Return the deadline in seconds of a transfer of so many bytes."""
    return limits.TRANSFER_S + size / limits.TRANSFER_BYTES_PER_S


def _upload_s(arguments: Mapping[str, Any]) -> float:
    return transfer_s(len(arguments["file_content_base64"]) * 3 / 4)


@action(UploadFileOutput, deadline_s=_upload_s, destructive=True, idempotent=True)
def upload_file(
    sandbox_id: SandboxId, destination_path: Text, file_content_base64: Content, file_name: OptionalText = None
) -> Steps[UploadFileOutput]:
    """Write a file into a sandbox, over one that is there; missing directories are made.

    It takes base64. To write text of your own, use execute_command: ``cat > FILE <<'EOF'``, the text, ``EOF``.
    Operation: POST /files/bulk-upload of the toolbox, the one upload that every version has.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        destination_path: Where to write; relative paths start at the working directory. With a trailing slash it is the
            directory, and file_name is needed. White space at its ends is taken off.
        file_content_base64: The content in base64 (standard alphabet, padded; wrapped lines are fine).
        file_name: Name in the directory that destination_path gives; else only the name to report.
    """
    path = _destination(destination_path, file_name)
    size = decoded_size(file_content_base64, "file_content_base64")
    content = cast(BinaryIO, Base64Reader(file_content_base64, size))
    return (yield from upload_from(sandbox_id, path, content, size, file_name))


def upload_from(
    sandbox_id: str, path: str, content: BinaryIO, size: int, name: str | None = None
) -> Steps[UploadFileOutput]:
    """Write a binary file of a known size to a path of a sandbox."""
    body = generated.toolbox_models.UploadFiles(
        files0_path=path,
        files0_file=generated.toolbox_types.File(content, posixpath.basename(path), "application/octet-stream"),
    )
    request = generated.toolbox.upload_files_request(body=body)
    parse = partial(parse_json_if_present, generated.toolbox.upload_files_parse)
    uploaded = yield from Call(generated.toolbox.upload_files_path, request, parse, sandbox_id)
    _verify(uploaded, size)
    return UploadFileOutput(success=True, uploaded_path=path, name=name or posixpath.basename(path), size=size)


def _destination(destination_path: str, file_name: str | None) -> str:
    path = trimmed(destination_path)
    if not path.endswith("/"):
        return path
    name = trimmed(file_name or "")
    if not name:
        raise invalid_input(
            "file_name", "is needed, because destination_path ends with a slash and so names a directory"
        )
    if "/" in name or name in {".", ".."}:
        raise invalid_input("file_name", "must be a name without a directory")
    return path + name


def _verify(uploaded: object, size: int) -> None:
    """Hold a daemon that says what it wrote to its word; some say nothing."""
    if uploaded is None:
        return
    if not isinstance(uploaded, generated.toolbox_models.UploadResult):
        raise protocol_error("the answer is not the result of an upload")
    if errors := [said for said in uploaded.errors or [] if said] if isinstance(uploaded.errors, list) else []:
        raise protocol_error(f"not all was written: {'; '.join(to_str(said) or '' for said in errors)}")
    for written in uploaded.files if isinstance(uploaded.files, list) else []:
        count = to_int(getattr(written, "bytes_", None))
        if count is not None and count != size:
            raise protocol_error(f"{count:,} bytes were written of {size:,}")


@action(DownloadFileOutput, deadline_s=transfer_s(limits.DOWNLOAD_BYTES), read_only=True, idempotent=True)
def download_file(sandbox_id: SandboxId, file_path: Text) -> Steps[DownloadFileOutput]:
    """Read a file of a sandbox.

    A file over 100 MB (104,857,600 bytes), or over the client's own smaller limit, is a failure of kind ``too_large``.
    Operation: GET /files/download of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        file_path: The file; relative paths start at the working directory.
    """
    path, (content, size) = yield from read_file(sandbox_id, file_path, base64_text)
    name = posixpath.basename(path.rstrip("/"))
    return DownloadFileOutput(success=True, name=name, mime_type=mime_type(name), size=size, content_base64=content)


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


@action(ListFilesOutput, deadline_s=limits.LOOKUP_S, read_only=True, idempotent=True)
def list_files(sandbox_id: SandboxId, path: OptionalText = None) -> Steps[ListFilesOutput]:
    """List a directory of a sandbox, one level deep, hidden files included.

    Operation: GET /files of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        path: The directory; the sandbox's working directory when left out.
    """
    request = generated.toolbox.list_files_request(path=path) if path else generated.toolbox.list_files_request()
    entries = yield from Call(generated.toolbox.list_files_path, request, _entries, sandbox_id)
    return ListFilesOutput(success=True, files=(yield from in_batches(entries, to_file_infos)))


def _entries(answer: Answer) -> list[Any]:
    listed = decode_json(answer)
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise protocol_error(f"the answer is {json_type(listed)}, where a JSON array of files belongs")
    return cast(list[Any], run_parser(generated.toolbox.list_files_parse, check_length(listed)))
