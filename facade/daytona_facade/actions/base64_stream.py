"""Base64 in slices: uploads are decoded as they are sent, downloads encoded as they arrive."""

import binascii
import io
import os
import re
import sys
from collections.abc import Generator

from ..errors import invalid_input

try:
    import pybase64
except ImportError:
    pybase64 = None  # type: ignore[assignment]


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_WHITE = b" \t\r\n\f\v"
_FOREIGN = r"[^A-Za-z0-9+/= \t\r\n\f\v]"
_AFTER_PADDING = r"[^= \t\r\n\f\v]"
_SLICE = 64 * 2**10
_BLOCK = 64 * 2**10
_COPIED_SHARE = 1 / 64
"""Where growing a string may copy it, blocks of this share of it keep the copies few."""


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
        raise invalid_input(
            parameter, f"is not whole base64: it ends at position {len(text)} with wrong or missing padding"
        )
    return digits * 3 // 4


def _decode(digits: bytes) -> bytes:
    return pybase64.b64decode(digits, validate=True) if pybase64 else binascii.a2b_base64(digits)


def _encode(data: bytes) -> str:
    return pybase64.b64encode_as_string(data) if pybase64 else binascii.b2a_base64(data, newline=False).decode("ascii")


def _reject(text: str, wrong: str, start: int, parameter: str) -> None:
    if found := re.compile(wrong).search(text, start):
        raise invalid_input(parameter, f"is not base64: {found.group()!a} at position {found.start()}")


class Base64Reader(io.RawIOBase):
    """A checked base64 text as a binary file: sized, rewindable, decoded as it is read."""

    def __init__(self, text: str, size: int) -> None:
        self._text = text
        self._size = size
        # Four characters for each three bytes begun; any more is white space.
        self._wrapped = len(text) != -(-size // 3) * 4
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
        if size < 0:
            return b"".join(iter(lambda: self.read(_SLICE), b""))
        while not self._bytes and self._taken < len(self._text):
            self._bytes = self._decoded(max(size // 3 * 4, 4))
        piece, self._bytes = self._bytes[:size], self._bytes[size:]
        self._position += len(piece)
        return piece

    def _decoded(self, characters: int) -> bytes:
        """Decode the next characters; of a wrapped text what is left of four waits for the next."""
        digits = self._text[self._taken : self._taken + characters].encode("ascii")
        self._taken += characters
        if self._wrapped:
            digits = self._digits + digits.translate(None, _WHITE)
            whole = len(digits) - len(digits) % 4
            digits, self._digits = digits[:whole], digits[whole:]
        return _decode(digits)


def base64_text() -> Generator[None, bytes | None, tuple[str, int]]:
    """Consume chunks until ``None``; return their base64 text and their size in bytes.

    Peak memory is the text and about 1 %: CPython grows a string in place while it is a function's local variable, and
    from the third time on that one line has done so: there must be no second ``+=`` for the last block.
    """
    # Linux moves the pages of a large string, not its bytes; but under a debugger or a profiler CPython copies it.
    moved = sys.platform == "linux" and sys.gettrace() is None and sys.getprofile() is None
    share = 0.0 if moved else _COPIED_SHARE
    text, size, pieces, held, more = "", 0, list[bytes](), 0, True
    while more:
        if (chunk := (yield)) is None:
            more = False
        else:
            pieces.append(chunk)
            held += len(chunk)
            size += len(chunk)
            if held < max(_BLOCK, len(text) * share):
                continue
        block = b"".join(pieces)
        whole = held - held % 3 if more else held
        pieces, held = [block[whole:]], held - whole
        text += _encode(block[:whole])
    return text, size
