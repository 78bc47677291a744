"""Files of sandboxes that are too large for a model: linked to as resources, or saved where the operator said."""

import base64
import os
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import anyio.to_thread
from mcp_types import BlobResourceContents, ResourceLink, ResourceTemplate, TextResourceContents

from .. import limits
from ..actions import ACTIONS
from ..errors import Failure
from ..outputs import Output

DOWNLOAD = "download_file"
TEMPLATE = ResourceTemplate(
    name="file",
    title="File of a sandbox",
    uri_template="daytona://sandbox/{sandbox_id}/file{?path}",
    description=f"A file of up to {limits.MCP_MESSAGE_BYTES // 2**20} MB, by the sandbox's ID and the file's path.",
)

_SLICE = 4 * 2**20
_TEXTS = re.compile(r"text/.*|application/(.*\+)?(json|xml|yaml|toml|javascript)|image/svg\+xml")
_UNSAFE = re.compile(r"[^\w.@+-]+")


def resource_link(arguments: Mapping[str, Any], output: Mapping[str, Any]) -> ResourceLink:
    """Link to a file that the client can read as a resource."""
    sandbox_id, path = str(arguments.get("sandbox_id")).strip(), str(arguments.get("file_path"))
    uri = f"daytona://sandbox/{quote(sandbox_id, safe='')}/file?path={quote(path, safe='')}"
    return _link(uri, output)


def arguments_of(uri: str) -> dict[str, Any] | None:
    """Read the arguments of the download from a resource's address; any other address has none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = parse_qs(parts.query, keep_blank_values=True).get("path", [])
    found = re.fullmatch(r"/([^/]+)/file", parts.path)
    if parts.scheme != "daytona" or parts.netloc != "sandbox" or not found or len(path) != 1:
        return None
    (sandbox_id,) = parse_qs(f"id={found[1]}")["id"]
    return {"sandbox_id": sandbox_id, "file_path": path[0]}


def contents(uri: str, output: Mapping[str, Any]) -> TextResourceContents | BlobResourceContents:
    """Make a resource of a downloaded file: text where it is text."""
    mime_type, content = str(output["mime_type"]), str(output["content_base64"])
    if _TEXTS.fullmatch(mime_type):
        try:
            return TextResourceContents(uri=uri, mime_type=mime_type, text=base64.b64decode(content).decode())
        except UnicodeDecodeError:
            return BlobResourceContents(uri=uri, mime_type=mime_type, blob=content)
    return BlobResourceContents(uri=uri, mime_type=mime_type, blob=content)


async def saved(directory: Path, arguments: Mapping[str, Any], output: Mapping[str, Any]) -> ResourceLink:
    """Save a downloaded file under the operator's directory and link to it; raises ``OSError``."""
    sandbox = _plain(str(arguments.get("sandbox_id")))
    name = _plain(str(output["name"]))
    path = await anyio.to_thread.run_sync(_save, directory / sandbox, name, str(output["content_base64"]))
    return _link(path.as_uri(), output)


def unsaved(problem: OSError) -> Output:
    """Report a file that was downloaded and could not be saved."""
    reason = problem.strerror or type(problem).__name__
    failure = Failure("server", f"{DOWNLOAD} failed: the file could not be saved on the server's machine ({reason}).")
    output: Output = ACTIONS[DOWNLOAD].failed(failure)
    return output


def _link(uri: str, output: Mapping[str, Any]) -> ResourceLink:
    return ResourceLink(
        uri=uri,
        name=str(output.get("name") or "file"),
        mime_type=output.get("mime_type"),
        size=output.get("size"),
        description="The whole file.",
    )


def _plain(name: str) -> str:
    """Keep of a name what no file system takes for anything but a name."""
    return _UNSAFE.sub("_", name).lstrip(".")[-100:] or "file"


def _save(directory: Path, name: str, content: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for number in count():
        path = directory / (f"{number}-{name}" if number else name)
        try:
            # A new file, and never one that a link leads to.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with open(descriptor, "wb") as file:
                slices = (content[start : start + _SLICE] for start in range(0, len(content), _SLICE))
                file.writelines(map(base64.b64decode, slices))
        except OSError:
            path.unlink()
            raise
        return path
    raise AssertionError("one of the numbers is free")
