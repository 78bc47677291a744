"""What went wrong, in words for a person and in fields for a program; the only place that words an error."""

from collections.abc import Iterator
from typing import Literal

import attrs
import httpx

from .redaction import Redactor

Kind = Literal[
    "invalid_input",
    "authentication",
    "permission",
    "not_found",
    "conflict",
    "not_running",
    "too_large",
    "rate_limited",
    "timeout",
    "connection",
    "server",
    "protocol",
]

_MESSAGE_CHARS = 2000
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_AIOHTTP_NEVER_SENT = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})


@attrs.frozen
class Failure:
    """Why an action did not succeed, for a program to act on."""

    kind: Kind
    message: str
    """One sentence: what was tried, on which sandbox, what the server said, what to do where that is known."""
    status_code: int | None = None
    """The HTTP status of the answer, where there was one."""
    retry_after: float | None = None
    """Seconds that the server asked to wait."""
    sent: bool = False
    """Whether the server may have acted: false only where it is certain that it did not."""


class DaytonaError(Exception):
    """A failed action as an exception, for those who ask for one with ``output.raise_for_failure()``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    def __reduce__(self) -> tuple[type["DaytonaError"], tuple[Failure]]:
        return DaytonaError, (self.failure,)


def invalid(parameter: str, problem: str) -> DaytonaError:
    """Word a refused argument; nothing was sent."""
    return DaytonaError(Failure("invalid_input", f"{parameter} {problem}"))


def malformed(problem: str, status_code: int | None = None) -> DaytonaError:
    """Word a 2xx answer that is not what the API promises."""
    return DaytonaError(Failure("protocol", problem, status_code, sent=True))


def too_large(what: str, limit: int, status_code: int | None = None) -> DaytonaError:
    """Word an answer over a limit of bytes."""
    problem = f"{what} is larger than the limit of {limit:,} bytes ({limit / 2**20:g} MB)"
    return DaytonaError(Failure("too_large", problem, status_code, sent=True))


def out_of_time(seconds: float, *, sent: bool) -> DaytonaError:
    """Word a deadline that has passed."""
    problem = f"no complete answer within the deadline of {seconds:g} s"
    if sent:
        problem += "; the server may still be acting on it"
    return DaytonaError(Failure("timeout", problem, sent=sent))


def lost(exc: Exception, deadline_s: float) -> DaytonaError:
    """Word whatever kept an exchange from completing: no connection, no time, no HTTP."""
    sent = not _never_sent(exc)
    foreign = type(exc.__cause__).__module__.startswith("aiohttp")
    broke_off = foreign and isinstance(exc, httpx.ConnectTimeout) and not isinstance(exc.__cause__, TimeoutError)
    if isinstance(exc, httpx.ConnectTimeout) and not sent and not broke_off:
        return DaytonaError(
            Failure("timeout", "the server could not be reached in time; check the URL and the network")
        )
    if isinstance(exc, httpx.TimeoutException | TimeoutError) and not broke_off:
        return out_of_time(deadline_s, sent=sent)
    detail = _detail(exc)
    if isinstance(exc, httpx.RemoteProtocolError):
        return DaytonaError(Failure("connection", f"the answer broke off or was not HTTP ({detail})", sent=True))
    if isinstance(exc, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return DaytonaError(
            Failure("invalid_input", f"the request cannot be sent ({detail}); check the URLs and the key")
        )
    if isinstance(exc, httpx.TransportError | OSError):
        broke = "the connection broke" if sent else "no connection could be made"
        return DaytonaError(Failure("connection", f"{broke} ({detail})", sent=sent))
    return DaytonaError(Failure("protocol", f"the exchange failed ({detail})", sent=True))


def worded(failure: Failure, action: str, sandbox: str | None, redactor: Redactor) -> Failure:
    """Complete a failure's sentence with what was tried and on what, and take every secret out of it."""
    where = f" on sandbox {sandbox!r}" if sandbox else ""
    message = redactor.quoted(f"{action}{where} failed: {failure.message}", _MESSAGE_CHARS)
    if not message.endswith((".", "!", "?", ")")):
        message += "."
    return attrs.evolve(failure, message=message)


def _never_sent(exc: Exception) -> bool:
    cause = type(exc.__cause__)
    if isinstance(exc, httpx.ConnectTimeout) and cause.__module__.startswith("aiohttp"):
        # httpx-aiohttp calls a connection that broke off a ConnectTimeout as well: aiohttp's own error tells.
        return any(base.__name__ in _AIOHTTP_NEVER_SENT for base in cause.__mro__)
    return isinstance(exc, _NEVER_SENT)


def _detail(exc: Exception) -> str:
    """Name a transport's trouble alike for sync and async: by what the operating system said, where it did."""
    import socket
    import ssl

    roots = [cause for cause in _causes(exc) if isinstance(cause, OSError)]
    for cause in reversed(roots):
        if isinstance(cause, ssl.SSLError):
            return f"TLS: {getattr(cause, 'verify_message', '') or cause.reason or 'no secure connection'}"
        if isinstance(cause, socket.gaierror) or cause.errno:
            return str(cause.strerror)
    kind = type(exc).__name__
    said = str(exc) if isinstance(exc, httpx.ProtocolError | httpx.ProxyError) or not roots else ""
    return f"{kind}: {said}" if said and not isinstance(exc, httpx.NetworkError) else kind


def _causes(exc: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = exc
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        several = cause.exceptions if isinstance(cause, BaseExceptionGroup) else (cause.__cause__ or cause.__context__,)
        cause = several[-1]
