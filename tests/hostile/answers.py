"""Hostile answers, made by rule: what a server can say in well-formed HTTP."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import attrs
import httpx

from hostile.canaries import CALLS, CARRIERS, SANDBOX, spellings

JSON = {"content-type": "application/json"}
HTML = b"<!doctype html><html><body>It works!</body></html>"
BIG_INT = "9" * 5000


Headers: TypeAlias = dict[str, str] | list[tuple[str, str]] | list[tuple[bytes, bytes]]


@attrs.frozen
class Answer:
    """One answer: the same to every request."""

    name: str
    """No other answer has it."""
    status: int
    headers: Headers
    body: bytes
    actions: Iterable[str] = tuple(CALLS)
    """The actions that are given it."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.body))


_BODIES: dict[str, tuple[dict[str, str], bytes]] = {
    "empty": ({}, b""),
    "text": ({"content-type": "text/plain"}, b"404 page not found"),
    "html": ({"content-type": "text/html; charset=utf-8"}, HTML),
    "wrong json": (JSON, b'{"message": {"deeper": ["than", 1, null]}, "error": 7, "items": 3, "id": []}'),
    "huge": (JSON, b'{"message": "' + b"x" * 100_000 + b'"}'),
    "truncated": ({**JSON, "content-length": "5000"}, b'{"message": "the sandbox is n'),
}


_TELLING = {100, 101, 199, 200, 201, 202, 204, 206, 226, 299, 300, 304, 399, 400, 401, 403, 404, 405, 408, 409, 410}
_TELLING |= {413, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 520, 522, 599}


def statuses(*, all_of_them: bool) -> Iterator[Answer]:
    """Every status with every kind of body: to all actions where the status tells something, else shared out."""
    for status in range(100, 600):
        for turn, (kind, (headers, body)) in enumerate(_BODIES.items()):
            everyone = all_of_them or status in _TELLING
            actions = tuple(CALLS) if everyone else tuple(CALLS)[(turn + status) % 6 :: 6]
            yield Answer(f"status {status}, {kind}", status, headers, body, actions)


VALUES = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": "-1",
    "fraction": "1.5",
    "whole float": "2.0",
    "exponent": "1e308",
    "overflow": "1e999",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "5000 digits": BIG_INT,
    "empty text": '""',
    "text": '"unheard-of"',
    "number as text": '"2"',
    "lone surrogate": '"a\\ud800b"',
    "nul": '"a\\u0000b"',
    "long text": '"' + "z" * 5000 + '"',
    "empty list": "[]",
    "list of all": '[null, true, 1, "x", [], {}]',
    "empty object": "{}",
    "object": '{"\\udfff": NaN, "a": {"b": [1e999]}}',
    "deep": "[" * 500 + "]" * 500,
    "deeper": '{"a":' * 150 + "1" + "}" * 150,
}
_SANDBOX: dict[str, Any] = {
    "id": SANDBOX,
    "name": "finch",
    "state": "started",
    "snapshot": "base",
    "target": "eu",
    "cpu": 1,
    "gpu": 0,
    "memory": 2,
    "disk": 3,
    "labels": {"a": "b"},
    "public": False,
    "errorReason": None,
    "autoStopInterval": 15,
    "createdAt": "2026-06-01T12:00:00.000Z",
    "updatedAt": "2026-06-01T12:00:00.000Z",
    "toolboxProxyUrl": "http://127.0.0.1:1/toolbox",
}
_WHOLE: dict[str, Any] = {
    **_SANDBOX,
    "exitCode": 0,
    "code": 0,
    "result": "out",
    "artifacts": {"charts": []},
    "items": [_SANDBOX],
    "nextCursor": "more",
    "files": [{"path": "a.txt", "bytes": 5}],
    "errors": [],
}
_ENTRY: dict[str, Any] = {
    "name": "a.txt",
    "isDir": False,
    "size": 5,
    "mode": "-rw-r--r--",
    "permissions": "0644",
    "owner": "1000",
    "group": "1000",
    "modifiedAt": "2026-06-01T12:00:00.123456789Z",
    "modTime": "2026-06-01 12:00:00.1 +0000 UTC",
}


