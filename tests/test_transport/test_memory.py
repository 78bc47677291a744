"""Large files cost their base64 text and little else, and a body over the cap is not read."""

import asyncio
import base64
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from daytona_facade import AsyncDaytona, Daytona
from support.paths import ROOT

CAP = 100 * 2**20
KERNEL = 16 * 2**20
"""What a server may have written that no client has read: the socket buffers of both ends."""
CHUNK = b"8000\r\n" + bytes(32 * 2**10) + b"\r\n"
FILE_MB = 32

_DOWNLOAD = """
import http.client, json, sys
sys.modules["pybase64"] = None
from daytona_facade import Daytona

def memory(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))

client = Daytona("key", api_url=sys.argv[1], toolbox_url=sys.argv[1])
before = memory("VmRSS")
output = client.download_file("a", "b")
print(json.dumps({"peak_kb": memory("VmHWM") - before, "size": output.size, "error": output.error}))
"""


class Server:
    """One raw answer to everyone; it counts the bytes of body that it could write."""

    def __init__(self, head: bytes, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._head, self._pieces = head, pieces
        self.written = 0
        self.served = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + self._head + b"\r\n\r\n")
            for piece in self._pieces():
                connection.sendall(piece)
                self.written += len(piece)
        self.served.set()

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        """Serve one connection."""
        self._thread.start()
        try:
            yield self
        finally:
            assert self.served.wait(20), "the server is still writing: the client never hung up"
            self._thread.join()
            self._listening.close()


def endless() -> Iterator[bytes]:
    """Chunk 5 GB of zeros."""
    for _ in range(5 * 2**30 // 2**15):
        yield CHUNK


def held_back() -> Iterator[bytes]:
    """Send no byte of the body; the connection closes."""
    return iter(())


def failed_download(in_task: bool, url: str) -> Any:
    """Download over the cap, in a task or in a thread."""
    if in_task:
        output = asyncio.run(AsyncDaytona("key", api_url=url, toolbox_url=url).download_file("a", "b"))
    else:
        output = Daytona("key", api_url=url, toolbox_url=url).download_file("a", "b")
    return output


@pytest.mark.parametrize("in_task", [False, True], ids=["sync", "async"])
def test_a_declared_length_over_the_cap_is_refused_unread(in_task: bool) -> None:
    """A file of 101 MB is refused by its head alone: the answer comes although no byte of the body does."""
    head = b"Content-Type: application/octet-stream\r\nContent-Length: %d" % (101 * 10**6 + 2**22)
    with Server(head, held_back).serving() as server:
        output = failed_download(in_task, server.url)

    assert output.failure.kind == "too_large"
    assert server.written == 0


@pytest.mark.parametrize("in_task", [False, True], ids=["sync", "async"])
def test_an_endless_body_is_cut_off_at_the_cap(in_task: bool) -> None:
    """Of 5 GB in chunks, no more than the cap, one chunk and what sockets hold ever leaves the server."""
    with Server(b"Transfer-Encoding: chunked", endless).serving() as server:
        output = failed_download(in_task, server.url)

    assert output.failure.kind == "too_large"
    assert output.content_base64 is None
    assert CAP <= server.written <= CAP + len(CHUNK) + KERNEL


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_a_download_costs_little_more_than_its_text() -> None:
    """The peak is the text and not twice the text: the string grows in place."""
    block = bytes(range(256)) * 256
    head = b"Content-Length: %d" % (FILE_MB * 2**20)
    with Server(head, lambda: iter([block] * (FILE_MB * 16))).serving() as server:
        command = [sys.executable, "-c", _DOWNLOAD, server.url]
        path = ":".join(str(ROOT / folder) for folder in ("facade", "generated"))
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": path}, timeout=60)
    told = json.loads(done.stdout)

    assert told["error"] is None
    assert told["size"] == FILE_MB * 2**20
    assert told["peak_kb"] / 1024 < FILE_MB * 4 / 3 * 1.25 + 8


def test_a_download_under_a_profiler_is_whole() -> None:
    """Where a profiler makes CPython copy a growing string, larger blocks spare the copies, and nothing is lost."""
    block = bytes(range(256)) * 255
    profiler = sys.getprofile()
    with Server(b"Content-Length: %d" % (len(block) * 128), lambda: iter([block] * 128)).serving() as server:
        client = Daytona("key", api_url=server.url, toolbox_url=server.url)
        sys.setprofile(lambda *_: None)
        try:
            output = client.download_file("a", "b")
        finally:
            sys.setprofile(profiler)

    assert len(block) * 128 == output.size
    assert base64.b64decode(output.content_base64 or "") == block * 128
