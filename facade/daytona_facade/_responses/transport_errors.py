"""A broken exchange as a failure: no connection, no time, no HTTP."""

from collections.abc import Iterator

import httpx

from ..errors import Failure, deadline_error

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_AIOHTTP_NEVER_SENT = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})


def transport_error(exc: Exception, deadline_s: float) -> Failure:
    """Explain what a transport raised, and whether the request may have reached the server."""
    sent = not _never_sent(exc)
    foreign = type(exc.__cause__).__module__.startswith("aiohttp")
    broke_off = foreign and isinstance(exc, httpx.ConnectTimeout) and not isinstance(exc.__cause__, TimeoutError)
    if isinstance(exc, httpx.ConnectTimeout) and not sent and not broke_off:
        return Failure("timeout", "the server could not be reached in time; check the URL and the network")
    if isinstance(exc, httpx.TimeoutException | TimeoutError) and not broke_off:
        return deadline_error(deadline_s, sent=sent).failure
    detail = _detail(exc)
    if isinstance(exc, httpx.RemoteProtocolError):
        return Failure("connection", f"the answer broke off or was not HTTP ({detail})", sent=True)
    if isinstance(exc, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Failure("invalid_input", f"the request cannot be sent ({detail}); check the URLs and the key")
    if isinstance(exc, httpx.TransportError | OSError):
        broke = "the connection broke" if sent else "no connection could be made"
        return Failure("connection", f"{broke} ({detail})", sent=sent)
    return _other_failure(exc, detail)


def _other_failure(exc: Exception, detail: str) -> Failure:
    if isinstance(exc, RuntimeError) and str(exc) == "no running event loop":
        # Under trio or curio, and before anything was sent: a deadline of asyncio is the first thing that is needed.
        return Failure(
            "invalid_input", "AsyncDaytona needs asyncio's event loop: under any other, use Daytona in threads"
        )
    return Failure("protocol", f"the exchange failed ({detail})", sent=True)


def _never_sent(exc: Exception) -> bool:
    cause = type(exc.__cause__)
    if isinstance(exc, httpx.ConnectTimeout) and cause.__module__.startswith("aiohttp"):
        # httpx-aiohttp calls a connection that broke off a ConnectTimeout as well: aiohttp's own error tells.
        return any(base.__name__ in _AIOHTTP_NEVER_SENT for base in cause.__mro__)
    return isinstance(exc, _NEVER_SENT)


def _detail(exc: Exception) -> str:
    """Describe the error in the same words for sync and async: the operating system's, where it gave any."""
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
