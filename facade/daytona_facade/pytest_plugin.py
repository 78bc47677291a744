"""Fixtures for the tests of programs that use Daytona: sandboxes on this machine, no account and no network.

``local_daytona`` is a server for the whole run; ``daytona`` and ``async_daytona`` are clients of it. Needs the extra
``local``; pytest loads this module by itself once the package is installed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .client import AsyncDaytona, Daytona
    from .local import LocalDaytona


def _asynchronous() -> Callable[..., Any]:
    """Pick the decorator for asynchronous fixtures: pytest-asyncio's, or pytest's own for anyio."""
    if importlib.util.find_spec("pytest_asyncio") is None:
        return pytest.fixture
    import pytest_asyncio

    return pytest_asyncio.fixture


@pytest.fixture(scope="session")
def local_daytona() -> Iterator[LocalDaytona]:
    """Serve sandboxes on this machine for the whole run."""
    from .local import LocalDaytona

    with LocalDaytona() as backend:
        yield backend


@pytest.fixture
def daytona(local_daytona: LocalDaytona) -> Iterator[Daytona]:
    """Give a client of the local server."""
    from .client import Daytona

    server = local_daytona
    with Daytona(**server.client_options()) as client:
        yield client


@_asynchronous()
async def async_daytona(local_daytona: LocalDaytona) -> AsyncIterator[AsyncDaytona]:
    """Give an asynchronous client of the local server."""
    from .client import AsyncDaytona

    server = local_daytona
    async with AsyncDaytona(**server.client_options()) as client:
        yield client
