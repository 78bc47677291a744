"""The names and summaries of the actions, without what it costs to import them."""

import ast
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_PACKAGE = __name__.rpartition(".cli.")[0]


def outlined() -> dict[str, str]:
    """Return each action's name and summary: of the register where it is loaded, else as read from the source."""
    if f"{_PACKAGE}.actions.action" not in sys.modules:
        try:
            return _read(Path(__file__).parents[1] / "actions")
        except (OSError, SyntaxError):
            # The package is not a directory with sources: the cheap way is not open.
            pass
    actions: dict[str, Any] = import_module(f"{_PACKAGE}.actions").ACTIONS
    return {name: action.summary for name, action in actions.items()}


@cache
def _read(directory: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in _in_order(directory):
        for node in ast.parse(source.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(map(_registers, node.decorator_list)):
                found[node.name] = (ast.get_docstring(node) or "").partition("\n")[0]
    if not found:
        raise OSError(f"no actions in {directory}")
    return found


def _in_order(directory: Path) -> list[Path]:
    """List the modules as the package imports them, which is the order in which they register."""
    package = ast.parse((directory / "__init__.py").read_text("utf-8"))
    names = [
        alias.name
        for node in package.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module is None
        for alias in node.names
    ]
    return [directory / f"{name}.py" for name in names]


def _registers(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "action"
        and not any(keyword.arg == "listed" for keyword in decorator.keywords)
    )
