"""What is tried again, and when: nothing that may have been acted on, nothing past the deadline."""

import datetime
import random
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from .. import limits
from ..errors import Failure
from .calls import Exchange

_RETRIED_IF_NOT_ACTED_ON = frozenset({"connection", "timeout", "rate_limited", "server"})
_RETRIED_ON_GET = frozenset({502, 503, 504})


def wait_before_retry(exchange: Exchange, failure: Failure, attempt: int, retries: int) -> float | None:
    """Return the seconds to wait before the next attempt, or ``None`` if there must not be one."""
    not_acted_on = failure.kind in _RETRIED_IF_NOT_ACTED_ON and not failure.sent
    is_get = exchange.request.method == "GET"
    safe_to_repeat = is_get and (failure.kind == "connection" or exchange.status in _RETRIED_ON_GET)
    if attempt > retries or not (not_acted_on or safe_to_repeat):
        return None
    backoff = min(limits.FIRST_BACKOFF_S * 2 ** (attempt - 1), limits.LONGEST_BACKOFF_S)
    jittered = backoff * random.uniform(0.5, 1)  # noqa: S311 - jitter needs no strong randomness
    wait = max(jittered, failure.retry_after or 0.0)
    return wait if time.monotonic() + wait < exchange.deadline.at else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the seconds to wait from ``Retry-After`` or Daytona's ``Retry-After-<throttler>``: the longest of them."""
    waits = [_seconds(value) for name, value in headers.items() if name.lower().startswith("retry-after")]
    return max((wait for wait in waits if wait is not None), default=None)


def _seconds(value: str) -> float | None:
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
