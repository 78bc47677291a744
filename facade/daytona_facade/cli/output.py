"""What a command prints of an output: data on standard output, a failure on standard error."""

import json
import sys
from typing import Any

import click

from ..outputs import CreateSandboxOutput, Output
from .setup import printable

_SANDBOX = ("id", "name", "state", "snapshot", "target", "cpu", "memory", "disk", "created_at")
_FILE = ("mode", "owner", "group", "size", "modified_at", "name")
_COLUMNS = {"sandboxes": _SANDBOX, "files": _FILE}


def show(output: Output, *, as_json: bool) -> int:
    """Print an output and return the exit code: 0 for a success, 1 for a failure."""
    if as_json:
        sys.stdout.write(json.dumps(output.to_dict(), indent=2, ensure_ascii=False) + "\n")
    elif output.success:
        _show(output)
    else:
        click.echo(f"daytona-facade: {printable(output.error or 'failed')}", err=True)
    return 0 if output.success else 1


def _show(output: Output) -> None:
    if isinstance(output, CreateSandboxOutput) and output.sandbox is not None:
        sys.stdout.write(f"{output.sandbox.id}\n")
        return
    document = {name: value for name, value in output.to_dict().items() if name not in {"success", "error"}}
    for name, columns in _COLUMNS.items():
        if name in document:
            _show_rows(document[name], columns)
            if cursor := document.get("next_cursor"):
                click.echo(f"There are more: --cursor {cursor}", err=True)
            return
    if "result" in document:
        sys.stdout.write(document["result"] or "")
        return
    _show_fields(document.get("sandbox") or document)


def _show_rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if sys.stdout.isatty():
        # Imported for a terminal only, where its time is not noticed.
        from .table import show_table

        show_table(rows, columns)
        return
    for row in rows:
        sys.stdout.write("\t".join(_cell(row.get(column)) for column in columns) + "\n")


def _show_fields(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if value not in (None, {}, []):
            sys.stdout.write(f"{name}: {_cell(value)}\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
