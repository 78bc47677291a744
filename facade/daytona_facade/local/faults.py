"""Bad days on purpose: answers that a server gives when it is not well."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .wire import rest_error

KINDS = ("429", "503", "502", "slow", "truncate", "drop", "html", "garbage")
DEFAULT_SECONDS = 1.0


class _BrokenError(Exception):
    """Raised to make the server close a connection in the middle of an answer."""


@dataclass
class Fault:
    """One kind of bad day, the requests that it befalls, and how often."""

    kind: str
    value: float = DEFAULT_SECONDS
    """Seconds: the delay of `slow`, the Retry-After of `429` and `503`."""
    path: str = ""
    """A regular expression searched in the path; empty matches all."""
    method: str = ""
    probability: float = 1.0
    times: int = -1
    """How often it still happens; negative for without end."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not 0 <= self.probability <= 1:
            raise ValueError("the probability of a fault is between 0 and 1")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"the path of a fault is a regular expression: {error}") from None

    def befalls(self, method: str, path: str, dice: Callable[[], float]) -> bool:
        """Tell whether it happens to this request, and count it if so."""
        if self.times == 0 or (self.method and self.method.upper() != method) or not re.search(self.path, path):
            return False
        if self.probability < 1 and dice() >= self.probability:
            return False
        self.times -= self.times > 0
        return True


def parse_fault(text: str) -> Fault:
    """Read "KIND[:SECONDS][,path=REGEX][,method=POST][,probability=0.1][,times=3]"."""
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
    """The faults in force, and a door before an application that applies them."""

    def __init__(self, faults: list[Fault], seed: int | None) -> None:
        self.replace(faults, seed)

    def replace(self, faults: list[Fault], seed: int | None) -> None:
        """Put other faults in force; their counts and dice begin anew."""
        self.current = faults
        self.counts: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._dice = random.Random(seed)  # noqa: S311 -- chance, not a secret

    def told(self) -> dict[str, Any]:
        """Describe what is in force and what has happened."""
        return {"faults": [asdict(fault) for fault in self.current], "counts": self.counts}

    def pick(self, method: str, path: str) -> Fault | None:
        """Choose what befalls a request, if anything does."""
        for fault in self.current:
            if fault.befalls(method, path, self._dice.random):
                self.counts[fault.kind] += 1
                return fault
        return None

    def around(self, app: ASGIApp) -> ASGIApp:
        """Put the faults before an application."""

        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            ours = scope["type"] == "http" and path.startswith(("/api/", "/toolbox/"))
            fault = self.pick(scope["method"], path) if ours else None
            if fault is None:
                await app(scope, receive, send)
            else:
                await befall(fault, app, scope, receive, send)

        return door


async def befall(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request the bad way."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.value)
        await app(scope, receive, send)
    elif fault.kind == "truncate":
        await app(scope, receive, truncating(send))
    elif fault.kind == "drop":
        # No valid response begins like this: the server closes the connection without one.
        await send({"type": "http.response.start", "status": 0, "headers": []})
    else:
        status, headers, body = canned(fault, scope)
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def truncating(send: Send) -> Send:
    """Let half of the first piece of a body through, and break the connection."""

    async def cut(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise _BrokenError

    return cut


def canned(fault: Fault, scope: Scope) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Make the status, headers and body of an answer that does not come from the application."""
    path = scope["path"]
    if fault.kind == "429":
        name = bucket(scope["method"], path)
        seconds = str(int(fault.value)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (f"retry-after-{name}".encode(), seconds),
            (f"x-ratelimit-limit-{name}".encode(), b"1"),
            (f"x-ratelimit-remaining-{name}".encode(), b"0"),
            (f"x-ratelimit-reset-{name}".encode(), seconds),
        ]
        return 429, headers, encoded(rest_error(path, 429, "ThrottlerException: Too Many Requests"))
    if fault.kind == "503":
        body = encoded(rest_error(path, 503, "Service Unavailable"))
        return 503, [(b"content-type", b"application/json")], body
    if fault.kind == "502":
        return 502, [], b""
    if fault.kind == "html":
        return 200, [(b"content-type", b"text/html; charset=utf-8")], b"<!doctype html><title>Daytona</title>"
    return 200, [(b"content-type", b"application/json")], b'{"id": "'


def bucket(method: str, path: str) -> str:
    """Name the rate limit that a request counts against."""
    if method == "POST" and path.rstrip("/") == "/api/sandbox":
        return "sandbox-create"
    if method in ("POST", "DELETE") and path.startswith("/api/sandbox/"):
        return "sandbox-lifecycle"
    return "authenticated"


def encoded(body: dict[str, Any]) -> bytes:
    """Write a body as JSON."""
    return json.dumps(body, separators=(",", ":")).encode()
