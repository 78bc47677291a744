"""Text, paths and error words as a program written in Go has them."""

import os
import posixpath
import re
from urllib.parse import quote

_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def whole(text: str) -> str:
    """Replace what UTF-8 cannot carry by U+FFFD: lone surrogates, and so each broken byte of a file's name."""
    return _SURROGATES.sub("\ufffd", text)


def trimmed(text: str) -> str:
    """Cut white space off both ends; to Go, the separators U+001C to U+001F are none."""
    return text.strip(_SPACES)


def clean_path(path: str) -> str:
    """Make a path absolute and clean it by its text alone: ``f.txt/`` and ``no/../f.txt`` are ``f.txt``."""
    # Two leading slashes mean something to POSIX, and nothing to Go.
    return "/" + posixpath.normpath(posixpath.join(os.getcwd(), path)).lstrip("/")


def folder_of(path: str) -> str:
    """Return the cleaned path of the folder that a path is in; empty for the working directory."""
    folder = posixpath.normpath(posixpath.dirname(path) or ".")
    return "" if folder == "." else folder.replace("//", "/", 1)


def reason(exc: OSError | ValueError) -> str:
    """Word an error of the operating system; Python raises ValueError for a NUL, which is an invalid argument."""
    if isinstance(exc, OSError) and exc.errno:
        return os.strerror(exc.errno).lower()
    return "invalid argument"


def disposition(kind: str, name: str) -> str:
    """Write a Content-Disposition header with the file's name in both forms: for old readers, and for all names."""
    quoted = whole(name).replace("\\", "\\\\").replace('"', '\\"')
    old = "".join(_latin(character) for character in quoted)
    new = quote(name, safe="!#$&+^`|", errors="surrogateescape")
    return f"{kind}; filename=\"{old}\"; filename*=utf-8''{new}"


def _latin(character: str) -> str:
    if character in "\r\n\0":
        return ""
    return character if " " <= character <= "~" or "\x80" <= character <= "\xff" else "_"
