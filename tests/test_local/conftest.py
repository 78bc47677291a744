"""A server for the tests of the backend itself, and the tables that they print."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daytona_facade.local import LocalDaytona
from test_local.rows import NOT_SERVED, ROWS, every_row
from test_local.wire import Wire


@pytest.fixture(scope="session")
def server() -> Iterator[LocalDaytona]:
    """Serve sandboxes as they are served to a user."""
    with LocalDaytona() as backend:
        yield backend


@pytest.fixture(scope="session")
def slow_server() -> Iterator[LocalDaytona]:
    """Serve sandboxes whose changes of state last, and answer without waiting for them."""
    with LocalDaytona(transition_seconds=0.4, wait_seconds=0) as backend:
        yield backend


@pytest.fixture
def wire(server: LocalDaytona) -> Iterator[Wire]:
    """Speak raw HTTP to the server."""
    with Wire(server) as client:
        yield client


@pytest.fixture
def slow(slow_server: LocalDaytona) -> Iterator[Wire]:
    """Speak raw HTTP to the server whose changes last."""
    with Wire(slow_server) as client:
        yield client


@pytest.fixture(scope="module")
def shared(server: LocalDaytona) -> Iterator[Wire]:
    """Speak raw HTTP to the server, with one sandbox for the tests of a module."""
    with Wire(server) as client:
        client.box = client.made()
        yield client


@pytest.fixture
def isolated(server: LocalDaytona) -> None:
    """Skip where sandboxes are not isolated."""
    if not server.isolation.endswith("bubblewrap"):
        pytest.skip(server.isolation)


@pytest.fixture(autouse=True)
def rows_named(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Hand the rows that a test covers to the table."""
    for row in getattr(request.function, "wire_rows", ()):
        record_property("wire_row", row)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests run where nothing isolates sandboxes."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("default::daytona_facade.local.NoIsolationWarning"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which rows of the wire are covered, and the figures that tests have measured."""
    passed: set[str] = set()
    failed: set[str] = set()
    figures: list[str] = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == "wire_row":
                    (passed if outcome == "passed" else failed).add(value)
                elif name == "figure":
                    figures.append(value)
    proven = [row for row in every_row() if row in passed - failed]
    if proven:
        sections = Counter(row.split(":")[0] for row in proven)
        terminalreporter.section("rows of the wire on the local backend")
        for section, rows in ROWS.items():
            terminalreporter.write_line(f"{section:<13} {sections[section]:>3} of {len(rows):>3}")
        terminalreporter.write_line(
            f"{'together':<13} {len(proven):>3} of {len(every_row()):>3}; {len(NOT_SERVED)} rows cannot be served:"
        )
        for row, reason in NOT_SERVED.items():
            terminalreporter.write_line(f"  {row} ({reason})")
    for figure in dict.fromkeys(figures):
        terminalreporter.write_line(figure)
