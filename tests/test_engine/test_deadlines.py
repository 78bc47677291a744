"""An action returns within its deadline and a second, whatever holds it up, and takes no more memory than it may."""

import asyncio
import base64
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from daytona_facade import Daytona, DeadlineTransport
from hostile.canaries import CALLS, KEY
from hostile.wire import GOOD, OK, HostileServer, Wire, drips, floods, says, then_hangs
from support.callers import Caller, MockServer

_API = "http://api.invalid/api"


def _call(caller_class: type[Caller], action: str, url: str, deadline_s: Any = 0.5, **more: Any) -> tuple[Any, float]:
    options = {"api_url": url, "toolbox_url": url, "retries": 0, "deadline_s": deadline_s, **more}
    with caller_class(KEY, **options) as call:
        started = time.monotonic()
        output = call(action, **CALLS[action])
        return output, time.monotonic() - started


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")


@pytest.fixture
def deaf() -> Iterator[int]:
    """Listen on a port, accept nothing, say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence(scheme: str, deaf: int, caller_class: type[Caller]) -> None:
    """A server that never answers is a timeout; in a TLS handshake nothing was sent."""
    output, took = _call(caller_class, "create_sandbox", f"{scheme}://127.0.0.1:{deaf}")

    assert took < 1.5
    assert (output.failure.kind, output.failure.sent) == ("timeout", scheme == "http")


def test_a_name_that_is_not_resolved(monkeypatch: pytest.MonkeyPatch, caller_class: type[Caller]) -> None:
    """A hanging resolver does not hold the call beyond its deadline, and nothing was sent."""
    release = threading.Event()

    def resolve(*_: Any, **__: Any) -> Any:
        release.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    options = {"api_url": "http://slow.invalid", "retries": 0, "deadline_s": 0.5}
    call = caller_class(KEY, **options)
    started = time.monotonic()
    output = call("create_sandbox")
    took = time.monotonic() - started
    release.set()
    call.__exit__(None, None, None)

    assert took < 1.5
    assert (output.failure.kind, output.failure.sent) == ("timeout", False)


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch, caller_class: type[Caller]) -> None:
    """An unknown host is a ``connection`` failure with the resolver's reason, and nothing was sent."""

    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    output, _ = _call(caller_class, "create_sandbox", "http://nowhere.invalid")

    assert (output.failure.kind, output.failure.sent) == ("connection", False)
    assert "Name or service not known" in output.error


def test_the_second_address_of_a_name(monkeypatch: pytest.MonkeyPatch, caller_class: type[Caller]) -> None:
    """A name whose first address is dead is reached by its second one."""
    resolve = socket.getaddrinfo

    def both(host: Any, *args: Any, **more: Any) -> Any:
        if host not in {"two.invalid", b"two.invalid"}:
            return resolve(host, *args, **more)
        return [*resolve("127.0.0.9", *args, **more), *resolve("127.0.0.1", *args, **more)]

    with HostileServer([Wire("good", says(OK + b"\r\n" + GOOD))]) as server:
        monkeypatch.setattr(socket, "getaddrinfo", both)
        output, _ = _call(caller_class, "get_sandbox", f"http://two.invalid:{server.port}/0", 10)

    assert output.success, output.error


def test_a_server_that_takes_an_upload_slowly(caller_class: type[Caller]) -> None:
    """A server that reads the request slowly does not hold the call beyond its deadline."""

    async def sip(reader: asyncio.StreamReader, _: Any) -> None:
        sips = 0
        while sips < 2000 and await reader.read(4096):
            sips += 1
            await asyncio.sleep(0.02)

    content = base64.b64encode(bytes(30 * 2**20)).decode()
    with HostileServer([Wire("sips", sip, reads=False)]) as server:
        options = {"api_url": server.url(0), "toolbox_url": server.url(0), "retries": 0, "deadline_s": 0.7}
        with caller_class(KEY, **options) as call:
            started = time.monotonic()
            output = call("upload_file", "x", "a.bin", content)
            took = time.monotonic() - started

    assert took < 1.7
    assert (output.failure.kind, output.failure.sent) == ("timeout", True)


