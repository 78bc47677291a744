"""What every connection needs: the TLS context, the proxy, and a check that nothing follows an answer.

Proxies are taken from ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, certificates from
``SSL_CERT_FILE``.
"""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

import httpx

from .. import limits

LIMITS = httpx.Limits(
    max_connections=limits.CONNECTIONS,
    max_keepalive_connections=limits.CONNECTIONS,
    keepalive_expiry=limits.IDLE_S,
)
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

Proxy: TypeAlias = httpx.Proxy | httpx.URL | str | None
Origin: TypeAlias = tuple[str, bytes, str | None]
"""Scheme, host with port, and the environment's proxy: what a connection can be used for."""


@cache
def tls_context() -> ssl.SSLContext:
    """Return the TLS context of this process; making one takes longer than a call."""
    return httpx.create_ssl_context()


def proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for a URL."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc.decode("ascii")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@contextmanager
def proxy_errors_as_unsent(proxy: Proxy) -> Iterator[None]:
    """Raise ``ProxyError`` for a proxy that httpx cannot use: nothing was sent."""
    try:
        yield
    except (ValueError, ImportError) as exc:
        if proxy is None:
            raise
        raise httpx.ProxyError(f"the proxy that the environment names cannot be used: {exc}") from None


def hold_one_connection(transport: Any, url: httpx.URL, backend: Any) -> None:
    """Replace the pool inside an httpx transport by one connection to a URL's origin, which connects by ``backend``."""
    import httpcore

    # httpx has no option for either. Without the pool, its locks and its search through all connections are gone.
    origin = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/").origin
    transport._pool._network_backend = backend  # noqa: SLF001
    transport._pool = transport._pool.create_connection(origin)  # noqa: SLF001


def wait_until(request: httpx.Request) -> float:
    """Return the time until which a request may wait for a connection."""
    seconds: float | None = request.extensions.get("timeout", {}).get("pool")
    latest = time.monotonic() + (limits.LONGEST_DEADLINE_S if seconds is None else seconds)
    deadline: float = request.extensions.get("deadline", latest)
    return min(latest, deadline)


def parser_of(connection: Any) -> Any:
    """Return the HTTP/1.1 parser inside an httpcore connection, or ``None`` where there is none."""
    # httpcore does not say whether its parser holds more than an answer, and takes that for the next answer.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    return getattr(connection, "_h11_state", None)


def announces_body_in_vain(response: httpx.Response) -> bool:
    """Tell whether an answer that has no body says that one follows: its bytes may still be on their way."""
    headers = response.headers
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip() != "0"
