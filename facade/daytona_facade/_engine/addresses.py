"""Where the toolboxes are, and which URLs a key may be sent to."""

from collections.abc import Mapping
from functools import lru_cache

import httpx

from .. import limits

API_URL = "https://app.daytona.io/api"
TOOLBOX_URL = "https://proxy.app.daytona.io/toolbox"


class Addresses:
    """The toolbox of each sandbox: the configured address, else the one learned for it, else Daytona's default."""

    def __init__(self, api_url: str, toolbox_url: str | None) -> None:
        self.configured = toolbox_url
        self._api_scheme = httpx.URL(api_url).scheme
        self._learned: dict[str, str] = {}
        # A key for another host is never sent to Daytona's cloud: sandboxes there are looked up first.
        self._default = TOOLBOX_URL if api_url == API_URL else None

    def known(self, sandbox_id: str) -> str | None:
        """Return the address if it is certain."""
        return self.configured or self._learned.get(sandbox_id)

    def likely(self, sandbox_id: str) -> str | None:
        """Return the address to try first; ``None`` means that it has to be looked up."""
        return self.known(sandbox_id) or self._default

    def learn(self, sandbox_id: str, url: str) -> None:
        """Remember a ``toolboxProxyUrl``, unless it would carry the key less safely than the API's own URL."""
        if self.configured or url in {self._default, ""} or len(url) > limits.ADDRESS_CHARS:
            return
        if not _is_safe(url, self._api_scheme):
            return
        # Without a lock, which a child that is forked while another thread holds it could never take.
        self._learned.pop(sandbox_id, None)
        if len(self._learned) >= limits.TOOLBOX_ADDRESSES:
            for oldest in list(self._learned)[: len(self._learned) - limits.TOOLBOX_ADDRESSES + 1]:
                self._learned.pop(oldest, None)
        self._learned[sandbox_id] = url.rstrip("/")


def checked_url(name: str, text: str) -> str:
    """Return a configured URL without a trailing slash, or raise ``ValueError`` if no request can go there."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise ValueError(f"{name} is not a valid URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"{name} must be an http or https URL")
    if url.userinfo or url.query or url.fragment:
        raise ValueError(f"{name} must have no user info, query or fragment")
    return text.rstrip("/")


# Cached, because all sandboxes of a region name the same address.
@lru_cache(maxsize=64)
def _is_safe(url: str, api_scheme: str) -> bool:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return False
    if target.scheme not in {"https", api_scheme} or not target.host:
        return False
    return not (target.userinfo or target.query or target.fragment or "?" in url or "#" in url)


def only_adds_slash(request: httpx.Request, status: int, headers: Mapping[str, str]) -> bool:
    """Say whether a redirect of a GET names the same URL with a slash: daemons before 0.178 serve /files/ alone.

    Proxies rewrite the beginning of the path or leave it as it is, so only its end is looked at. The request is sent
    again to its own URL and never to the one that the answer names.
    """
    if request.method != "GET" or status not in {301, 302, 307, 308}:
        return False
    try:
        target = request.url.join(headers.get("location", ""))
    except (httpx.InvalidURL, ValueError):
        return False
    same_origin = (target.scheme, target.host, target.port) == (request.url.scheme, request.url.host, request.url.port)
    path = request.url.path
    return (
        same_origin
        and not path.endswith("/")
        and f"{path}/".endswith(target.path)
        and target.path.endswith(f"/{path.rpartition('/')[2]}/")
    )
