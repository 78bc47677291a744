"""Probe: what it takes to be ready to call. ``python probe_start.py SUBJECT``."""

import sys
from typing import Any

from meter import KEY, memory_mb, metered, tell, without_pybase64


def bare() -> Any:
    """Do nothing."""


def lazy() -> Any:
    """Import the package alone."""
    import daytona_facade

    return daytona_facade


def httpx_attrs() -> Any:
    """Import what the library stands on."""
    import attrs
    import httpx

    return httpx, attrs


def facade() -> Any:
    """Make a client of the library."""
    from daytona_facade import Daytona

    return Daytona(api_key=KEY)


def official() -> Any:
    """Make a client of the official SDK."""
    from daytona import Daytona, DaytonaConfig

    return Daytona(DaytonaConfig(api_key=KEY))


def e2b() -> Any:
    """Import another vendor's sandbox class."""
    from e2b import Sandbox

    return Sandbox


SUBJECTS = {"bare": bare, "lazy": lazy, "httpx_attrs": httpx_attrs, "facade": facade, "official": official, "e2b": e2b}

if __name__ == "__main__":
    without_pybase64()
    figures: dict[str, Any] = {}
    with metered(figures):
        kept = SUBJECTS[sys.argv[1]]()
    tell(figures | {"rss_mb": memory_mb("VmRSS"), "peak_mb": memory_mb("VmHWM"), "httpx": "httpx" in sys.modules})
