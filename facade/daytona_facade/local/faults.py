"""Injected faults: requests that go wrong with a given probability, so that callers can be tested against them."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .rest_errors import rest_error

KINDS = ("429", "503", "502", "slow", "truncate", "drop", "html", "garbage")
DEFAULT_SECONDS = 1.0


class _BrokenError(Exception):
    """Makes the server close a connection in the middle of an answer."""


@attrs.define
class Fault:
    """One kind of fault, the requests that it affects, and how often."""

    kind: str
    value: float = DEFAULT_SECONDS
    """Seconds: the delay of ``slow``, the Retry-After of ``429``."""
    path: str = ""
    """A regular expression that is searched in the path; empty matches every path."""
    method: str = ""
    probability: float = 1.0
    times: int = -1
    """How many times it still happens; negative for no limit."""

    def __attrs_post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not 0 <= self.probability <= 1:
            raise ValueError("the probability of a fault is between 0 and 1")
        try:
            re.compile(self.path)
        except re.error as exc:
            raise ValueError(f"the path of a fault is a regular expression: {exc}") from None

    def applies(self, method: str, path: str, random_number: Callable[[], float]) -> bool:
        """Tell whether it happens to this request, and count it if so."""
        if self.times == 0 or (self.method and self.method.upper() != method) or not re.search(self.path, path):
            return False
        if self.probability < 1 and random_number() >= self.probability:
            return False
        self.times -= self.times > 0
        return True


def parse_fault(text: str) -> Fault:
    """Parse ``KIND[:SECONDS][,path=REGEX][,method=POST][,probability=0.1][,times=3]``; raises ValueError."""
    head, *rest = text.split(",")
    kind, _, value = head.partition(":")
    fields: dict[str, Any] = {"value": float(value)} if value else {}
    for item in rest:
        name, _, content = item.partition("=")
        if name in ("path", "method"):
            fields[name] = content
        elif name in ("probability", "times"):
            fields[name] = float(content) if name == "probability" else int(content)
        else:
            raise ValueError(f"a fault has path, method, probability and times, not {name!r}")
    return Fault(kind, **fields)


class Faults:
    """The faults in force, and the ASGI layer that applies them."""

    def __init__(self, faults: list[Fault], seed: int | None) -> None:
        self.replace(faults, seed)

    def replace(self, faults: list[Fault], seed: int | None) -> None:
        """Put other faults in force, with counts of 0 and the random choices of the seed."""
        self.current = faults
        self.counts: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._random = random.Random(seed)  # noqa: S311 - chance, not a secret

    def describe(self) -> dict[str, Any]:
        """Return the faults in force and how often each kind has happened."""
        return {"faults": [attrs.asdict(fault) for fault in self.current], "counts": self.counts}

    def pick(self, method: str, path: str) -> Fault | None:
        """Choose the fault for a request, if any."""
        for fault in self.current:
            if fault.applies(method, path, self._random.random):
                self.counts[fault.kind] += 1
                return fault
        return None

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Put the faults before an application."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            ours = scope["type"] == "http" and path.startswith(("/api/", "/toolbox/"))
            fault = self.pick(scope["method"], path) if ours else None
            if fault is None:
                await app(scope, receive, send)
            else:
                await _respond(fault, app, scope, receive, send)

        return faulty


async def _respond(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a fault."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.value)
        await app(scope, receive, send)
    elif fault.kind == "truncate":
        await app(scope, receive, _truncate_body(send))
    elif fault.kind == "drop":
        # No valid response begins like this: the server closes the connection without one.
        await send({"type": "http.response.start", "status": 0, "headers": []})
    else:
        status, headers, body = _fixed_answer(fault, scope)
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _truncate_body(send: Send) -> Send:
    """Send half of the first piece of a body, then break the connection."""

    async def cut(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise _BrokenError

    return cut


def _fixed_answer(fault: Fault, scope: Scope) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return the status, headers and body of an answer that does not come from the application."""
    path = scope["path"]
    if fault.kind == "429":
        name = _rate_limit(scope["method"], path)
        seconds = str(int(fault.value)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (f"retry-after-{name}".encode(), seconds),
            (f"x-ratelimit-limit-{name}".encode(), b"1"),
            (f"x-ratelimit-remaining-{name}".encode(), b"0"),
            (f"x-ratelimit-reset-{name}".encode(), seconds),
        ]
        return 429, headers, _to_json(rest_error(path, 429, "ThrottlerException: Too Many Requests"))
    if fault.kind == "503":
        body = _to_json(rest_error(path, 503, "Service Unavailable"))
        return 503, [(b"content-type", b"application/json")], body
    if fault.kind == "502":
        return 502, [], b""
    if fault.kind == "html":
        return 200, [(b"content-type", b"text/html; charset=utf-8")], b"<!doctype html><title>Daytona</title>"
    return 200, [(b"content-type", b"application/json")], b'{"id": "'


def _rate_limit(method: str, path: str) -> str:
    """Return the name of the rate limit that a request counts against."""
    if method == "POST" and path.rstrip("/") == "/api/sandbox":
        return "sandbox-create"
    if method in ("POST", "DELETE") and path.startswith("/api/sandbox/"):
        return "sandbox-lifecycle"
    return "authenticated"


def _to_json(body: dict[str, Any]) -> bytes:
    """Encode a body as JSON."""
    return json.dumps(body, separators=(",", ":")).encode()
