"""What is not the protocol is answered or reported, never met with silence or a traceback."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.mcp_server import HEADERS, Served, initialize, request, result, serve_http

SURROGATE = r'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"\ud83d"}}'
HEAD_S = 10


@pytest.mark.parametrize(
    ("line", "answered"),
    [
        ("garbage", (None, -32700)),
        (SURROGATE, (7, -32700)),
        ('{"jsonrpc":"2.0","id":null,"method":"ping"}', (None, -32600)),
        ('{"jsonrpc":"2.0","id":"a","method":5}', ("a", -32600)),
        ("[]", (None, -32600)),
        ('{"id":3}', (3, -32600)),
        ("[" * 100_000, (None, -32700)),
        (r'{"jsonrpc":"2.0","id":"\ud83d","method":"ping"}', (None, -32700)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_stdio(line: str, answered: tuple[Any, int]) -> None:
    """On stdio each line that is no message gets the protocol's error, and the server goes on."""
    lines = f"{line}\n\n{json.dumps(initialize())}\n"
    command = [sys.executable, "-m", "daytona_facade.mcp"]
    environment = {**os.environ, "DAYTONA_API_KEY": "key"}
    done = subprocess.run(command, input=lines.encode(), env=environment, capture_output=True, timeout=30, check=False)

    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["error"]["code"]) == answered
    assert second["result"]["protocolVersion"] == "2025-06-18"
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_standard_output() -> None:
    """A client that reads no more ends the server, with one line."""
    command = [sys.executable, "-m", "daytona_facade.mcp"]
    environment = {**os.environ, "DAYTONA_API_KEY": "key"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(json.dumps(initialize()).encode() + b"\n")
    process.stdin.flush()
    said = process.stderr.read()
    process.wait(20)
    process.stdin.close()
    process.stderr.close()

    assert said.decode().splitlines() == ["MCP server: the client has closed the server's standard output"]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve on loopback; whatever the tests send, no traceback is written."""
    with serve_http("--allow-host", "box.example", "--allow-host", "api.example:8443") as served:
        yield served
        said = served.stop()
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 1


def _address(url: str) -> tuple[str, int]:
    parts = httpx.URL(url)
    return parts.host, parts.port or 0


@pytest.mark.parametrize("body", ["garbage", SURROGATE, '{"jsonrpc":"2.0","id":null,"method":"ping"}', "[]"])
def test_http(body: str, served: Served) -> None:
    """Over HTTP a body that is no message is answered with 400 and the protocol's error."""
    answer = httpx.post(served.url, content=body, headers=HEADERS)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {-32700, -32600, -32602}


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("LOCALHOST", True), ("localhost.", True), ("localhost:80", True), ("127.0.0.1:1", True), ("[::1]:8765", True),
        ("Box.Example.", True), ("BOX.EXAMPLE.:443", True), ("api.example:8443", True), ("api.example", False),
        ("api.example:80", False), ("localhost:80@evil", False), ("evil", False), ("localhost.evil", False),
        ("localhost:x", False), ("localhost, evil", False), ("localhost..", False), ("user@localhost", False),
        ("localhost/", False), ("", False),
    ],
)  # fmt: skip
def test_host_names(host: str, is_own: bool, served: Served) -> None:
    """A host is compared as a name: in either case, with a dot at its end, and nothing but a name and a port."""
    answer = httpx.post(served.url, json=initialize(), headers={**HEADERS, "host": host})
    page = httpx.post(served.url, json=initialize(), headers={**HEADERS, "origin": f"https://{host}"})

    assert answer.status_code == (200 if is_own else 421)
    assert page.status_code == (200 if is_own else 403)


def test_client_leaves(served: Served) -> None:
    """A client that leaves in the middle of a body leaves no trace."""
    head = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n{_lines(HEADERS)}\r\n"
    for sent in (head, f"{head}{{", head[:20]):
        with socket.create_connection(_address(served.url)) as connection:
            connection.sendall(sent.encode())
    answer = httpx.post(served.url, json=initialize(), headers=HEADERS)

    assert answer.status_code == 200


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def test_signal_in_a_call() -> None:
    """SIGTERM in the middle of a call ends the server with one line."""
    with (
        socket.create_server(("127.0.0.1", 0)) as platform,
        serve_http(environment={"DAYTONA_API_URL": f"http://127.0.0.1:{platform.getsockname()[1]}/api"}) as served,
    ):
        opened = httpx.post(served.url, json=initialize(), headers=HEADERS)
        session = {**HEADERS, "mcp-session-id": opened.headers["mcp-session-id"]}
        call = request("tools/call", {"name": "list_sandboxes", "arguments": {}})
        caller = threading.Thread(target=_post_in_vain, args=(served.url, call, session))
        caller.start()
        connection, _ = platform.accept()
        said = served.stop()
        caller.join()
        connection.close()

    assert said.splitlines() == ["MCP server: ending with 1 requests under way"]


def _post_in_vain(url: str, body: Any, headers: dict[str, str]) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.post(url, json=body, headers=headers, timeout=30)


def test_idle_and_slow_connections() -> None:
    """Many idle connections do not lock a good caller out, and a slow head is cut off."""
    with serve_http(descriptors=128) as served:
        address = _address(served.url)
        idle = [socket.create_connection(address, timeout=30) for _ in range(300)]
        answer = httpx.post(served.url, json=initialize(), headers=HEADERS, timeout=5)
        assert result(answer)["serverInfo"]["name"] == "daytona-facade"
        slow = socket.create_connection(address, timeout=30)
        began = time.monotonic()
        _drip(slow)
        seconds = time.monotonic() - began
        for connection in idle:
            connection.close()
        said = served.stop()

    assert HEAD_S - 2 < seconds < HEAD_S + 5
    assert said == ""


def _drip(connection: socket.socket) -> None:
    """Send a head without an end, a byte at a time, until the server has enough of it."""
    connection.settimeout(0.2)
    with connection:
        for byte in b"GET /mcp HTTP/1.1\r\nX: " + b"y" * 200:
            try:
                connection.sendall(bytes([byte]))
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    raise AssertionError("the server waits for ever")
