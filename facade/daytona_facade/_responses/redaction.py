"""Takes secrets out of a text, in every spelling in which a server may echo them."""

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
"""A shorter secret is hidden only where it stands alone, not inside words."""
_PIECE = 256
"""For longer secrets the any-spelling regex is too slow: the usual spellings are matched, piece by piece."""
_LINE = 16
"""Any part of a longer secret is found if it has twice as many characters."""
_LOOKED_AT = 64 * 2**10
_SPACE = r"(?:\s|\+|%20|%0[9ad]|\\[nrt])+"
_CUT_ESCAPE = re.compile(r"(?:[%&\\][\w#]{0,9}){0,4}|[\x80-\xff]{1,3}")
"""The rest of an escape, or of a character's bytes read as latin-1, at the end of a cut text."""
_NAMED = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
_REACH = 6
"""The longest spelling of one character of a secret."""


class Redactor:
    """Hides the secrets of one call; they are collected when the first text is redacted."""

    def __init__(self, find: Callable[[], Iterable[str]]) -> None:
        self._find = find

    def hide(self, text: str, *, cut: bool = False) -> str:
        """Replace each secret in any spelling, and the user info of every URL.

        A ``cut`` text also loses its end, so that the first half of a secret cannot stay there.
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
        """Hide the secrets of a server's text, and make it printable, one line, and at most ``limit`` characters."""
        whole = " ".join(text[:_LOOKED_AT].split())
        # Only what can be shown is searched, plus the length that a secret may take.
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
        """Find each longer part of a long secret: a server may echo one line of a certificate."""
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
        """Find a secret's prefix at the end of a truncated text."""
        for secret in self._secrets:
            start = _prefix_start(secret[:_PIECE], text)
            if start is not None:
                yield start, len(text)


# Cached, because a client's key is searched for in each of its failures.
@lru_cache(maxsize=64)
def _patterns_of(secret: str) -> list[tuple[re.Pattern[str], bool]]:
    return [(_any_spelling(secret), False), *((_any_spelling(core), True) for core in _base64_cores(secret))]


def _encoded(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")


def _prefix_start(secret: str, text: str) -> int | None:
    """Find where a secret begins that the end of the text cuts off."""
    line = " ".join(secret.split())
    start = max(0, len(text) - _REACH * len(line))
    for found in _any_spelling(line[:_WORD]).finditer(text, start) if len(line) > _WORD else ():
        at, rest = found.end(), iter(line[_WORD:])
        # Checked before each character, because the ``&`` of a cut ``&am`` would match a character of the secret.
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
    """Match a secret in any mix of raw, URL, JSON, HTML and Python spellings."""
    parts = re.split(r"(\s+)", secret)
    body = "".join(_SPACE if index % 2 else "".join(map(_spelled, part)) for index, part in enumerate(parts))
    if len(secret) < _WORD:
        body = rf"(?<![^\W_]){body}(?![^\W_])"
    return re.compile(body, re.IGNORECASE)


def _usual_spellings(secret: str) -> Iterator[str]:
    """Yield a secret in the usual spellings, each the same for all its characters."""
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
    """Extend a window that a text and a secret have in common to everything that they have in common there."""
    end, after = start + _LINE, at + _LINE
    before = _alike(reversed(text[max(0, start - _LINE) : start]), reversed(spelled[max(0, at - _LINE) : at]))
    return start - before, end + _alike(text[end : end + _LINE], spelled[after : after + _LINE])


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """Count the characters that both begin with."""
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
    """Yield the part of the secret's base64 that is the same in any longer text, for each of three alignments."""
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
    """Join spans that touch or overlap, from the last to the first."""
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