def fields() -> Iterator[Answer]:
    """Every field with every wrong value: one object that answers all actions but one, and one list for that."""
    for field in _WHOLE:
        for kind, value in VALUES.items():
            yield Answer(f"{field} is {kind}", 200, JSON, _with(_WHOLE, field, value))
    for field in _ENTRY:
        for kind, value in VALUES.items():
            yield Answer(f"entry's {field} is {kind}", 200, JSON, b"[" + _with(_ENTRY, field, value) + b"]")
    entry = json.dumps(_ENTRY).encode()
    for kind, value in VALUES.items():
        yield Answer(f"the whole is {kind}", 200, JSON, value.encode())
        yield Answer(f"an entry is {kind}", 200, JSON, b"[" + entry + b"," + value.encode() + b"]")
        yield Answer(f"item's id is {kind}", 200, JSON, b'{"items": [' + _with(_SANDBOX, "id", value) + b"]}")
        yield Answer(f"uploaded bytes are {kind}", 200, JSON, b'{"files": [{"bytes": %s}]}' % value.encode())
        yield Answer(f"message is {kind}", 400, JSON, _with({"statusCode": 400}, "message", value))
        yield Answer(f"errors are {kind}", 400, JSON, _with({}, "errors", value))


def _with(document: dict[str, Any], field: str, value: str) -> bytes:
    rest = {name: content for name, content in document.items() if name != field}
    return (json.dumps(rest)[:-1] + (", " if rest else "") + f'"{field}": {value}}}').encode()


_GOOD = json.dumps(_WHOLE).encode()


