"""How an action looks on the command line: its parameters, its help, and its run."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs
import click

from ..actions import Action
from .options import action_arguments, click_parameters, without_markup
from .setup import GlobalOptions
from .terminal import print_output

Run: TypeAlias = Callable[[GlobalOptions, bool, Mapping[str, Any]], int]
"""Takes the options before the subcommand, ``--json``, and the subcommand's values; returns the exit code."""

_NOTES = {
    "list_sandboxes": (
        "Without a terminal, prints tab-separated lines: id, name, state, snapshot, target, cpu, memory, disk, "
        "created_at."
    ),
    "list_files": "Without a terminal, prints tab-separated lines: mode, owner, group, size, modified_at, name.",
}


@attrs.frozen
class Form:
    """One action on the command line."""

    parameters: list[click.Parameter]
    help: str
    run: Run


def action_form(action: Action[..., Any]) -> Form:
    """Return the form that an action's own parameters give."""

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        return print_output(run_action(action, options, values), as_json=as_json)

    notes = (_NOTES[action.name],) if action.name in _NOTES else ()
    return Form(action_parameters(action), action_help(action, *notes), run)


def action_help(action: Action[..., Any], *notes: str) -> str:
    """Return an action's description as text for a terminal, followed by notes."""
    lines = without_markup(action.description).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("Operation: ")).strip()
    return "\n\n".join([text, *notes])


def action_parameters(action: Action[..., Any], *exclude: str) -> list[click.Parameter]:
    """Make the arguments and options for an action's parameters, except the excluded ones."""
    parameters = [parameter for parameter in action.parameters if parameter.name not in exclude]
    return [made for parameter in parameters for made in click_parameters(action.name, parameter)]


def run_action(action: Action[..., Any], options: GlobalOptions, values: Mapping[str, Any]) -> Any:
    """Run an action with the values from the command line."""
    arguments = action_arguments(action.parameters, values)
    with options.client() as client:
        return action.run(client, **arguments)
