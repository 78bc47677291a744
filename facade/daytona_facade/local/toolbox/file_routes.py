"""Folders and what is done to their entries."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .configuration import Configuration
from .daemon_errors import FailedError, file_failure
from .entries import entry
from .profiles import Profile

MODE_LIMIT = 0o7777


def asked_path(request: Request, name: str = "path", default: str = "") -> str:
    """Read a path of the query; one that is needed and missing is a 400."""
    query = request.scope["query_string"].decode("latin-1")
    # A file's name may be any bytes.
    path = dict(parse_qsl(query, errors="surrogateescape")).get(name) or default
    if not path:
        raise FailedError(400, f"{name} is required", "BAD_REQUEST", file_route=True)
    configuration: Configuration = request.app.state.configuration
    return configuration.located(path)


def list_files(request: Request) -> Response:
    """Serve GET /files: one level, or `depth` levels, sorted by name."""
    profile: Profile = request.app.state.profile
    path = asked_path(request, default=".")
    depth = asked_depth(request) if profile.depth else 1
    try:
        return JSONResponse(list(listing(profile, path, depth)))
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "open", path) from None


def asked_depth(request: Request) -> int:
    """Read how many levels a listing goes down."""
    text = request.query_params.get("depth") or "1"
    if not text.isascii() or not text.isdecimal() or int(text[:6]) < 1:
        raise FailedError(400, "depth must be a positive integer", "BAD_REQUEST", file_route=True)
    return int(text[:6])


def listing(profile: Profile, path: str, depth: int) -> Iterator[dict[str, object]]:
    """Describe the entries of a folder; a broken link is left out."""
    for name in sorted(os.listdir(path), key=os.fsencode):
        inner = os.path.join(path, name)
        with suppress(OSError):
            found = entry(profile, inner, os.path.abspath(inner))
            yield found
            if depth > 1 and found["isDir"] and not os.path.islink(inner):
                yield from listing(profile, inner, depth - 1)


def file_info(request: Request) -> Response:
    """Serve GET /files/info."""
    path = asked_path(request)
    try:
        return JSONResponse(entry(request.app.state.profile, path, os.path.abspath(path)))
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "stat", path) from None


def create_folder(request: Request) -> Response:
    """Serve POST /files/folder: parents are made, and an existing folder is a success."""
    path = asked_path(request)
    text = request.query_params.get("mode") or "0755"
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= MODE_LIMIT:
        raise FailedError(400, "invalid mode", "BAD_REQUEST", file_route=True)
    try:
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "mkdir", path) from None
    return Response(status_code=201)


def delete_file(request: Request) -> Response:
    """Serve DELETE /files: a folder only when `recursive` says so."""
    path = asked_path(request)
    recursive = request.query_params.get("recursive") == "true"
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            if not recursive:
                message = "cannot delete directory without recursive flag"
                raise FailedError(400, message, "INVALID_FILE_PATH", file_route=True)
            shutil.rmtree(path)
        else:
            os.remove(path)
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "remove", path) from None
    return Response(status_code=204)


def move_file(request: Request) -> Response:
    """Serve POST /files/move: never over something that exists."""
    source, destination = asked_path(request, "source"), asked_path(request, "destination")
    if os.path.lexists(destination) and os.path.lexists(source):
        raise FailedError(409, "destination already exists", "CONFLICT", file_route=True)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(destination)), exist_ok=True)
        shutil.move(source, destination)
    except (OSError, ValueError) as exc:
        raise file_failure(exc, "rename", source) from None
    return Response()
