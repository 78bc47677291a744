"""The official SDK on the local backend, and a count of what of it passes."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conformance.official import Official
from daytona_facade.local import LocalDaytona


@pytest.fixture(scope="session")
def server() -> Iterator[LocalDaytona]:
    """Serve sandboxes for the official SDK."""
    with LocalDaytona() as backend:
        yield backend


@pytest.fixture(scope="session")
def shared_id(server: LocalDaytona) -> str:
    """Make the sandbox of all tests that leave it running."""
    headers = {"Authorization": f"Bearer {server.api_key}"}
    answer = httpx.post(f"{server.api_url}/sandbox", json={}, headers=headers, timeout=60)
    return str(answer.raise_for_status().json()["id"])


@pytest.fixture(params=["sync", "async"])
def official(
    request: pytest.FixtureRequest, server: LocalDaytona, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Official]:
    """Give each test both clients of the SDK, configured by the environment alone."""
    monkeypatch.setenv("DAYTONA_API_URL", server.api_url)
    monkeypatch.setenv("DAYTONA_API_KEY", server.api_key)
    if "default_mode" not in request.node.name:
        monkeypatch.setenv("DAYTONA_USE_DEPRECATED_POLLING", "true")
    with Official(request.param) as client:
        yield client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests run where nothing isolates sandboxes."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("default::daytona_facade.local.NoIsolationWarning"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many of the official SDK's calls pass."""
    counts = {
        outcome: sum("test_official" in report.nodeid for report in terminalreporter.stats.get(outcome, []))
        for outcome in ("passed", "failed", "error")
    }
    if total := sum(counts.values()):
        terminalreporter.write_line(f"official SDK on the local backend: {counts['passed']} of {total} pass")
