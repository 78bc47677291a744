"""Base64 in slices: uploads are decoded as they are sent, downloads encoded as they arrive."""

import binascii
import io
import os
import re
from collections.abc import Generator

from .failures import invalid

try:
    import pybase64
except ImportError:
    pybase64 = None  # type: ignore[assignment]


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_WHITE = b" \t\r\n\f\v"
_FOREIGN = re.compile(r"[^A-Za-z0-9+/= \t\r\n\f\v]")
_AFTER_PADDING = re.compile(r"[^= \t\r\n\f\v]")
_SLICE = 1 << 20


def decoded_size(text: str, parameter: str) -> int:
    """Check a whole base64 text (standard alphabet, padded, wrapped lines allowed) and return its size decoded.

    Raises ``invalid_input`` with the position of the first character that is wrong.
    """
    digits = pads = 0
    for start in range(0, len(text), _SLICE):
        piece = text[start : start + _SLICE]
        rest = piece.encode("utf-8", "replace").translate(None, _ALPHABET) if piece.isascii() else b"?"
        others = rest.translate(None, _WHITE)
        if others.strip(b"="):
            _reject(text, _FOREIGN, start, parameter)
        if pads or others:
            _reject(text, _AFTER_PADDING, text.index("="), parameter)
        digits += len(piece) - len(rest)
        pads += len(others)
    if pads != -digits % 4 or digits % 4 == 1:
        raise invalid(parameter, f"is not whole base64: it ends at position {len(text)} with wrong or missing padding")
    return digits * 3 // 4


def _decode(digits: bytes) -> bytes:
    return pybase64.b64decode(digits, validate=True) if pybase64 else binascii.a2b_base64(digits)


def _encode(data: bytes) -> str:
    return pybase64.b64encode_as_string(data) if pybase64 else binascii.b2a_base64(data, newline=False).decode("ascii")


def _reject(text: str, wrong: re.Pattern[str], start: int, parameter: str) -> None:
    if found := wrong.search(text, start):
        raise invalid(parameter, f"is not base64: {found.group()!a} at position {found.start()}")


class Base64Reader(io.RawIOBase):
    """A checked base64 text as a binary file: sized, rewindable, decoded a slice at a time."""

    def __init__(self, text: str, size: int) -> None:
        self._text = text
        self._size = size
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to the start or the end: all that sizing and resending need."""
        if offset != 0 or whence == os.SEEK_CUR:
            raise io.UnsupportedOperation("only the start and the end can be sought")
        self._position = self._size if whence == os.SEEK_END else 0
        self._taken = len(self._text) if whence == os.SEEK_END else 0
        self._digits = self._bytes = b""
        return self._position

    def read(self, size: int = -1) -> bytes:
        if not self._bytes:
            self._bytes = self._next_slice()
        piece = self._bytes if size < 0 else self._bytes[:size]
        self._bytes = self._bytes[len(piece) :]
        self._position += len(piece)
        return piece if size >= 0 or not piece else piece + self.read()

    def _next_slice(self) -> bytes:
        while self._taken < len(self._text):
            piece = self._text[self._taken : self._taken + _SLICE].encode("ascii")
            self._taken += _SLICE
            digits = self._digits + piece.translate(None, _WHITE)
            whole = len(digits) - len(digits) % 4
            self._digits = digits[whole:]
            if whole:
                return _decode(digits[:whole])
        return b""


def base64_text() -> Generator[None, bytes | None, tuple[str, int]]:
    """Consume chunks until ``None``; return their base64 text and their size in bytes.

    Peak memory is the text and about 2 %: CPython grows a string in place only while it is a function's local variable.
    """
    text, size, pending = "", 0, bytearray()
    while (chunk := (yield)) is not None:
        size += len(chunk)
        pending += chunk
        # Blocks grow with the text, so that an allocator which copies on growth costs linear, not quadratic, time.
        if len(pending) >= max(_SLICE * 3 // 4, len(text) // 128):
            whole = len(pending) - len(pending) % 3
            text += _encode(bytes(memoryview(pending)[:whole]))
            pending = pending[whole:]
    text += _encode(bytes(pending))
    return text, size
