"""What the drivers carry out for an action: exchanges, and the waits before the next attempt."""

import random
import time
from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

import attrs
import httpx

from .bodies import Body, Consumer, ErrorBody
from .failures import Failure
from .settings import Deadline

T = TypeVar("T")

_BACKOFF_S = 0.25
_MAX_BACKOFF_S = 8.0
_RETRIED_ON_GET = frozenset({502, 503, 504})
_NO_HEADERS = httpx.Headers()


@attrs.define(eq=False, repr=False)
class Exchange:
    """One request to send, and the answer on its way in."""

    request: httpx.Request
    deadline: Deadline
    consumer: Consumer
    limit: int
    what: str
    begun: Callable[[httpx.Headers], None] | None = None
    status: int | None = None
    headers: httpx.Headers = _NO_HEADERS
    body: Body | ErrorBody | None = None

    def begin(self, response: httpx.Response) -> Body | ErrorBody:
        """Take the head of the answer and make the reader of its body."""
        self.status, self.headers = response.status_code, response.headers
        good = 200 <= self.status < 300
        if good and self.begun:
            self.begun(self.headers)
        self.body = Body(self.headers, self.consumer, self.limit, self.what) if good else ErrorBody(self.headers)
        return self.body


class Wait:
    """A pause before the next attempt."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


Order: TypeAlias = Exchange | Wait
Orders: TypeAlias = Generator[Order, Any, T]


def wait_before_retry(exchange: Exchange, failure: Failure, attempt: int, retries: int) -> float | None:
    """Decide whether to try again: never what may have been acted on, never past the deadline."""
    unsent = failure.kind in {"connection", "timeout"} and not failure.sent
    reread = exchange.request.method == "GET" and (failure.kind == "connection" or exchange.status in _RETRIED_ON_GET)
    if attempt > retries or not (unsent or reread or exchange.status == 429):
        return None
    backoff = min(_BACKOFF_S * 2 ** (attempt - 1), _MAX_BACKOFF_S) * random.uniform(0.5, 1)  # noqa: S311 - jitter
    wait = max(backoff, failure.retry_after or 0.0)
    return wait if time.monotonic() + wait < exchange.deadline.at else None