def test_connections_of_ones_own() -> None:
    """``DeadlineTransport`` ends a slowly dripped head at the deadline, like the shared pool."""
    drip = Wire("a dripped head", drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"))
    good = Wire("good", says(OK + b"\r\n" + GOOD))
    with HostileServer([drip, good]) as server, DeadlineTransport(limits=httpx.Limits(max_connections=1)) as transport:
        options: dict[str, Any] = {"transport": transport, "retries": 0, "deadline_s": 0.5}
        started = time.monotonic()
        slow = Daytona(KEY, api_url=server.url(0), **options).get_sandbox("x")
        took = time.monotonic() - started
        after = Daytona(KEY, api_url=server.url(1), **options).get_sandbox("x")

    assert took < 1.5
    assert slow.failure is not None
    assert (slow.failure.kind, slow.failure.sent) == ("timeout", True)
    assert after.success, after.error


def test_deadlines_by_name_and_by_call(deaf: int, caller_class: type[Caller]) -> None:
    """A client's deadlines may differ from action to action, and one call's from the client's."""
    url = f"http://127.0.0.1:{deaf}"
    _, took = _call(caller_class, "get_sandbox", url, {"get_sandbox": 0.2, "list_sandboxes": 60})
    with caller_class(KEY, api_url=url, deadline_s=60) as call:
        call.client = call.client.with_options(deadline_s=0.2)
        started = time.monotonic()
        output = call("list_sandboxes")

    assert took < 1.2
    assert time.monotonic() - started < 1.2
    assert "0.2 s" in output.error


def test_no_time_at_all_sends_nothing(caller_class: type[Caller]) -> None:
    """A deadline that passes before the request is a timeout with ``sent`` false."""
    server = MockServer(httpx.Response(200, content=GOOD))
    output, _ = _call(caller_class, "create_sandbox", _API, 1e-9, transport=server.transport)

    assert (output.failure.kind, output.failure.sent) == ("timeout", False)
    assert server.requests == []


@pytest.mark.slow
def test_a_long_list_is_read_in_time(caller_class: type[Caller]) -> None:
    """A list of 100,000 entries does not hold a call beyond its deadline."""
    body = b"[" + b'{"name":"a","modTime":"1 May 2026 10:00 UTC"},' * 99_000 + b'{"name":"a"}]'
    server = MockServer(httpx.Response(200, content=body))
    output, took = _call(caller_class, "list_files", _API, 2, transport=server.transport)

    assert took < 3.5
    assert output.failure.kind == "timeout"


def test_the_refusal_is_told_even_when_its_body_hangs(caller_class: type[Caller]) -> None:
    """A 401 whose body hangs is still a 401, with the part of its message that arrived."""
    said = b'HTTP/1.1 401 No\r\nContent-Length: 500\r\n\r\n{"message": "Invalid'
    with HostileServer([Wire("half a 401", then_hangs(said))]) as server:
        output, took = _call(caller_class, "get_sandbox", server.url(0))

    assert took < 1.5
    assert (
        output.failure.kind,
        output.failure.status_code,
        output.failure.sent,
    ) == ("authentication", 401, False)
    assert "Invalid" in output.error


_CHILD = """
    import asyncio, sys
    from daytona_facade import AsyncDaytona, Daytona
    kind, url, action = sys.argv[1:]
    options = {"api_url": url, "toolbox_url": url, "retries": 0, "deadline_s": 60}
    arguments = {"sandbox_id": "x", "command": "true"} if action == "execute_command" else {"sandbox_id": "x"}
    def peak():
        # Unlike ru_maxrss, this begins anew with a process.
        lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
        return int(lines["VmHWM"].split()[0]) // 1024
    async def main(url):
        client = AsyncDaytona("k", **{**options, "api_url": url, "toolbox_url": url})
        return await getattr(client, action)(**arguments)
    def call(url):
        if kind == "async":
            return asyncio.run(main(url))
        client = Daytona("k", **{**options, "api_url": url, "toolbox_url": url})
        return getattr(client, action)(**arguments)
    call("http://127.0.0.1:1")
    before = peak()
    output = call(url)
    sys.stdout.write(f"{peak() - before} {output.failure.kind}")
"""


@pytest.mark.slow
@linux_only
def test_memory_is_bounded(caller_class: type[Caller], capsys: pytest.CaptureFixture[str]) -> None:
    """Gigabytes of answer, of error, of unpacked zeros and of tiny JSON values cost megabytes."""
    values = OK + b"\r\n" + b'{"result": "", "x": [' + b"[]," * 20_000_000
    bomb = OK + b"Content-Encoding: gzip\r\n\r\n" + _bomb()
    error = b"HTTP/1.1 500 No\r\nContent-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n"
    scripts = {
        "2 GB error": (Wire("", floods(error, b'{"message": "' + b"x" * 2**20)), "get_sandbox", "server", 20),
        "endless answer": (Wire("", floods(OK + b"\r\n", b" " * 2**20)), "get_sandbox", "too_large", 60),
        "bomb": (Wire("", says(bomb)), "get_sandbox", "too_large", 60),
        "tiny values": (Wire("", says(values)), "execute_command", "protocol", 400),
    }
    kind = "sync" if "Sync" in caller_class.__name__ else "async"
    with HostileServer([wire for wire, *_ in scripts.values()]) as server:
        for number, (name, (_, action, expected, most)) in enumerate(scripts.items()):
            command = [sys.executable, "-c", textwrap.dedent(_CHILD), kind, server.url(number), action]
            said = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
            grown, failure = said.split()
            with capsys.disabled():
                print(f"\nmemory, {kind}, {name}: grown by {grown} MB, {failure}", end="")

            assert expected == failure, name
            assert int(grown) <= most, name


def _bomb() -> bytes:
    import zlib

    packer = zlib.compressobj(wbits=31)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(1024)), packer.flush()])
