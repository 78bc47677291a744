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


def facade_call() -> Any:
    """Import, make a client and get a sandbox."""
    import subjects

    return subjects.facade(int(sys.argv[2]))["get"]()


def httpx_call() -> Any:
    """Do the same with bare httpx."""
    import subjects

    return subjects.httpx(int(sys.argv[2]))["get"]()


def official_call() -> Any:
    """Do the same with the official SDK."""
    import subjects

    return subjects.official_client(int(sys.argv[2])).get(subjects.SANDBOX)


def e2b() -> Any:
    """Import another vendor's sandbox class."""
    from e2b import Sandbox

    return Sandbox


SUBJECTS = {
    subject.__name__: subject
    for subject in (bare, lazy, httpx_attrs, facade, official, facade_call, httpx_call, official_call, e2b)
}

if __name__ == "__main__":
    without_pybase64()
    figures: dict[str, Any] = {}
    with metered(figures):
        kept = SUBJECTS[sys.argv[1]]()
    tell(figures | {"rss_mb": memory_mb("VmRSS"), "peak_mb": memory_mb("VmHWM"), "httpx": "httpx" in sys.modules})
