"""What the connection pools have in common: one TLS context, limits, proxies.

Pools are shared by every client of a process (sync) or of an event loop (async), whatever its key: making a client
costs microseconds, and its first call finds warm connections. Proxies are taken from ``HTTP_PROXY``, ``HTTPS_PROXY``,
``ALL_PROXY`` and ``NO_PROXY``, certificates from ``SSL_CERT_FILE``.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx

MAX_CONNECTIONS = 100
# More kept connections make httpx's pool slower for every call: it looks at each of them each time.
LIMITS = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=20, keepalive_expiry=30.0)
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one TLS context of this process; making it takes longer than a call."""
    return httpx.create_ssl_context()


def proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for a URL."""
    if not any(map(os.environ.get, _PROXY_VARIABLES)):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc.decode("ascii")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@contextmanager
def proxy_errors_as_unsent(proxy: str | None) -> Iterator[None]:
    """Say of a proxy that cannot be used that nothing was sent."""
    try:
        yield
    except (ValueError, ImportError) as exc:
        if proxy is None:
            raise
        raise httpx.ProxyError(f"the proxy that the environment names cannot be used: {exc}") from None
