"""Hostile servers on real sockets: what no mock can say, written byte by byte."""

import asyncio
import re
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import attrs

from support.loop_server import LoopServer, Writer

# Without a word of closing, the next call may meet a connection that is about to be closed.
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
NOTHING = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = b'{"id": "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30", "exitCode": 0, "result": "x", "items": []}'
MEGABYTE = b" " * 2**20

Script: TypeAlias = Callable[[asyncio.StreamReader, Writer], Awaitable[None]]


@attrs.frozen
class Wire:
    """One way of answering."""

    name: str
    script: Script
    hangs: bool = False
    """Whether only the deadline ends it."""
    heavy: bool = False
    """Whether it keeps the machine busy: many of it at once would slow each other down."""
    exact: bool = True
    """Whether the client sees all that was sent; after a reset the kernel may have thrown it away."""
    reads: bool = True
    """Whether the request is read before the script begins."""


def says(*pieces: bytes) -> Script:
    """Send the pieces and close."""

    async def script(_: asyncio.StreamReader, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return script


def keeps_open(answer: bytes) -> Script:
    """Answer every request of the connection alike."""

    async def script(reader: asyncio.StreamReader, writer: Writer) -> None:
        while True:
            writer.write(answer)
            await read_body(reader, await reader.readuntil(b"\r\n\r\n"))

    return script


def then_hangs(*pieces: bytes) -> Script:
    """Send the pieces and keep the connection open, silent."""

    async def script(reader: asyncio.StreamReader, writer: Writer) -> None:
        await says(*pieces)(reader, writer)
        await reader.read()

    return script


def resets(*pieces: bytes) -> Script:
    """Send the pieces and reset the connection."""

    async def script(reader: asyncio.StreamReader, writer: Writer) -> None:
        await says(*pieces)(reader, writer)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return script


def drips(head: bytes, rest: bytes, pause_s: float = 0.05) -> Script:
    """Send the head at once and the rest a byte at a time, over and over."""

    async def script(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(head)
        while True:
            for byte in rest:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(pause_s)

    return script


def floods(head: bytes, piece: bytes, times: int | None = None) -> Script:
    """Send the head and then a piece many times, or without end."""

    async def script(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(head)
        while times is None or times > 0:
            writer.write(piece)
            await writer.drain()
            times_left(None)

    def times_left(_: None) -> None:
        nonlocal times
        if times is not None:
            times -= 1

    return script


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _length(count: int | bytes, body: bytes = GOOD) -> bytes:
    return OK + b"Content-Length: %s\r\n\r\n%s" % (str(count).encode() if isinstance(count, int) else count, body)


_ALL = _length(len(GOOD))


def wires() -> Iterator[Wire]:
    """Make every script."""
    yield from _heads()
    yield from _bodies()
    yield from _resets()
    yield from _hanging()


def _heads() -> Iterator[Wire]:
    lines = {
        "nothing": b"",
        "an empty line": b"\r\n\r\n",
        "garbage": b"\x16\x03\x01\x02\x00" + bytes(range(256)),
        "http/0.9": GOOD,
        "http/2": b"HTTP/2 200\r\n\r\n",
        "http/2 frames": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
        "status 000": b"HTTP/1.1 000 None\r\n\r\n",
        "status 600": b"HTTP/1.1 600 Six\r\n" + NOTHING,
        "status 999": b"HTTP/1.1 999 Nine\r\n" + NOTHING,
        "status 20": b"HTTP/1.1 20 OK\r\n\r\n",
        "status 2000": b"HTTP/1.1 2000 OK\r\n\r\n",
        "status -200": b"HTTP/1.1 -200 OK\r\n\r\n",
        "a reason of 90 KB": b"HTTP/1.1 500 " + b"r" * 90_000 + b"\r\n" + NOTHING,
        "a reason of bytes": b"HTTP/1.1 500 \xff\xfe\r\n" + NOTHING,
        "no colon": b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "a nul in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        "bytes in a header": b"HTTP/1.1 404 No\r\nLocation: \xff\xfe\xfd\r\n" + NOTHING,
        "a folded header": b"HTTP/1.1 404 No\r\nX: a\r\n  b\r\n" + NOTHING,
        "line feeds alone": b"HTTP/1.1 404 No\nConnection: close\nContent-Length: 2\n\nno",
        "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + GOOD,
        "a length and chunks": OK
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        + _chunk(GOOD)
        + b"0\r\n\r\n",
        "an unknown coding": OK + b"Transfer-Encoding: brotli\r\n\r\n" + GOOD,
        "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + GOOD,
        "103 and an answer": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + _ALL,
        "100 a thousand times": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 + _ALL,
        "204 with a body": b"HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "304": b"HTTP/1.1 304 Not Modified\r\n" + NOTHING,
        "two answers": _ALL + _ALL,
        "a tail": _ALL + b"tail" * 1000,
    }
    for name, said in lines.items():
        yield Wire(name, says(said))
    yield Wire("endless headers", floods(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"v" * 1000 + b"\r\n"))
    yield Wire("an endless header", floods(b"HTTP/1.1 200 OK\r\nX-Header: ", b"v" * 1000))
    yield Wire("an endless status line", floods(b"HTTP/1.1 200 ", b"v" * 1000))
    for status in (301, 307):
        for place, target in {
            "itself": b"/",
            "another origin": b"http://127.0.0.2:9/",
            "https": b"https://[::1]/",
        }.items():
            said = b"HTTP/1.1 %d Moved\r\nLocation: %s\r\n" % (status, target) + NOTHING
            yield Wire(f"{status} to {place}", says(said))


def _bodies() -> Iterator[Wire]:
    gzipped = OK + b"Content-Encoding: gzip\r\n"
    bomb = _bomb(20)
    bodies = {
        "a length too short": _length(5),
        "a length too long": _length(5000),
        "a length of zero": _length(0),
        "a negative length": _length(-5),
        "a length in words": _length(b"five"),
        "a length of 30 digits": _length(b"9" * 30),
        "a length of 5000 digits": _length(b"9" * 5000),
        "no length": OK + b"\r\n" + GOOD,
        "no length, cut": OK + b"\r\n" + GOOD[:20],
        "chunks that end early": CHUNKED + _chunk(GOOD),
        "a chunk that ends early": CHUNKED + b"ffff\r\n" + GOOD,
        "a chunk of no size": CHUNKED + b"zz\r\n" + GOOD,
        "a chunk of negative size": CHUNKED + b"-5\r\n" + GOOD,
        "a chunk of endless size": CHUNKED + b"f" * 40 + b"\r\n" + GOOD,
        "a chunk longer than said": CHUNKED + b"5\r\n" + GOOD + b"\r\n0\r\n\r\n",
        "a chunk with a long extension": CHUNKED + b"5;" + b"x" * 90_000 + b"\r\nhello\r\n0\r\n\r\n",
        "chunks without line ends": CHUNKED + b"5hello0",
        "trailers": CHUNKED + _chunk(GOOD) + b"0\r\nX-Trailer: 1\r\n\r\n",
        "many trailers": CHUNKED + _chunk(GOOD) + b"0\r\n" + b"X: 1\r\n" * 100_000 + b"\r\n",
        "a byte a chunk": CHUNKED + b"".join(_chunk(bytes([byte])) for byte in GOOD) + b"0\r\n\r\n",
        "a gzip bomb": gzipped + b"\r\n" + bomb,
        "a chunked gzip bomb": gzipped + b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(bomb) + b"0\r\n\r\n",
        "an error that is a gzip bomb": b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\n\r\n" + bomb,
        "a cut gzip": gzipped + b"\r\n" + bomb[:100],
    }
    for name, said in bodies.items():
        yield Wire(name, says(said))
    yield Wire("2 GB said, none sent", says(OK + b"Content-Length: 2147483648\r\n\r\n"))
    error = b"HTTP/1.1 500 No\r\nContent-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n"
    yield Wire("an error of 2 GB", floods(error + b'{"message": "', MEGABYTE))
    yield Wire("an endless error", floods(b"HTTP/1.1 502 No\r\n\r\n", b"<html>" + MEGABYTE))


def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join([*(packer.compress(MEGABYTE) for _ in range(megabytes)), packer.flush()])


def _resets() -> Iterator[Wire]:
    stages = {
        "after the request": (),
        "in the status line": (b"HTTP/1.1 2",),
        "in the headers": (b"HTTP/1.1 200 OK\r\nContent-Le",),
        "after the headers": (OK + b"Content-Length: 100\r\n\r\n",),
        "in the body": (OK + b"Content-Length: 100\r\n\r\n" + GOOD[:20],),
        "in a chunk": (CHUNKED + b"ff\r\n" + GOOD[:20],),
        "between chunks": (CHUNKED + _chunk(GOOD),),
        "in an error": (b"HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\n" + b'{"message": "x',),
        "after 100": (b"HTTP/1.1 100 Continue\r\n\r\n",),
    }
    for name, pieces in stages.items():
        yield Wire(f"reset {name}", resets(*pieces), exact=False)
        yield Wire(f"closed {name}", says(*pieces))
    yield Wire("reset before the request", resets(), exact=False, reads=False)
    yield Wire("closed before the request", says(), exact=False, reads=False)


def _hanging() -> Iterator[Wire]:
    empty = zlib.compressobj(wbits=31)
    gzip_head = empty.compress(b"[") + empty.flush(zlib.Z_SYNC_FLUSH)
    stages = {
        "the request": b"",
        "half a status line": b"HTTP/1.1 2",
        "half the headers": OK,
        "the headers": OK + b"Content-Length: 100\r\n\r\n",
        "half the body": _length(5000),
        "half a chunk": CHUNKED + b"ff\r\n" + GOOD[:20],
        "the last chunk": CHUNKED + _chunk(GOOD) + b"0\r\n",
        "half an error": b"HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\n" + b'{"message": "x',
        "100": b"HTTP/1.1 100 Continue\r\n\r\n",
    }
    for name, said in stages.items():
        yield Wire(f"silence after {name}", then_hangs(said), hangs=True)
    yield Wire("a dripped head", drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), hangs=True)
    yield Wire("a dripped body", drips(OK + b"Content-Length: 1000000\r\n\r\n", b"[ "), hangs=True)
    yield Wire("dripped chunks", drips(CHUNKED, b"1\r\n \r\n"), hangs=True)
    yield Wire("a dripped error", drips(b"HTTP/1.1 500 No\r\n\r\nno", b" "), hangs=True)
    yield Wire("a dripped 100", drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), hangs=True)
    yield Wire("endless 102", floods(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100), hangs=True, heavy=True)
    endless_gzip = OK + b"Content-Encoding: gzip\r\n\r\n" + gzip_head
    yield Wire("a gzip of endless nothing", floods(endless_gzip, b"\0\0\0\xff\xff" * 2000), hangs=True, heavy=True)


class HostileServer(LoopServer):
    """Serves every script: ``http://127.0.0.1:<port>/<number>/...`` is the one of that number."""

    def __init__(self, scripts: list[Wire]) -> None:
        super().__init__()
        self._scripts = scripts
        self.requests: list[bytes] = []

    def url(self, number: int) -> str:
        """Say where a script is."""
        return f"http://127.0.0.1:{self.port}/{number}"

    def idle(self) -> bool:
        """Say whether no connection is open."""
        return not self.open

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        """Read one request, and do what its script says."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head)
        wire = self._scripts[_number(head)]
        if wire.reads:
            await read_body(reader, head)
        await wire.script(reader, writer)


def _number(head: bytes) -> int:
    found = re.search(rb"/(\d+)[/ ?]", head)
    return int(found[1]) if found else 0


async def read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """Read the body that a request's head announces."""
    lines = head.lower().split(b"\r\n")
    lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
    if any(line.startswith(b"transfer-encoding:") for line in lines):
        return await reader.readuntil(b"0\r\n\r\n")
    return await reader.readexactly(lengths[0]) if lengths else b""
