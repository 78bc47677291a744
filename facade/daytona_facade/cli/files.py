"""Files from and to this machine's disk, streamed."""

import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import click

from ..actions import Action
from ..actions.streamed_files import Source, download, upload
from ..outputs import DownloadFileOutput
from .forms import Form, called, described, options
from .output import show
from .progress import progress
from .setup import Failed, Setup


def upload_form(action: Action[..., Any]) -> Form:
    """``upload-file SANDBOX LOCAL REMOTE``: from disk, whatever its size."""
    sandbox, *rest = options(action, "destination_path", "file_content_base64", "file_name")
    local = click.Argument(["local"], metavar="LOCAL", help="File on this machine; - is standard input.")
    remote = click.Argument(
        ["remote"], metavar="REMOTE", help="Where to write; with a trailing slash the directory to write into."
    )

    def run(setup: Setup, as_json: bool, given: Mapping[str, Any]) -> int:
        remote_path = _remote(given["local"], given["remote"])
        with _opened(given["local"]) as file, progress(Path(remote_path).name) as told, setup.client() as client:
            source = Source(os.dup(file.fileno()), os.fstat(file.fileno()).st_size, told)
            with source:
                output = upload(source).run(client, given["sandbox_id"], remote_path)
        return show(output, as_json=as_json)

    return Form([sandbox, local, remote, *rest], described(action), run)


def download_form(action: Action[..., Any]) -> Form:
    """``download-file SANDBOX REMOTE LOCAL``: to disk, whatever its size."""
    sandbox, *rest = options(action, "file_path")
    remote = click.Argument(["file_path"], metavar="REMOTE", help="File in the sandbox.")
    local = click.Argument(
        ["local"],
        required=False,
        metavar="[LOCAL]",
        help="File or directory on this machine, the current one when left out; - is standard output.",
    )

    def run(setup: Setup, as_json: bool, given: Mapping[str, Any]) -> int:
        if as_json and given["local"] is None:
            return show(called(action, setup, given), as_json=True)
        if as_json and given["local"] == "-":
            raise click.UsageError("--json and the file itself cannot both go to standard output")
        with setup.client() as client, progress(Path(given["file_path"]).name) as told:

            def fetch(target: BinaryIO, rewinds: bool) -> DownloadFileOutput:
                return download(target, told, rewinds=rewinds).run(client, given["sandbox_id"], given["file_path"])

            output = _saved(given["local"] or ".", given["file_path"], fetch)
        return 0 if given["local"] == "-" and output.success else show(output, as_json=as_json)

    text = (
        "Here it is streamed to a file, whatever its size, within an hour or --deadline. The file appears when it is "
        "complete; a failure leaves what was there. With --json and without LOCAL the content is part of the JSON, in "
        "base64 and up to 100 MB."
    )
    return Form([sandbox, remote, local, *rest], f"Read a file of a sandbox.\n\n{text}", run)


def _remote(local: str, remote: str) -> str:
    if not remote.strip().endswith("/"):
        return remote
    if local == "-":
        raise click.UsageError("REMOTE must name the file, because standard input has no name")
    return remote.strip() + Path(local).name


def _opened(local: str) -> BinaryIO:
    """Open a file to send; what has no size of its own, a pipe, goes to a temporary file first."""
    try:
        if local == "-":
            return _spooled(sys.stdin.buffer)
        file = Path(local).open("rb")  # noqa: SIM115 - the caller's
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        with file:
            return _spooled(file)
    except OSError as exc:
        raise Failed(f"{local}: {exc.strerror or exc}") from None


def _spooled(pipe: BinaryIO) -> BinaryIO:
    spooled = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller's
    shutil.copyfileobj(pipe, spooled)
    spooled.flush()
    os.lseek(spooled.fileno(), 0, os.SEEK_SET)
    return spooled


def _saved(local: str, remote: str, fetch: Callable[[BinaryIO, bool], DownloadFileOutput]) -> DownloadFileOutput:
    if local == "-":
        return fetch(sys.stdout.buffer, False)
    target = Path(local)
    if target.is_dir():
        name = Path(remote.rstrip("/")).name
        if name in {"", ".."}:
            raise click.UsageError(f"{remote} names no file")
        target /= name
    try:
        return _landed(target.resolve(), fetch)
    except OSError as exc:
        raise Failed(f"{target}: {exc.strerror or exc}") from None


def _landed(target: Path, fetch: Callable[[BinaryIO, bool], DownloadFileOutput]) -> DownloadFileOutput:
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
