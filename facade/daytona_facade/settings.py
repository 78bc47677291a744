"""What a client is configured with, and what it learns about where sandboxes are."""

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Self

import attrs
import httpx

from .bodies import DOWNLOAD_LIMIT_BYTES
from .failures import out_of_time

API_URL = "https://app.daytona.io/api"
TOOLBOX_URL = "https://proxy.app.daytona.io/toolbox"
_REMEMBERED = 4096
_ADDRESS_CHARS = 2048
_LONGEST_S = 86_400.0 * 20
"""Operating systems wait for a socket no longer than some 24 days at a time."""


class Deadline:
    """The moment by which an action has to return; the clock starts when it is made."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    def left(self, *, sent: bool = True) -> float:
        """Return the seconds that are left, or raise ``timeout``; ``sent`` says whether the server may be acting."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise out_of_time(self.seconds, sent=sent)
        return min(left, _LONGEST_S)


@attrs.frozen(eq=False, repr=False)
class Settings:
    """One client's configuration."""

    api_key: str
    api_url: str
    toolbox_url: str | None
    target: str | None
    organization_id: str | None
    deadline_s: float | Mapping[str, float] | None
    retries: int
    max_download_bytes: int

    @classmethod
    def read(
        cls,
        *,
        api_key: str | None,
        api_url: str | None,
        toolbox_url: str | None,
        target: str | None,
        organization_id: str | None,
        deadline_s: float | Mapping[str, float] | None,
        retries: int,
        max_download_bytes: int | None,
    ) -> Self:
        """Take what was given, else what ``DAYTONA_*`` says; no file is read. Without a key, ``ValueError`` says so."""
        key = _given(api_key, "DAYTONA_API_KEY")
        if key is None:
            raise ValueError("a Daytona API key is needed: pass api_key or set DAYTONA_API_KEY")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ValueError("the Daytona API key has characters that no key has")
        toolbox = _given(toolbox_url, "DAYTONA_TOOLBOX_URL")
        organization = _given(organization_id, "DAYTONA_ORGANIZATION_ID")
        if organization and not (organization.isascii() and organization.isprintable()):
            raise ValueError("the organization ID has characters that no ID has")
        return cls(
            api_key=key,
            api_url=_url("api_url", _given(api_url, "DAYTONA_API_URL") or API_URL),
            toolbox_url=_url("toolbox_url", toolbox) if toolbox else None,
            target=_given(target, "DAYTONA_TARGET"),
            organization_id=organization,
            deadline_s=_positive(deadline_s),
            retries=_not_negative(retries),
            max_download_bytes=_cap(max_download_bytes),
        )

    def changed(
        self,
        *,
        deadline_s: float | Mapping[str, float] | None = None,
        retries: int | None = None,
        max_download_bytes: int | None = None,
    ) -> Self:
        """Return the settings with what was given changed."""
        return attrs.evolve(
            self,
            deadline_s=self.deadline_s if deadline_s is None else _positive(deadline_s),
            retries=self.retries if retries is None else _not_negative(retries),
            max_download_bytes=self.max_download_bytes if max_download_bytes is None else _cap(max_download_bytes),
        )

    def deadline(self, action: str, default_s: float) -> Deadline:
        """Start the clock of one action."""
        seconds = self.deadline_s.get(action, default_s) if isinstance(self.deadline_s, Mapping) else self.deadline_s
        return Deadline(default_s if seconds is None else seconds)


class Addresses:
    """Where the toolboxes are: the configured one, else the one learned for a sandbox, else Daytona's own."""

    def __init__(self, settings: Settings) -> None:
        self._fixed = settings.toolbox_url
        self._api_scheme = httpx.URL(settings.api_url).scheme
        self._learned: dict[str, str] = {}
        # A key for another host is never shown to Daytona's cloud: its sandboxes are looked up first.
        self._usual = TOOLBOX_URL if settings.api_url == API_URL else None

    def known(self, sandbox_id: str) -> str | None:
        """Return the address where it is certain."""
        return self._fixed or self._learned.get(sandbox_id)

    def likely(self, sandbox_id: str) -> str | None:
        """Return the address to try first; ``None`` where it has to be looked up."""
        return self.known(sandbox_id) or self._usual

    def learn(self, sandbox_id: str, url: str) -> None:
        """Remember a ``toolboxProxyUrl``, unless it would carry the key less safely than the API's own URL."""
        if self._fixed or url in {self._usual, ""} or len(url) > _ADDRESS_CHARS:
            return
        if not _safe(url, self._api_scheme):
            return
        # Without a lock: a child forked while another thread holds one would wait for it for ever.
        self._learned.pop(sandbox_id, None)
        if len(self._learned) >= _REMEMBERED:
            for oldest in list(self._learned)[: len(self._learned) - _REMEMBERED + 1]:
                self._learned.pop(oldest, None)
        self._learned[sandbox_id] = url.rstrip("/")


# All sandboxes of a region name the same address.
@lru_cache(maxsize=64)
def _safe(url: str, api_scheme: str) -> bool:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return False
    if target.scheme not in {"https", api_scheme} or not target.host:
        return False
    return not (target.userinfo or target.query or target.fragment or "?" in url or "#" in url)


def _given(value: str | None, variable: str) -> str | None:
    return (value or "").strip() or os.environ.get(variable, "").strip() or None


def _url(name: str, text: str) -> str:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise ValueError(f"{name} is no URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"{name} must be an http or https URL")
    if url.userinfo or url.query or url.fragment:
        raise ValueError(f"{name} must have no user info, query or fragment")
    return text.rstrip("/")


def _positive(deadline_s: float | Mapping[str, float] | None) -> float | Mapping[str, float] | None:
    values = deadline_s.values() if isinstance(deadline_s, Mapping) else [deadline_s]
    if any(value is not None and not 0 < value < float("inf") for value in values):
        raise ValueError("a deadline is a positive number of seconds")
    return dict(deadline_s) if isinstance(deadline_s, Mapping) else deadline_s


def _not_negative(retries: int) -> int:
    if retries < 0:
        raise ValueError("retries cannot be negative")
    return retries


def _cap(max_download_bytes: int | None) -> int:
    if max_download_bytes is None:
        return DOWNLOAD_LIMIT_BYTES
    if not 0 <= max_download_bytes <= DOWNLOAD_LIMIT_BYTES:
        raise ValueError(f"max_download_bytes must be between 0 and {DOWNLOAD_LIMIT_BYTES}")
    return max_download_bytes
