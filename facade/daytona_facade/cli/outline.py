"""The names and summaries of the actions, without importing them, which takes time."""

import ast
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_PACKAGE = __name__.rpartition(".cli.")[0]


def action_summaries() -> dict[str, str]:
    """Return each action's name and summary, from the registry if it is loaded, else from the source files."""
    if f"{_PACKAGE}.actions.action" not in sys.modules:
        try:
            return _read_sources(Path(__file__).parents[1] / "actions")
        except (OSError, SyntaxError):
            # The package is not a directory with sources, so the actions must be imported.
            pass
    actions: dict[str, Any] = import_module(f"{_PACKAGE}.actions").ACTIONS
    return {name: action.summary for name, action in actions.items()}


@cache
def _read_sources(directory: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in _source_files(directory):
        for node in ast.parse(source.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(map(_is_listed_action, node.decorator_list)):
                found[node.name] = (ast.get_docstring(node) or "").partition("\n")[0]
    if not found:
        raise OSError(f"no actions in {directory}")
    return found


def _source_files(directory: Path) -> list[Path]:
    """List the modules in the order of their import, which is the order of registration."""
    package = ast.parse((directory / "__init__.py").read_text("utf-8"))
    names = [
        alias.name
        for node in package.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module is None
        for alias in node.names
    ]
    return [directory / f"{name}.py" for name in names]


def _is_listed_action(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "action"
        and not any(keyword.arg == "listed" for keyword in decorator.keywords)
    )
