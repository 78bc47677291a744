"""A loopback server that is faster than every client: canned answers on a bare asyncio protocol.

``python server.py`` prints its port and serves until its standard input closes. A path that starts with ``/wait/<ms>``
is answered that much later. ``/counts`` tells, and ``/reset`` clears, what was asked for.
"""

import asyncio
import hashlib
import json
import random
import re
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

BIG_BYTES = 100 * 2**20
_OVER_CAP_BYTES = 101 * 2**20
_ENDLESS_BYTES = 5 * 2**30
_BLOCK = random.Random(7).randbytes(2**20)
_PIECE = 64 * 2**10
_CHUNK = b"8000\r\n" + bytes(32 * 2**10) + b"\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Disposition: attachment\r\n%s\r\n\r\n"
_PART = b'--part\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
_PART_END = b"\r\n--part--\r\n"


def sandbox(origin: str, sandbox_id: str) -> dict[str, Any]:
    """Make a sandbox as the REST API gives it, some 900 bytes of JSON."""
    return {
        "id": sandbox_id,
        "organizationId": "7c0e3b5e-9f51-4a71-8f0e-0d5a1c1f0b11",
        "name": f"bench-{sandbox_id[:8]}",
        "snapshot": "daytonaio/sandbox:0.9.0",
        "user": "daytona",
        "env": {"LANG": "C.UTF-8"},
        "labels": {"team": "bench", "purpose": "measuring", "code-toolbox-language": "python"},
        "public": False,
        "networkBlockAll": False,
        "kvm": False,
        "target": "us",
        "cpu": 2,
        "gpu": 0,
        "memory": 4,
        "disk": 10,
        "state": "started",
        "desiredState": "started",
        "backupState": "None",
        "autoStopInterval": 15,
        "autoArchiveInterval": 10080,
        "autoDeleteInterval": -1,
        "createdAt": "2026-11-01T10:00:00.000Z",
        "updatedAt": "2026-11-23T12:34:56.789Z",
        "lastActivityAt": "2026-11-23T12:34:56.789Z",
        "sandboxClass": "small",
        "daemonVersion": "0.226.1",
        "runnerId": "runner-17",
        "toolboxProxyUrl": f"{origin}/toolbox",
    }


