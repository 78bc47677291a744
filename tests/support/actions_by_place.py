"""Which action was seen to work in which place; printed at the end of a run."""

from typing import Any

from daytona_facade import ACTIONS

PLACES = ("python", "mcp-stdio", "mcp-http", "langchain", "pydantic-ai", "openai-agents", "cli")
_SEEN: set[tuple[str, str]] = set()


def record(action: str, place: str) -> None:
    """Note that an action worked in a place."""
    assert place in PLACES
    _SEEN.add((action, place))


def seen_in(place: str) -> set[str]:
    """Return the actions that worked in a place."""
    return {action for action, where in _SEEN if where == place}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a row for each action and a column for each place."""
    if not _SEEN:
        return
    terminalreporter.section("action x place")
    terminalreporter.write_line(" " * 18 + "".join(f"{place:>15}" for place in PLACES))
    for action in ACTIONS:
        cells = "".join(f"{'yes' if (action, place) in _SEEN else '-':>15}" for place in PLACES)
        terminalreporter.write_line(f"{action:<18}{cells}")
    done = sum(1 for action, _ in _SEEN if action in ACTIONS)
    terminalreporter.write_line(f"{done} of {len(ACTIONS) * len(PLACES)} were run here")
