"""Taking secrets out of a text, in every spelling in which a server may echo one back."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import product, takewhile
from urllib.parse import quote

REDACTED = "[redacted]"

_USERINFO = r"(?<=://)[^/\s?#'\"<>]*@"
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_=-]*")
_WORD = 4
"""A secret shorter than this is hidden where it stands alone, not inside of words."""
_PIECE = 256
"""Patterns of a longer secret take too long to make: it is looked for as it is usually spelled, each part of it."""
_LINE = 16
"""Of a longer secret, a part of twice as many characters is found wherever it begins."""
_LOOKED_AT = 64 * 2**10
_SPACE = r"(?:\s|\+|%20|%0[9ad]|\\[nrt])+"
_CUT_ESCAPE = re.compile(r"(?:[%&\\][\w#]{0,9}){0,4}|[\x80-\xff]{1,3}")
"""What may be left of an escape, or of a character's bytes read as latin-1, where a text is cut."""
_NAMED = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
_REACH = 6
"""Characters that one character of a secret takes at most in any spelling that is looked for."""


class Redactor:
    """The secrets of one call, found when the first text has to be cleared of them."""

    def __init__(self, find: Callable[[], Iterable[str]]) -> None:
        self._find = find

    def hide(self, text: str, *, cut: bool = False) -> str:
        """Replace each secret, whatever its spelling, and the user info of every URL.

        A text that was ``cut`` off somewhere loses its end, so that no first half of a secret is left there.
        """
        spans = list(self._parts(text))
        if cut:
            text = text[: max(0, len(text) - self._reach)]
        spans += [*self._wholes(text), *self._beginnings(text)]
        for start, end in _merged(sorted(spans, reverse=True)):
            if start < len(text):
                text = text[:start] + REDACTED + text[end:]
        text = re.sub(_USERINFO, f"{REDACTED}@", text)
        return text.encode("utf-8", "replace").decode()

    def quoted(self, text: str, limit: int, *, cut: bool = False) -> str:
        """Hide the secrets of a foreign text and make it fit to stand in a sentence: printable, on one line, short."""
        whole = " ".join(text[:_LOOKED_AT].split())
        # Only what can come into sight is looked at, and as much again as a secret may take.
        seen = whole[: limit + 2 * self._reach]
        line = self.hide(seen, cut=cut or len(text) > _LOOKED_AT or seen != whole)
        short = line if len(line) <= limit else line[:limit] + "…"
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in short)

    @cached_property
    def _secrets(self) -> list[str]:
        found: set[str] = set()
        for secret in self._find():
            found |= {secret, secret.strip(), *(line for line in secret.split("\n") if len(line) >= _LINE)}
        return sorted(found - {""}, key=len, reverse=True)

    @cached_property
    def _reach(self) -> int:
        longest = max((min(len(secret), _PIECE) for secret in self._secrets), default=0)
        return _REACH * longest

    @cached_property
    def _long(self) -> set[str]:
        """Each long secret in each of its usual spellings."""
        return {spelled for secret in self._secrets if len(secret) > _PIECE for spelled in _usual_spellings(secret)}

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], bool]]:
        """Each short secret's pattern, and whether it is found within base64."""
        patterns = []
        for secret in self._secrets:
            if len(secret) <= _PIECE:
                patterns += _patterns_of(secret)
        return patterns

    def _wholes(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern, coded in self._patterns:
            for found in pattern.finditer(text):
                yield _base64_around(text, *found.span()) if coded else found.span()

    def _parts(self, text: str) -> Iterator[tuple[int, int]]:
        """Find each part of a long secret, if it is of some length: a server may echo a line of a certificate."""
        if not self._long:
            return
        windows = {text[at : at + _LINE] for at in range(len(text) - _LINE + 1)}
        origins: dict[str, tuple[str, int]] = {}
        for spelled in self._long:
            for at in range(0, len(spelled) - _LINE + 1, _LINE):
                if (window := spelled[at : at + _LINE]) in windows:
                    origins[window] = spelled, at
        for start in range(len(text) - _LINE + 1):
            if origin := origins.get(text[start : start + _LINE]):
                yield _widened(text, start, *origin)

    def _beginnings(self, text: str) -> Iterator[tuple[int, int]]:
        """Find an end that is the beginning of a secret: a server may break off in the middle of one."""
        for secret in self._secrets:
            start = _begun(secret[:_PIECE], text)
            if start is not None:
                yield start, len(text)


# A client's key is looked for after each of its failures.
@lru_cache(maxsize=64)
def _patterns_of(secret: str) -> list[tuple[re.Pattern[str], bool]]:
    return [(_any_spelling(secret), False), *((_any_spelling(core), True) for core in _base64_cores(secret))]


def _encoded(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")


def _begun(secret: str, text: str) -> int | None:
    """Find where a secret begins whose rest does not fit into the text any more."""
    line = " ".join(secret.split())
    start = max(0, len(text) - _REACH * len(line))
    for found in _any_spelling(line[:_WORD]).finditer(text, start) if len(line) > _WORD else ():
        at, rest = found.end(), iter(line[_WORD:])
        # Asked before each character: the ``&`` of a cut ``&am`` would pass for a character of the secret.
        while not _CUT_ESCAPE.fullmatch(text, at):
            char = next(rest, None)
            spelled = char and re.compile(_spelled(char), re.IGNORECASE).match(text, at)
            if not spelled:
                break
            at = spelled.end()
        else:
            return found.start()
    for core in _base64_cores(secret):
        for length in range(min(len(core) - 1, len(text)), _WORD, -1):
            if text.endswith(core[:length]):
                return _base64_around(text, len(text) - length, len(text))[0]
    return None


def _any_spelling(secret: str) -> re.Pattern[str]:
    """Match a secret raw, URL-quoted, as JSON, HTML or Python writes it, each character in a way of its own."""
    parts = re.split(r"(\s+)", secret)
    body = "".join(_SPACE if index % 2 else "".join(map(_spelled, part)) for index, part in enumerate(parts))
    if len(secret) < _WORD:
        body = rf"(?<![^\W_]){body}(?![^\W_])"
    return re.compile(body, re.IGNORECASE)


def _usual_spellings(secret: str) -> Iterator[str]:
    """Write a secret as servers mostly do, all its characters in one way."""
    line = " ".join(secret.split())
    tagless = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield line
    for ascii_only in (True, False):
        written = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield written
        # As Go writes it.
        yield re.sub("[<>&]", lambda found: rf"\u{ord(found.group()):04x}", written)
    for double, single in product(('"', "&quot;", "&#34;"), ("'", "&#39;", "&#x27;", "&#039;")):
        yield tagless.replace('"', double).replace("'", single)
    for safe in ("", "/"):
        yield quote(_encoded(secret), safe)
    yield from _base64_cores(secret)


def _widened(text: str, start: int, spelled: str, at: int) -> tuple[int, int]:
    """Give the span of a window that a text and a secret have in common, with what else they have beside it."""
    end, after = start + _LINE, at + _LINE
    before = _alike(reversed(text[max(0, start - _LINE) : start]), reversed(spelled[max(0, at - _LINE) : at]))
    return start - before, end + _alike(text[end : end + _LINE], spelled[after : after + _LINE])


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """Count the characters with which both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _spelled(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    if char.isspace():
        return _SPACE
    encoded = _encoded(char)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    named = rf"|&{_NAMED[char]};" if char in _NAMED else ""
    options = [
        "".join(f"%{byte:02x}" for byte in encoded),
        "".join(rf"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)),
        "".join(rf"\\x{byte:02x}" for byte in encoded),
        rf"\\U{ord(char):08x}",
        rf"\\x{ord(char):02x}",
        rf"&\#0*{ord(char)};|&\#x0*{ord(char):x};{named}",
        r"\\+" + re.escape(char),
        # Last, because other spellings of ``&``, ``%`` and the backslash begin with it.
        re.escape(encoded.decode("latin-1")),
        re.escape(char),
    ]
    return f"(?:{'|'.join(options)})"


def _base64_cores(secret: str) -> Iterator[str]:
    """Give what the base64 of any text that holds the secret holds as well, for each place where it may begin."""
    encoded = _encoded(secret)
    for before in range(3):
        coded = base64.b64encode(bytes(before) + encoded).decode().rstrip("=")
        # The characters at either end depend on the neighbours too.
        spare = (before + len(encoded)) % 3 != 0
        core = coded[(0, 2, 3)[before] : len(coded) - spare]
        if len(core) >= _WORD + 1:
            yield core
            if {"+", "/"} & set(core):
                yield core.replace("+", "-").replace("/", "_")


def _base64_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start and _BASE64_RUN.fullmatch(text[start - 1]):
        start -= 1
    run = _BASE64_RUN.match(text, end)
    return start, run.end() if run else end


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that touch or overlap; they come and go from the last to the first."""
    pending: tuple[int, int] | None = None
    for start, end in spans:
        if pending and end >= pending[0]:
            pending = start, max(end, pending[1])
        else:
            if pending:
                yield pending
            pending = start, end
    if pending:
        yield pending