def _wire(document: Any, status: str = "200 OK") -> bytes:
    body = json.dumps(document, separators=(",", ":")).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Canned:
    """The answers, made once, and the counts."""

    def __init__(self, port: int) -> None:
        self.counts: dict[str, Any] = {}
        self.reset()
        self._origin = f"http://127.0.0.1:{port}"
        ids = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(200)]
        self._page = _wire({"items": [sandbox(self._origin, i) for i in ids], "nextCursor": None})
        self._fresh = 0
        self._executed = _wire({"exitCode": 0, "result": "hello\n", "code": 0})
        self._entries = _wire([{"name": "a.txt", "isDir": False, "size": 1, "modifiedAt": "2026-11-01T10:00:00Z"}])
        self._uploaded = _wire({})
        digest = hashlib.sha256()
        for _ in range(BIG_BYTES // len(_BLOCK)):
            digest.update(_BLOCK)
        self.big_sha256 = digest.hexdigest()

    def reset(self) -> None:
        """Forget what was asked for."""
        self.counts = {"requests": 0, "connections": 0, "written": 0, "uploaded_sha256": "", "uploaded_bytes": 0}

    def answer(self, method: str, path: str, limit: str = "200") -> bytes:
        """Return the whole answer to an ordinary request."""
        if path == "/counts":
            return _wire(self.counts | {"big_sha256": self.big_sha256})
        if path == "/reset":
            self.reset()
            return _wire({})
        self.counts["requests"] += 1
        parts = path.strip("/").split("/")
        if parts[0] == "toolbox" and len(parts) > 2:
            return {"process": self._executed, "files": self._entries, "git": _wire({})}.get(parts[2], self._lost())
        if parts[:2] == ["api", "sandbox"]:
            if len(parts) == 2 and method == "GET":
                return self._page
            return _wire(sandbox(self._origin, parts[2] if len(parts) > 2 else "created-0"))
        if parts[:2] == ["slow", "sandbox"]:
            return _wire(sandbox(f"{self._origin}/wait/50", parts[2]))
        if parts[:2] == ["fresh", "sandbox"]:
            return self._fresh_page(int(limit))
        return self._lost()

    def _lost(self) -> bytes:
        return _wire({"message": "no such path"}, "404 Not Found")

    def _fresh_page(self, size: int) -> bytes:
        """Page through sandboxes that were never seen before, each at an address that has to be learned."""
        ids = [f"{n:012d}" for n in range(self._fresh, self._fresh + size)]
        self._fresh += size
        return _wire({"items": [sandbox(self._origin, i) for i in ids], "nextCursor": None})

    def stored(self, head: bytes, body: bytes) -> bytes:
        """Take an upload: digest the file in the multipart body."""
        self.counts["requests"] += 1
        found = re.search(rb'boundary="?([^";\r\n]+)', head)
        boundary = b"--" + found[1] if found else b"--"
        start = body.find(b"\r\n\r\n", body.rfind(b"filename=", 0, 4096)) + 4
        content = memoryview(body)[start : body.rfind(b"\r\n" + boundary)]
        self.counts["uploaded_sha256"] = hashlib.sha256(content).hexdigest()
        self.counts["uploaded_bytes"] = len(content)
        return self._uploaded


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, or a stream in either direction."""

    def __init__(self, canned: Canned) -> None:
        self._canned = canned
        self._buffer = bytearray()
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._canned.counts["connections"] += 1

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[: end + 4])
            body, taken = self._body(head, end + 4)
            if body is None:
                return
            del self._buffer[:taken]
            self._respond(head, body)

    def _body(self, head: bytes, start: int) -> tuple[bytes | None, int]:
        low = head.lower()
        if b"transfer-encoding: chunked" in low:
            if not self._buffer.endswith(b"0\r\n\r\n"):
                return None, 0
            return _unchunked(self._buffer, start), len(self._buffer)
        found = re.search(rb"content-length: *(\d+)", low)
        stop = start + (int(found[1]) if found else 0)
        return (bytes(memoryview(self._buffer)[start:stop]), stop) if len(self._buffer) >= stop else (None, 0)

    def _respond(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        url = urlsplit(target)
        path, wait_ms = url.path, 0
        if path.startswith("/wait/"):
            _, _, wait, path = path.split("/", 3)
            path, wait_ms = "/" + path, int(wait)
        if path.endswith(("/files/download", "/files/bulk-download")):
            self._canned.counts["requests"] += 1
            source = json.loads(body)["paths"][0] if body else None
            name = source or parse_qs(url.query)["path"][0]
            self._streaming = asyncio.ensure_future(self._stream(name.rpartition("/")[2], source))
            return
        limit = parse_qs(url.query).get("limit", ["200"])[0]
        upload = path.endswith(("/files/upload", "/files/bulk-upload"))
        answer = self._canned.stored(head, body) if upload else self._canned.answer(method, path, limit)
        if wait_ms:
            asyncio.get_running_loop().call_later(wait_ms / 1000, self._transport.write, answer)
        else:
            self._transport.write(answer)

    async def _stream(self, name: str, part_of: str | None) -> None:
        """Send a file: bare, or as the one part of a multipart answer."""
        size = {"over": _OVER_CAP_BYTES, "endless": _ENDLESS_BYTES}.get(name, BIG_BYTES)
        opening = _PART % part_of.encode() if part_of else b""
        closing = _PART_END if part_of else b""
        kind = b"multipart/form-data; boundary=part" if part_of else b"application/octet-stream"
        length = len(opening) + size + len(closing)
        framing = b"Transfer-Encoding: chunked" if name == "endless" else b"Content-Length: %d" % length
        self._transport.write(_HEAD % (kind, framing) + opening)
        position = 0
        while position < size and not self._transport.is_closing():
            offset = position % len(_BLOCK)
            piece = _CHUNK if name == "endless" else _BLOCK[offset : offset + _PIECE]
            self._transport.write(piece)
            self._canned.counts["written"] += len(piece)
            position += min(len(piece), _PIECE)
            await self._writable.wait()
        self._transport.write(b"0\r\n\r\n" if name == "endless" else closing)


def _unchunked(buffer: bytearray, start: int) -> bytes:
    view = memoryview(buffer)
    pieces: list[bytes] = []
    while True:
        end = buffer.index(b"\r\n", start)
        size = int(bytes(view[start:end]).partition(b";")[0], 16)
        if size == 0:
            view.release()
            return b"".join(pieces)
        pieces.append(bytes(view[end + 2 : end + 2 + size]))
        start = end + 2 + size + 2


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(canned), "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    canned: Canned = Canned(port)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
