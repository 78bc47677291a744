"""The other side of a clone: what a URL means, and which branches and tags are there.

The daemon clones with go-git, which has no ssh keys, no dumb HTTP, and words of its own for what goes wrong.
"""

import asyncio
import base64
import json
import re
from typing import Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

Category = Literal["auth", "forbidden", "no repository", "missing", "no branch", "transport", "exists", "other"]
INFO_REFS = "/info/refs"
SERVICE = "service=git-upload-pack"
SECONDS = 300
_SCHEME = re.compile(r"[^:]+://")
_SCP_LIKE = re.compile(r"(?:[^@]+@)?[^:\s]+:(?:[0-9]{1,5}:)?[^\\]")
_STATUSES: dict[int, tuple[Category, str]] = {
    401: ("auth", "authentication required"),
    403: ("forbidden", "authorization failed"),
    404: ("no repository", "repository not found"),
}


class GitError(Exception):
    """A clone that failed: what kind of failure it is, in the words of go-git."""

    def __init__(self, category: Category, message: str) -> None:
        super().__init__(message)
        self.category: Category = category


class Remote(NamedTuple):
    """Where a repository is, as git takes it, and the credentials for it."""

    address: str
    is_local: bool
    authorization: str = ""
    shown: str = ""
    """The address without its password."""


class Advertisement(NamedTuple):
    """What a remote has: the hashes of its references by name, and the branch that its HEAD stands for."""

    references: dict[str, str]
    head: str


def parse_remote(url: str, credentials: tuple[str, str] | None) -> Remote:
    """Find out what a URL means; raises GitError for what go-git does not clone from."""
    if "\0" in url:
        # go-git cannot read back the configuration that it wrote: it names the line, and the place in the line.
        raise GitError("other", f"4:{url.index(chr(0)) + 8}: illegal character NUL")
    if not _SCHEME.match(url):
        if _SCP_LIKE.match(url):
            raise GitError("auth", "invalid auth method")
        return Remote(url, is_local=True)
    if any(character < " " or character == "\x7f" for character in url):
        raise GitError("other", f"parse {json.dumps(url)}: net/url: invalid control character in URL")
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
        host = (f"[{name}]" if ":" in name else name) + (f":{parts.port}" if parts.port else "")
    except ValueError as exc:
        raise GitError("other", f'parse "{url}": {exc}') from None
    if parts.scheme in ("ssh", "git"):
        raise GitError("auth", "invalid auth method")
    if parts.scheme == "file":
        return Remote(unquote(parts.path), is_local=True)
    if parts.scheme not in ("http", "https"):
        raise GitError("other", f'unsupported scheme "{parts.scheme}"')
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    address = f"{parts.scheme}://{host}{quote(unquote(parts.path))}{tail}"
    user, password = unquote(parts.username or ""), parts.password
    shown = address.replace("://", f"://{user}{':***' if password is not None else ''}@", 1) if user else address
    if credentials is None and parts.username is not None:
        credentials = user, unquote(password or "")
    return Remote(address, False, _basic(credentials) if credentials else "", shown)


def _basic(credentials: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(credentials).encode()).decode()


async def look(remote: Remote, environment: dict[str, str], *, verify: bool) -> Advertisement:
    """Ask a remote what it has; raises GitError."""
    if remote.is_local:
        data = await _look_locally(remote.address, environment)
    else:
        data = await asyncio.to_thread(_look_over_http, remote, verify=verify)
    return read_advertisement(data)


async def _look_locally(path: str, environment: dict[str, str]) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *("git", "upload-pack", "--advertise-refs", "--", path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    data, errors = await process.communicate()
    if process.returncode:
        said = errors.decode(errors="replace").strip()
        if "does not appear to be a git repository" in said:
            raise GitError("no repository", "repository not found")
        raise GitError("other", f"unknown error: {said}")
    return data


def _look_over_http(remote: Remote, *, verify: bool) -> bytes:
    from .git_http import ConnectError, get

    path = f"{INFO_REFS}?{SERVICE}"
    try:
        answer = get(remote.address + path, remote.authorization, seconds=SECONDS, verify=verify)
    except ConnectError as exc:
        raise GitError("transport", f'Get "{remote.shown}{path}": {exc}') from None
    if not answer.path.endswith(INFO_REFS):
        raise GitError("other", f'http redirect: target "{answer.path}" does not end with {INFO_REFS}')
    if answer.status in _STATUSES:
        category, words = _STATUSES[answer.status]
        raise GitError(category, f"{words}: {answer.body.decode(errors='replace')}")
    if not 200 <= answer.status < 300:
        requested = f'unexpected requesting "{remote.shown}{path}" status code: {answer.status}'
        raise GitError("transport", f"unexpected client error: {requested}")
    return answer.body


def read_advertisement(data: bytes) -> Advertisement:
    """Read the lines in which a remote says what it has; raises GitError."""
    lines = [line for line in pkt_lines(data) if line is not None and not line.startswith(b"#")]
    references: dict[str, str] = {}
    capabilities = ""
    for line in lines:
        entry, _, extra = line.decode(errors="surrogateescape").rstrip("\n").partition("\0")
        capabilities = capabilities or extra
        commit, _, name = entry.partition(" ")
        if name.strip() and not name.endswith("^{}") and not entry.startswith("shallow "):
            references[name] = commit
    if not references:
        raise GitError("missing", "remote repository is empty")
    symbolic = re.search(r"(?:^| )symref=HEAD:(\S+)", capabilities)
    return Advertisement(references, symbolic[1] if symbolic else guess_head(references))


def guess_head(references: dict[str, str]) -> str:
    """Find the reference that a detached HEAD may stand for: master, or the first of the same commit."""
    commit = references.get("HEAD")
    names = ["refs/heads/master", *sorted(name for name in references if name != "HEAD")]
    found = next((name for name in names if references.get(name) == commit), None)
    if commit is not None and found is None:
        raise GitError("other", "unexpected client error: reference not found")
    return found or ""


def pkt_lines(data: bytes) -> list[bytes | None]:
    """Part git's lines, each behind its own length; None is a flush."""
    lines: list[bytes | None] = []
    place = 0
    while place < len(data):
        head = data[place : place + 4]
        if not re.fullmatch(rb"[0-9a-fA-F]{4}", head) or 0 < int(head, 16) < 4:
            raise GitError("other", "invalid pkt-len found")
        size = int(head, 16)
        if place + size > len(data):
            raise GitError("other", "unexpected EOF")
        lines.append(data[place + 4 : place + size] if size else None)
        place += size or 4
    return lines
