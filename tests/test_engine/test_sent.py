"""``failure.sent`` is certain: a server that knows what reached it is asked, under random cuts and for each refusal."""

import json
import os
import random
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from hostile.canaries import CALLS, KEY
from support.callers import Caller, MockServer

CALLS_OF_EACH_CLIENT = int(os.environ.get("SENT_CALLS", "240"))
"""CI makes fewer than the thousand of ``SENT_CALLS=1000``."""
_GOOD = b'{"id": "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30", "exitCode": 0, "result": "x", "items": []}'
_THROTTLED = b'{"statusCode": 429, "message": "ThrottlerException: Too Many Requests"}'
_PROXY_THROTTLED = (
    b'{"statusCode": 401, "message": "unauthorized: authentication failed: Bearer token validation error: '
    b'ThrottlerException: Too Many Requests"}'
)


class CuttingServer:
    """Cuts connections at random moments, and remembers whose requests reached it whole and were acted on."""

    def __init__(self, seed: int) -> None:
        self.acted_on: set[str] = set()
        """The keys of the requests: each call has one of its own, so that a late request is not taken for another."""
        self._dice = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            while self._dice.random() > 0.1:
                whole = self._read(connection, cut=self._dice.random() < 0.2)
                if whole and not self._answer(connection, whole):
                    break
                if not whole:
                    break
            if self._dice.random() < 0.5:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _read(self, connection: socket.socket, *, cut: bool) -> bytes:
        """Read one request; nothing is returned of one that is cut."""
        read = b""
        end = self._dice.randrange(200) if cut else None
        while True:
            head, found, body = read.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if found and len(body) >= (int(length[1]) if length else 0):
                return read
            piece = connection.recv(65_536 if end is None else max(1, min(50, end - len(read))))
            read += piece
            if not piece or (end is not None and len(read) >= end):
                return b""

    def _answer(self, connection: socket.socket, request: bytes) -> bool:
        """Answer, act or not, and say whether the connection stays."""
        way = self._dice.choice(["good", "good", "429", "401", "503", "cut", "silent"])
        if way in {"429", "401"}:
            toolbox = b"/toolbox/" in request.partition(b"\r\n")[0]
            status, body = (b"401", _PROXY_THROTTLED) if way == "401" and toolbox else (b"429", _THROTTLED)
            connection.sendall(self._response(status, body))
            return True
        if key := re.search(rb"(?i)authorization: Bearer (\S+)", request):
            self.acted_on.add(key[1].decode())
        answer = self._response(b"503" if way == "503" else b"200", _GOOD)
        if way in {"cut", "silent"}:
            connection.sendall(answer[: self._dice.randrange(len(answer)) if way == "cut" else 0])
            return False
        connection.sendall(answer)
        return True

    def _response(self, status: bytes, body: bytes) -> bytes:
        return b"HTTP/1.1 %s X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            status,
            len(body),
            body,
        )


@contextmanager
def _server(seed: int) -> Iterator[CuttingServer]:
    server = CuttingServer(seed)
    try:
        yield server
    finally:
        server.close()


def test_unsent_never_lies_under_random_cuts(caller_class: type[Caller]) -> None:
    """Of a call that says sent=False, no attempt was acted on, wherever the connection broke."""
    unsent: dict[str, str] = {}
    with _server(seed=16) as server:
        url = f"http://127.0.0.1:{server.port}"
        options = {"api_url": f"{url}/api", "toolbox_url": f"{url}/toolbox", "retries": 1, "deadline_s": 10}
        with caller_class(KEY, **options) as call:
            for number in range(CALLS_OF_EACH_CLIENT):
                key = f"key-{number}"
                call.client = type(call.client)(key, **options)
                output = call(tuple(CALLS)[number % len(CALLS)], **CALLS[tuple(CALLS)[number % len(CALLS)]])
                if output.failure is not None and not output.failure.sent:
                    unsent[key] = output.error
        lies = [unsent[key] for key in server.acted_on & unsent.keys()]
    assert lies == []
    assert len(unsent) > CALLS_OF_EACH_CLIENT // 50


