"""Rows as a table on a terminal."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .setup import printable

_STYLES = {
    "started": "green",
    "stopped": "dim",
    "archived": "dim",
    "paused": "dim",
    "destroyed": "dim",
    "error": "bold red",
    "build_failed": "bold red",
}
_CHANGING = "yellow"
_LEFT_OUT = frozenset({"snapshot", "cpu", "memory", "disk"})
"""What a line of 80 characters has no room for; get-sandbox and --json have it."""


def show_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Print rows under their headings, states in colours; the environment's NO_COLOR is honoured."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    shown = [column for column in columns if column not in _LEFT_OUT]
    for column in shown:
        justify: Any = "right" if column == "size" else "left"
        heading = column.replace("_", " ")
        # Only names give way on a narrow terminal.
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=column != "name")
    for row in rows:
        table.add_row(*(_cell(column, row.get(column), row) for column in shown))
    Console(highlight=False).print(table)


def _cell(column: str, value: Any, row: dict[str, Any]) -> Text:
    text = "" if value is None else printable(value if isinstance(value, str) else json.dumps(value))
    if column.endswith("_at"):
        # To the minute: a terminal is narrow, and the rest is in the JSON.
        return Text(text[:16].replace("T", " "))
    if column == "state":
        return Text(text, _STYLES.get(text, _CHANGING))
    return Text(text, "blue" if column == "name" and row.get("is_dir") else "")
