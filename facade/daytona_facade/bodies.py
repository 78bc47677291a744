"""Response bodies, read in bounded memory: decoded bytes count, whatever the server declares."""

import zlib
from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeAlias

from .failures import malformed, too_large

JSON_LIMIT_BYTES = 16 * 2**20
PROGRAM_LIMIT_BYTES = 64 * 2**20
"""The JSON that carries a program's output may be larger than other JSON."""
ERROR_LIMIT_BYTES = 64 * 2**10
"""Of an error's body, no more than this is read."""
DOWNLOAD_LIMIT_BYTES = 100 * 2**20
"""104,857,600 bytes: a file of exactly this size still passes."""

_VALUES = 10**6
"""In JSON, two bytes can make an object of a hundred; a body of the largest size may not be full of those."""

Consumer: TypeAlias = Generator[None, bytes | None, Any]
_PIECE = 256 * 2**10


def joined() -> Generator[None, bytes | None, bytes]:
    """Consume chunks until ``None``; return them as one."""
    body = bytearray()
    while (chunk := (yield)) is not None:
        body += chunk
    return bytes(body)


def check_values(body: bytes) -> None:
    """Refuse JSON that would take far more memory than its bytes do: one of more than a million values."""
    if len(body) <= _VALUES:
        return
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if unescaped.count(b'"') <= 2 * _VALUES:
        outside = b"".join(unescaped.split(b'"')[::2])
        if sum(map(outside.count, (b",", b"[", b"{"))) <= _VALUES:
            return
    raise malformed(f"the answer holds more than {_VALUES:,} values")


class Body:
    """One response body on its way into a consumer; it is refused as soon as it passes its limit."""

    def __init__(self, headers: Mapping[str, str], consumer: Consumer, limit: int, what: str) -> None:
        self.received = 0
        self.complete = False
        self._decoded = 0
        self._consumer = consumer
        self._limit = limit
        self._what = what
        self._declared = _declared(headers)
        self._decoder = _decoder(headers.get("content-encoding", ""))
        if self._declared is not None and self._declared > limit:
            raise too_large(what, limit)
        next(consumer)

    def feed(self, chunk: bytes) -> None:
        """Take one chunk as it came off the wire."""
        self.received += len(chunk)
        for piece in (chunk,) if self._decoder is None else _inflate(self._decoder, chunk):
            self._decoded += len(piece)
            if self._decoded > self._limit:
                raise too_large(self._what, self._limit)
            self._consumer.send(piece)

    def end(self) -> Any:
        """Return what the consumer made of the whole body; a body cut short is a failure."""
        if self._declared is not None and self.received != self._declared:
            raise malformed(f"the answer has {self.received:,} bytes where {self._declared:,} were declared")
        if self._decoder is not None and self.received and not self._decoder.eof:
            raise malformed("the compressed answer is cut short")
        return _returned(self._consumer)


class ErrorBody:
    """The beginning of an error's body: what is too long, broken or unreadable is left out, never a failure."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.received = 0
        self.complete = False
        self._head = bytearray()
        encoding = headers.get("content-encoding", "").strip().lower()
        self._decoder = _decoder(encoding) if encoding in _WINDOWS else None

    def feed(self, chunk: bytes) -> None:
        """Take one chunk; ``complete`` says when no more is wanted."""
        self.received += len(chunk)
        try:
            for piece in (chunk,) if self._decoder is None else _inflate(self._decoder, chunk):
                self._head += piece[: ERROR_LIMIT_BYTES - len(self._head)]
                if len(self._head) >= ERROR_LIMIT_BYTES:
                    self.complete = True
                    return
        except zlib.error:
            self.complete = True

    def end(self) -> bytes:
        """Return what there is."""
        return bytes(self._head)


_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def _decoder(encoding: str) -> "zlib._Decompress | None":
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding not in _WINDOWS:
        raise malformed("the answer is compressed in a way that was not asked for")
    return zlib.decompressobj(_WINDOWS[encoding])


def _inflate(decoder: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    """Decode in pieces: a bomb of 1000:1 is counted as it unfolds, not after."""
    piece = b""
    while chunk or len(piece) == _PIECE:
        if decoder.eof and chunk:
            raise zlib.error("data after the end of the compressed answer")
        yield (piece := decoder.decompress(chunk, _PIECE))
        chunk = decoder.unconsumed_tail or decoder.unused_data


def _declared(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        return None
    return int(length[:18])


def _returned(consumer: Consumer) -> Any:
    try:
        consumer.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a consumer returns at the end of the body")