def test_unsent_when_nobody_listens(caller_class: type[Caller]) -> None:
    """A refused connection is certain for every action."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with caller_class(KEY, api_url=url, toolbox_url=url, retries=0) as call:
        for action in CALLS:
            assert not call(action, **CALLS[action]).failure.sent


_API = "http://daytona.invalid/api"
_TOOLBOX = "http://daytona.invalid/toolbox"


class Stack:
    """API, proxy, daemon and Git host in a row: one of them refuses, and what lies behind it never sees the request."""

    def __init__(self, stage: str, status: int, said: str) -> None:
        self.acted = False
        self._stage, self._status, self._said = stage, status, said
        self.server = MockServer(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        document = {"statusCode": self._status, "message": self._said, "timestamp": "2026-11-25T06:00:00Z"}
        if self._stage in {"guard", "proxy", "runner"}:
            return httpx.Response(self._status, json=document)
        self.acted = True
        return httpx.Response(self._status, json=document)


_TOKEN = "unauthorized: authentication failed: Bearer token "
_PUBLIC = "bad request: failed to get sandbox public status: failed to getSandboxPublic after 3 attempts: "
_REFUSALS = [
    ("create_sandbox", "guard", 401, "Invalid credentials"),
    ("create_sandbox", "guard", 403, "Access denied"),
    ("create_sandbox", "guard", 403, "Organization is suspended: Payment overdue"),
    ("create_sandbox", "guard", 429, "ThrottlerException: Too Many Requests"),
    ("create_sandbox", "guard", 400, "Total CPU limit exceeded. Maximum allowed: 1."),
    ("create_sandbox", "acted", 400, "Sandbox failed to start: no space left on device"),
    ("start_sandbox", "acted", 400, "Sandbox failed to start: x"),
    ("create_sandbox", "acted", 500, "An unexpected error occurred."),
    ("create_sandbox", "acted", 502, ""),
    ("execute_command", "proxy", 401, _TOKEN + "validation error: ThrottlerException: Too Many Requests"),
    ("execute_command", "proxy", 401, _TOKEN + "validation error: EOF"),
    ("execute_command", "proxy", 401, _TOKEN + "is invalid"),
    ("execute_command", "proxy", 400, _PUBLIC + "dial tcp: connect: connection refused"),
    ("upload_file", "proxy", 400, _PUBLIC + "Service is currently under maintenance."),
    ("run_code", "proxy", 400, "bad request: failed to get runner info: Sandbox with ID 1 not found"),
    (
        "run_code",
        "runner",
        404,
        "not found: sandbox container not found: Error response from daemon: No such container: 1",
    ),
    ("run_code", "runner", 400, "bad request: failed to resolve container IP: no IP. Is the Sandbox started?"),
    ("execute_command", "acted", 408, "request timeout: command execution timeout"),
    ("execute_command", "acted", 502, ""),
    ("git_clone", "acted", 401, "unauthorized: authentication required"),
    ("git_clone", "acted", 401, "unauthorized: invalid auth method"),
    ("git_clone", "acted", 403, "forbidden: authorization failed"),
    ("git_clone", "acted", 404, "not found: repository not found"),
    ("git_clone", "acted", 500, 'Get "https://x.invalid/": dial tcp: lookup x.invalid: no such host'),
    ("upload_file", "acted", 400, "a.txt: write: no space left on device"),
]


@pytest.mark.parametrize(("action", "stage", "status", "said"), _REFUSALS, ids=json.dumps)
def test_unsent_never_lies_about_a_refusal(
    action: str, stage: str, status: int, said: str, caller_class: type[Caller]
) -> None:
    """What was refused before the act is unsent, and what may have been acted on is not."""
    stack = Stack(stage, status, said)
    with caller_class(KEY, api_url=_API, toolbox_url=_TOOLBOX, transport=stack.server.transport, retries=0) as call:
        output = call(action, **CALLS[action])

    assert output.failure.sent is stack.acted, output.error


@pytest.mark.parametrize("action", CALLS)
def test_under_another_event_loop(action: str) -> None:
    """AsyncDaytona under a loop that is not asyncio's sends nothing, and says what it needs."""
    from daytona_facade import AsyncDaytona

    client = AsyncDaytona(KEY, api_url=_API, toolbox_url=_TOOLBOX)
    running = getattr(client, action)(**CALLS[action])
    # Driven by hand, as trio would: no loop of asyncio runs.
    with pytest.raises(StopIteration) as done:
        running.send(None)

    failure = done.value.value.failure
    assert (failure.kind, failure.sent) == ("invalid_input", False)
    assert "asyncio" in failure.message
