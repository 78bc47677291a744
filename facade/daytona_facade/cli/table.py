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
_NUMBERS = frozenset({"cpu", "memory", "disk", "size"})


def show_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Print rows under their headings, states in colours; the environment's NO_COLOR is honoured."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        whole = column in {"id", "name"}
        justify: Any = "right" if column in _NUMBERS else "left"
        table.add_column(column.replace("_", " "), justify=justify, overflow="fold", no_wrap=not whole)
    for row in rows:
        table.add_row(*(_cell(column, row.get(column), row) for column in columns))
    Console(highlight=False).print(table)


def _cell(column: str, value: Any, row: dict[str, Any]) -> Text:
    text = "" if value is None else printable(value if isinstance(value, str) else json.dumps(value))
    if column == "state":
        return Text(text, _STYLES.get(text, _CHANGING))
    return Text(text, "blue" if column == "name" and row.get("is_dir") else "")
