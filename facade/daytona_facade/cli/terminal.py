"""What a command prints: data on standard output; failures and progress on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.text import Text

    from ..outputs import Output

_COLUMNS = {
    "sandboxes": ("id", "name", "state", "snapshot", "target", "cpu", "memory", "disk", "created_at"),
    "files": ("mode", "owner", "group", "size", "modified_at", "name"),
}
_TABLE_OMITS = frozenset({"snapshot", "cpu", "memory", "disk"})
"""Columns that do not fit into 80 characters; get-sandbox and --json have them."""
_STATE_STYLES = {
    "started": "green",
    "stopped": "dim",
    "archived": "dim",
    "paused": "dim",
    "destroyed": "dim",
    "error": "bold red",
    "build_failed": "bold red",
}
_TRANSITION_STYLE = "yellow"


def printable(text: str) -> str:
    """Replace characters that would move a terminal's cursor or change its colours."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def print_text(text: str) -> None:
    """Print text to standard output as it is."""
    sys.stdout.write(text)


def print_message(text: str) -> None:
    """Print one line to standard error."""
    click.echo(f"daytona-facade: {printable(text)}", err=True)


def print_output(output: "Output", *, as_json: bool) -> int:
    """Print an output and return the exit code: 0 for a success, 1 for a failure."""
    if as_json:
        print_text(json.dumps(output.to_dict(), indent=2, ensure_ascii=False) + "\n")
    elif output.success:
        _print_success(output)
    else:
        print_message(output.error or "failed")
    return 0 if output.success else 1


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show that a call is running, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    # Imported for a terminal only, because importing takes time.
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(printable(text))):
        yield


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show how far a transfer is, if standard error is a terminal; yields the function to report bytes to."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(printable(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_success(output: "Output") -> None:
    document = {name: value for name, value in output.to_dict().items() if name not in {"success", "error"}}
    for name, columns in _COLUMNS.items():
        if name in document:
            _print_rows(document[name], columns)
            if cursor := document.get("next_cursor"):
                click.echo(f"There are more: --cursor {cursor}", err=True)
            return
    if "result" in document:
        print_text(document["result"] or "")
        return
    for name, value in (document.get("sandbox") or document).items():
        if value not in (None, {}, []):
            print_text(f"{name}: {_cell(value)}\n")


def _print_rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if sys.stdout.isatty():
        _print_table(rows, [column for column in columns if column not in _TABLE_OMITS])
        return
    for row in rows:
        print_text("\t".join(_cell(row.get(column)) for column in columns) + "\n")


def _print_table(rows: list[dict[str, Any]], columns: list[str]) -> None:
    """Print rows under headings, with states in colour unless NO_COLOR is set."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Any = "right" if column == "size" else "left"
        # Only names are folded on a narrow terminal.
        table.add_column(column.replace("_", " "), justify=justify, overflow="fold", no_wrap=column != "name")
    for row in rows:
        table.add_row(*(_table_cell(column, row) for column in columns))
    Console(highlight=False).print(table)


def _table_cell(column: str, row: dict[str, Any]) -> "Text":
    from rich.text import Text

    text = _cell(row.get(column))
    if column.endswith("_at"):
        # To the minute, because a terminal is narrow.
        return Text(text[:16].replace("T", " "))
    if column == "state":
        return Text(text, _STATE_STYLES.get(text, _TRANSITION_STYLE))
    return Text(text, "blue" if column == "name" and row.get("is_dir") else "")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