def wholes() -> Iterator[Answer]:
    """Odd bodies, encodings and headers."""
    bodies = {
        "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
        "100,000 objects deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "100,000 deep and open": b"[" * 100_000,
        "900 deep message": b'{"message":' * 900 + b'"x"' + b"}" * 900,
        "invalid utf-8": b'{"id": "\xff\xfe\xfa"}',
        "utf-16": '{"id": "x"}'.encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + _GOOD,
        "duplicate keys": _GOOD[:-1] + b', "id": null, "exitCode": "no", "items": 3}',
        "two documents": _GOOD + _GOOD,
        "trailing comma": _GOOD[:-1] + b",}",
        "single quotes": b"{'id': 'x'}",
        "white space": b" \n\t " * 1000,
        "nul bytes": b"\0" * 1000,
        "binary": bytes(range(256)) * 16,
        "half a document": _GOOD[: len(_GOOD) // 2],
        "a million objects": b'{"items": [' + b"{}," * 999_000 + b"{}]}",
        "a million numbers": b"[" + b"0," * 1_500_000 + b"0]",
        "many short entries": b"[" + b'{"name":"a","modTime":"1 May 2026 10:00 UTC"},' * 2_000 + b'{"name":"a"}]',
        "many short sandboxes": b"[" + b'{"id":"a","createdAt":"1 May 2026 10:00 UTC"},' * 2_000 + b'{"id":"a"}]',
        "a long time": b'{"id": "a", "createdAt": "' + b"1 " * 1_000_000 + b'"}',
        "html without a type": HTML,
        "error in a 200": b'{"error": "no", "message": "no", "statusCode": 500}',
        "errors in a 200": b'{"errors": ["disk full", 7, null]}',
        "other size in a 200": b'{"files": [{"path": "a.txt", "bytes": 4}]}',
    }
    for kind, body in bodies.items():
        yield Answer(f"200, {kind}", 200, JSON, body)
        yield Answer(f"500, {kind}", 500, JSON, body)
    yield from _headers()


def _headers() -> Iterator[Answer]:
    bomb = gzip.compress(b"[" + b" " * 2_000_000 + b"]")
    raw_deflate = zlib.compressobj(wbits=-15)
    coded = {
        "gzip": ("gzip", gzip.compress(_GOOD)),
        "gzip in capitals": ("GZIP", gzip.compress(_GOOD)),
        "gzip bomb": ("gzip", bomb),
        "gzip in gzip": ("gzip, gzip", gzip.compress(bomb)),
        "cut gzip": ("gzip", gzip.compress(_GOOD)[:-9]),
        "gzip with a tail": ("gzip", gzip.compress(_GOOD) + b"tail"),
        "gzip of wrong sum": ("gzip", gzip.compress(_GOOD)[:-8] + b"\0" * 8),
        "no gzip": ("gzip", _GOOD),
        "empty gzip": ("gzip", b""),
        "deflate": ("deflate", zlib.compress(_GOOD)),
        "raw deflate": ("deflate", raw_deflate.compress(_GOOD) + raw_deflate.flush()),
        "brotli": ("br", _GOOD),
        "unheard-of": ("x" * 5000, _GOOD),
        "identity": ("identity", _GOOD),
    }
    for kind, (encoding, body) in coded.items():
        for status in (200, 503):
            yield Answer(f"{status}, encoded as {kind}", status, {**JSON, "content-encoding": encoding}, body)
    lengths = {"too long": "100000", "too short": "3", "negative": "-1", "no number": "many", "over the cap": "9" * 20}
    for kind, length in lengths.items():
        for status in (200, 204, 404):
            headers = {**JSON, "content-length": length}
            yield Answer(f"{status}, length {kind}", status, headers, b"" if status == 204 else _GOOD)
    for kind, wait in _WAITS.items():
        yield Answer(f"retry after {kind}", 429, {**JSON, "retry-after": wait}, b"")
        yield Answer(f"retry after (suffixed) {kind}", 503, {**JSON, "retry-after-sandbox-create": wait}, b"")
    for kind, target in _TARGETS.items():
        for status in (301, 302, 303, 307, 308):
            yield Answer(f"{status} to {kind}", status, {"location": target}, b"")
    yield Answer("500 headers", 200, [(f"x-{number}", "v" * 100) for number in range(500)], _GOOD)
    yield Answer("twice a length", 200, [("content-length", "1"), ("content-length", "2")], _GOOD)


_WAITS = {
    "seconds": "1",
    "a fraction": "0.5",
    "a million years": "9" * 14,
    "a negative": "-5",
    "a date": "Wed, 21 Oct 2199 07:28:00 GMT",
    "a past date": "Wed, 21 Oct 1999 07:28:00 GMT",
    "a date of no calendar": "Wed, 99 Oct 99999 99:99:99 +9999",
    "words": "soon",
    "nothing": "",
    "NaN": "nan",
    "other digits": "\u0663",
}
_TARGETS = {
    "itself": "",
    "another origin": "https://evil.invalid/api",
    "plain http": "http://evil.invalid/",
    "a file": "file:///etc/passwd",
    "garbage": "ht tp://[::1/%%%",
    "a user": "https://a:b@evil.invalid/",
    "far": "https://evil.invalid/" + "x" * 10_000,
}


def echoes() -> Iterator[Answer]:
    """Answers that give secrets back: in every spelling, in every place, cut off anywhere."""
    for number, (secret, actions) in enumerate(CARRIERS.items()):
        for kind, spelled in spellings(secret).items():
            for place, status, headers, body in _places(spelled):
                yield Answer(f"secret {number}, {kind}, {place}", status, headers, body, actions)


def _places(spelled: str) -> Iterator[tuple[str, int, Headers, bytes]]:
    # Wherever our own bounds cut, the secret lies across the cut.
    for before in (0, 590, 1990, 64 * 2**10 - 5):
        text = "x" * before + f' said "{spelled}" '
        yield f"text after {before}", 400, {}, text.encode()
        yield f"json after {before}", 400, {}, json.dumps({"message": text}).encode()
    yield "after 64 KiB of white space", 500, {}, b" " * (64 * 2**10 - 7) + spelled.encode()
    yield "half of it", 400, {"content-length": "5000"}, b"bad " + spelled[: len(spelled) // 2].encode()
    header = spelled.encode()
    for before in (0, 180):
        yield f"location after {before}", 302, [(b"location", b"https://evil.invalid/" + b"x" * before + header)], b""
    odd = [(name, header) for name in (b"retry-after", b"content-encoding", b"content-type", b"content-length")]
    yield "every header", 200, odd, b""
    yield "every header of a refusal", 429, odd, b""


def mirror(request: httpx.Request) -> httpx.Response:
    """Answer with the request."""
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    return httpx.Response(500, content="\n".join([str(request.url), *lines, ""]).encode() + request.read())
