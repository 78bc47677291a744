"""One client's configuration, and what its calls share."""

import os
from collections.abc import Mapping
from typing import Self

import attrs

from .. import limits
from .._version import __version__
from .addresses import API_URL, Addresses, checked_url


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
        """Read the arguments, and the ``DAYTONA_*`` variable of each that is ``None``; ``ValueError`` for a bad one."""
        key = _read(api_key, "DAYTONA_API_KEY")
        if key is None:
            if api_key is not None:
                raise ValueError("the Daytona API key is empty; DAYTONA_API_KEY is read only if api_key is None")
            raise ValueError("a Daytona API key is needed: pass api_key or set DAYTONA_API_KEY")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ValueError("the Daytona API key has characters that no key has")
        api = _read(api_url, "DAYTONA_API_URL") or (API_URL if api_url is None else "")
        toolbox = _read(toolbox_url, "DAYTONA_TOOLBOX_URL")
        organization = _read(organization_id, "DAYTONA_ORGANIZATION_ID")
        if organization and not (organization.isascii() and organization.isprintable()):
            raise ValueError("the organization ID has characters that no ID has")
        return cls(
            api_key=key,
            api_url=checked_url("api_url", api),
            toolbox_url=checked_url("toolbox_url", toolbox) if toolbox else None,
            target=_read(target, "DAYTONA_TARGET"),
            organization_id=organization,
            deadline_s=_positive(deadline_s),
            retries=_not_negative(retries),
            max_download_bytes=_cap(max_download_bytes),
        )

    def evolve(
        self,
        *,
        deadline_s: float | Mapping[str, float] | None = None,
        retries: int | None = None,
        max_download_bytes: int | None = None,
    ) -> Self:
        """Return a copy with the arguments that are not ``None`` changed."""
        return attrs.evolve(
            self,
            deadline_s=self.deadline_s if deadline_s is None else _positive(deadline_s),
            retries=self.retries if retries is None else _not_negative(retries),
            max_download_bytes=self.max_download_bytes if max_download_bytes is None else _cap(max_download_bytes),
        )


class Session:
    """What the calls of one client share: its settings, the addresses it has learned, its headers."""

    def __init__(self, settings: Settings, addresses: Addresses | None = None) -> None:
        self.settings = settings
        self.addresses = addresses or Addresses(settings.api_url, settings.toolbox_url)
        self.headers = {
            "Accept": "*/*",
            "Authorization": f"Bearer {settings.api_key}",
            "User-Agent": f"daytona-facade/{__version__}",
            "X-Daytona-Source": "daytona-facade",
        }
        if settings.organization_id:
            self.headers["X-Daytona-Organization-ID"] = settings.organization_id


def _read(value: str | None, variable: str) -> str | None:
    """Return an argument, or the variable if there is none; an empty one counts as not set."""
    # An empty argument does not fall back: a tenant without a key must not get the platform's.
    return (os.environ.get(variable, "") if value is None else value).strip() or None


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
        return limits.DOWNLOAD_BYTES
    if not 0 <= max_download_bytes <= limits.DOWNLOAD_BYTES:
        raise ValueError(f"max_download_bytes must be between 0 and {limits.DOWNLOAD_BYTES}")
    return max_download_bytes
