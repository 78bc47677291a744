"""What the whole suite shares: a clean environment, one local backend, and callers that drive sync and async alike."""

import os
import signal
from collections.abc import Iterator

import pytest

from daytona_facade.local import LocalDaytona
from support import actions_by_place, schema_guard
from support.callers import AsyncCaller, Caller, SyncCaller


def pytest_configure(config: pytest.Config) -> None:
    """Let the modules that count things print their summaries."""
    for module in (actions_by_place, schema_guard):
        config.pluginmanager.register(module)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start the local backend, and those that need its sandboxes to be isolated."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "local_daytona" in names:
            item.add_marker("backend")
        if "isolated" in names:
            item.add_marker("bubblewrap")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own Daytona and proxy settings from every test."""
    for name in list(os.environ):
        if name.startswith("DAYTONA_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, here and in child processes: a shell's background job inherits it ignored."""
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, inherited)


@pytest.fixture(scope="session")
def local_backend(local_daytona: LocalDaytona) -> LocalDaytona:
    """Serve sandboxes on this machine for the whole run: the plugin's own server."""
    return local_daytona


@pytest.fixture(params=["sync", "async"])
def caller_class(request: pytest.FixtureRequest) -> type[Caller]:
    """Give each test both drivers."""
    return SyncCaller if request.param == "sync" else AsyncCaller


@pytest.fixture
def on_backend(caller_class: type[Caller], local_backend: LocalDaytona) -> Iterator[Caller]:
    """Call the actions on the local backend; what a test leaves behind is deleted."""
    caller = caller_class(**local_backend.client_options())
    with caller:
        yield caller
        for sandbox_id in caller.created:
            caller("delete_sandbox", sandbox_id)


@pytest.fixture
def sandbox_id(on_backend: Caller) -> str:
    """Make a started sandbox."""
    return on_backend.started_sandbox()
