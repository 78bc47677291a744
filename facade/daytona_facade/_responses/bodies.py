"""Response bodies, read in bounded memory: decoded bytes count, whatever the server declares."""

import zlib
from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeAlias

from .. import limits
from ..errors import protocol_error, too_large

Consumer: TypeAlias = Generator[None, bytes | None, Any]
"""Takes the chunks of a body as they arrive, then ``None``, and returns what it made of them."""
_PIECE_BYTES = 256 * 2**10


class Body:
    """One response body as it arrives; it is refused as soon as it passes its limit.

    Without a consumer the bytes are collected.
    """

    def __init__(self, headers: Mapping[str, str], consumer: Consumer | None, limit: int, what: str) -> None:
        self.received = 0
        self.declared: int | None = None
        """The size that the server declared, where it did."""
        self.complete = False
        self._decoded = 0
        self._collected = bytearray()
        self._consumer = consumer
        self._limit = limit
        self._what = what
        encoding = headers.get("content-encoding")
        self._decoder = _decoder(encoding) if encoding else None
        length = headers.get("content-length", "")
        sized = length.isascii() and length.isdigit() and "transfer-encoding" not in headers
        self.declared = int(length[:18]) if sized else None
        if self.declared is not None and self.declared > limit:
            raise too_large(what, limit, _advice(what, limit))
        if consumer is not None:
            next(consumer)

    def feed(self, chunk: bytes) -> None:
        """Take one chunk as it came off the wire."""
        self.received += len(chunk)
        for piece in (chunk,) if self._decoder is None else _inflate(self._decoder, chunk):
            self._decoded += len(piece)
            if self._decoded > self._limit:
                raise too_large(self._what, self._limit, _advice(self._what, self._limit))
            if self._consumer is None:
                self._collected += piece
            else:
                self._consumer.send(piece)

    def end(self) -> Any:
        """Return the bytes, or what the consumer made of them; a body that was cut short is a failure."""
        if self.declared is not None and self.received != self.declared:
            raise protocol_error(f"the answer has {self.received:,} bytes where {self.declared:,} were declared")
        if self._decoder is not None and self.received and not self._decoder.eof:
            raise protocol_error("the compressed answer is cut short")
        if self._consumer is None:
            return bytes(self._collected)
        try:
            self._consumer.send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("a consumer returns at the end of the body")


class ErrorBody:
    """The beginning of an error's body; what is too long, broken or unreadable is left out without a failure."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.received = 0
        self.declared: int | None = None
        self.complete = False
        self._head = bytearray()
        encoding = headers.get("content-encoding", "").strip().lower()
        self._decoder = _decoder(encoding) if encoding in _WINDOWS else None

    def feed(self, chunk: bytes) -> None:
        """Take one chunk; ``complete`` says when enough was read."""
        self.received += len(chunk)
        try:
            for piece in (chunk,) if self._decoder is None else _inflate(self._decoder, chunk):
                self._head += piece[: limits.ERROR_BYTES - len(self._head)]
                if len(self._head) >= limits.ERROR_BYTES:
                    self.complete = True
                    return
        except zlib.error:
            self.complete = True

    def end(self) -> bytes:
        """Return the bytes that were read."""
        return bytes(self._head)


def _advice(what: str, limit: int) -> str:
    """Name what changes the limit, or the way around it."""
    if what == "the file":
        more = "" if limit >= limits.DOWNLOAD_BYTES else "a larger max_download_bytes allows more, and "
        return f"{more}the command `daytona-facade download-file` streams a file of any size to disk"
    if limit == limits.PROGRAM_BYTES:
        return "redirect the output to a file (> out.txt) and read that"
    return ""


_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def _decoder(encoding: str) -> "zlib._Decompress | None":
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding not in _WINDOWS:
        raise protocol_error("the answer is compressed in a way that was not asked for")
    return zlib.decompressobj(_WINDOWS[encoding])


def _inflate(decoder: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    """Decode in pieces: a bomb of 1000:1 is counted as it unfolds, not after."""
    piece = b""
    while chunk or len(piece) == _PIECE_BYTES:
        if decoder.eof and chunk:
            raise zlib.error("data after the end of the compressed answer")
        yield (piece := decoder.decompress(chunk, _PIECE_BYTES))
        chunk = decoder.unconsumed_tail or decoder.unused_data
