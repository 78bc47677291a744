"""Files between a sandbox and this machine's disk, streamed, whatever their size."""

import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, cast

import click

from ..actions import Action
from ..actions.streamed_files import Source, download, upload
from ..outputs import DownloadFileOutput
from .forms import Form, action_help, action_parameters, run_action
from .setup import WINDOWS, CommandError, GlobalOptions
from .terminal import print_output, progress_bar

_DOWNLOAD_HELP = (
    "Read a file of a sandbox.\n\n"
    "The file is streamed to disk, whatever its size, within an hour or --deadline. It appears when it is complete; "
    "after a failure, a file that was there before is unchanged. With --json and without LOCAL, the content is part of "
    "the JSON, in base64 and up to 100 MB."
)
_WINDOWS_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\xb9\xb2\xb3]) *(\.|$)", re.IGNORECASE)


def upload_form(action: Action[..., Any]) -> Form:
    """``upload-file SANDBOX LOCAL REMOTE``: from disk, whatever the size."""
    sandbox, *rest = action_parameters(action, "destination_path", "file_content_base64", "file_name")
    local = click.Argument(["local"], metavar="LOCAL", help="File on this machine; - is standard input.")
    remote = click.Argument(
        ["remote"], metavar="REMOTE", help="Path to write in the sandbox; a directory if it ends with a slash."
    )

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        path = _remote_path(values["local"], values["remote"])
        with (
            _open_source(values["local"]) as file,
            progress_bar(PurePosixPath(path).name) as report,
            options.client() as client,
            Source(os.dup(file.fileno()), os.fstat(file.fileno()).st_size, report) as source,
        ):
            output = upload(source).run(client, values["sandbox_id"], path)
        return print_output(output, as_json=as_json)

    return Form([sandbox, local, remote, *rest], action_help(action), run)


def download_form(action: Action[..., Any]) -> Form:
    """``download-file SANDBOX REMOTE LOCAL``: to disk, whatever the size."""
    sandbox, *rest = action_parameters(action, "file_path")
    remote = click.Argument(["file_path"], metavar="REMOTE", help="File in the sandbox.")
    local = click.Argument(
        ["local"],
        required=False,
        metavar="[LOCAL]",
        help="File or directory on this machine; the current directory if omitted; - is standard output.",
    )

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        sandbox_id, path, target = values["sandbox_id"], values["file_path"], values["local"]
        if as_json and target is None:
            return print_output(run_action(action, options, values), as_json=True)
        if as_json and target == "-":
            raise click.UsageError("--json and LOCAL - cannot be used together: both write to standard output")
        with options.client() as client, progress_bar(PurePosixPath(path).name) as report:

            def fetch(file: BinaryIO, rewinds: bool) -> DownloadFileOutput:
                return download(file, report, rewinds=rewinds).run(client, sandbox_id, path)

            output = _save(target or ".", path, fetch)
        return 0 if target == "-" and output.success else print_output(output, as_json=as_json)

    return Form([sandbox, remote, local, *rest], _DOWNLOAD_HELP, run)


def source_name(local: str, *, windows: bool = WINDOWS) -> str:
    """Return the name of a file on this machine, whose path may be one with a drive letter and backslashes."""
    return (PureWindowsPath(local) if windows else PurePosixPath(local)).name


def local_name(remote: str, *, windows: bool = WINDOWS) -> str:
    """Return the name for a sandbox's file on this machine, on Windows one that means a plain file there."""
    name = PurePosixPath(remote).name
    if windows:
        name = _WINDOWS_FORBIDDEN.sub("_", name)
        # Windows drops dots and blanks at the end, and takes device names for devices, whatever their extension.
        name = re.sub(r"[. ]+$", lambda match: "_" * len(match[0]), name)
        if _WINDOWS_DEVICE.match(name):
            name = f"_{name}"
    return name


def _remote_path(local: str, remote: str) -> str:
    if not remote.strip().endswith("/"):
        return remote
    if local == "-":
        raise click.UsageError("REMOTE must name a file, because standard input has no name")
    return remote.strip() + source_name(local)


def _open_source(local: str) -> BinaryIO:
    """Open a file to send; a pipe, which has no size, is copied to a temporary file first."""
    try:
        if local == "-":
            return _copy_to_disk(sys.stdin.buffer)
        file = Path(local).open("rb")  # noqa: SIM115 - the caller closes it
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        with file:
            return _copy_to_disk(file)
    except OSError as exc:
        raise CommandError(f"{local}: {exc.strerror or exc}") from None


def _copy_to_disk(pipe: BinaryIO) -> BinaryIO:
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(pipe, file)
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    return file


def _save(local: str, remote: str, fetch: Callable[[BinaryIO, bool], DownloadFileOutput]) -> DownloadFileOutput:
    if local == "-":
        return fetch(sys.stdout.buffer, False)
    target = Path(local)
    if target.is_dir():
        name = local_name(remote)
        if name in {"", ".."}:
            raise click.UsageError(f"{remote} does not name a file")
        target /= name
    try:
        return _save_file(target.resolve(), fetch)
    except OSError as exc:
        raise CommandError(f"{target}: {exc.strerror or exc}") from None


def _save_file(target: Path, fetch: Callable[[BinaryIO, bool], DownloadFileOutput]) -> DownloadFileOutput:
    if target.exists() and not target.is_file():
        with target.open("wb", buffering=0) as pipe:
            return fetch(pipe, False)
    part = target.with_name(f".daytona-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            if target.exists():
                shutil.copymode(target, part)
            output = fetch(file, True)
        if output.success:
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return output
