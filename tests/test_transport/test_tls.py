"""HTTPS, direct and through proxies: the key is seen by the server that it is for, and by nobody on the way."""

import os
import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

KEY = "dtn-canary-of-the-tls-tests"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"items":[]}'
PROGRAM = f"""
import asyncio
from daytona_facade import AsyncDaytona, Daytona

print(Daytona({KEY!r}, retries=0).list_sandboxes().error)

async def main():
    print((await AsyncDaytona({KEY!r}, retries=0).list_sandboxes()).error)

asyncio.run(main())
"""


class Served:
    """A loopback server: each connection is handled in a thread, and what it was sent is kept."""

    def __init__(self, handle: Callable[["Served", socket.socket], None], context: ssl.SSLContext | None) -> None:
        self.seen = bytearray()
        self._handle, self._context = handle, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._one, args=[self._listener.accept()[0]], daemon=True).start()

    def _one(self, sock: socket.socket) -> None:
        wrap = self._context.wrap_socket if self._context else None
        with suppress(OSError), wrap(sock, server_side=True) if wrap else sock as secure:
            self._handle(self, secure)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def answer(served: Served, sock: socket.socket) -> None:
    """Be an API with no sandboxes."""
    while received := sock.recv(65_536):
        served.seen += received
        if served.seen.endswith(b"\r\n\r\n"):
            sock.sendall(ANSWER)


def tunnel(served: Served, sock: socket.socket) -> None:
    """Be a proxy: connect where it is told, and pass on bytes."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    host, port = head.split()[1].decode().split(":")
    with socket.create_connection((host, int(port))) as target:
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        while True:
            pending = isinstance(sock, ssl.SSLSocket) and sock.pending()
            ready = [sock] if pending else select.select([sock, target], [], [])[0]
            for source, goal in ((sock, target), (target, sock)):
                if source in ready:
                    passed = source.recv(65_536)
                    if not passed:
                        return
                    served.seen += passed
                    goal.sendall(passed)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Make a certificate authority for the tests alone."""
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    """Make a server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def api(context: ssl.SSLContext) -> Iterator[Served]:
    """Serve an API over HTTPS."""
    served = Served(answer, context)
    yield served
    served.close()


def run(api: Served, authority: trustme.CA, folder: Path, **environment: str) -> list[str]:
    """Run the program, both clients, in a process that trusts the authority; return what each saw."""
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PATH": os.environ["PATH"],
            "DAYTONA_API_URL": f"https://localhost:{api.port}/api",
            "SSL_CERT_FILE": str(folder / "authority.pem"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_direct(api: Served, authority: trustme.CA, tmp_path: Path) -> None:
    """The key reaches a server whose certificate holds."""
    assert run(api, authority, tmp_path) == ["None", "None"]
    assert api.seen.count(KEY.encode()) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_through_a_proxy(
    scheme: str, api: Served, context: ssl.SSLContext, authority: trustme.CA, tmp_path: Path
) -> None:
    """A proxy carries the exchange and cannot read it, also when the way to the proxy is TLS itself."""
    proxy = Served(tunnel, context if scheme == "https" else None)

    seen = run(api, authority, tmp_path, HTTPS_PROXY=f"{scheme}://localhost:{proxy.port}")
    proxy.close()

    assert seen == ["None", "None"]
    assert api.seen.count(KEY.encode()) == 2
    assert len(proxy.seen) > 1000
    assert KEY.encode() not in proxy.seen


def test_a_certificate_of_nobody(api: Served, tmp_path: Path) -> None:
    """A server that cannot prove who it is gets no key."""
    errors = run(api, trustme.CA(), tmp_path)

    assert ["certificate" in error for error in errors] == [True, True], errors
    assert bytes(api.seen) == b""
