"""How an action looks on the command line: its parameters, its help, and its run."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs
import click

from ..actions import ACTIONS, Action
from ..actions.waiting import wait_until
from .options import arguments, option_of, plain
from .output import show
from .setup import Setup

Run: TypeAlias = Callable[[Setup, bool, Mapping[str, Any]], int]
"""Takes the options before the subcommand, whether JSON is wanted, and the subcommand's; returns the exit code."""


@attrs.frozen
class Form:
    """One action on the command line."""

    parameters: list[click.Parameter]
    help: str
    run: Run


def form(name: str) -> Form:
    """Return the form of an action: one of its own where a shell has a better way, else what its parameters give."""
    from .files import download_form, upload_form
    from .programs import code_form, command_form

    special: dict[str, Callable[[Action[..., Any]], Form]] = {
        "execute_command": command_form,
        "run_code": code_form,
        "upload_file": upload_form,
        "download_file": download_form,
    }
    action = wait_until if name == wait_until.name else ACTIONS[name]
    return special.get(name, _form)(action)


def described(action: Action[..., Any], *more: str) -> str:
    """Return an action's description for a terminal."""
    lines = plain(action.description).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("Operation: ")).strip()
    return "\n\n".join([text, *more])


def options(action: Action[..., Any], *without: str) -> list[click.Parameter]:
    """Make the arguments and options of an action's parameters, but for those that have a form of their own."""
    wanted = [parameter for parameter in action.parameters if parameter.name not in without]
    return [made for parameter in wanted for made in option_of(action.name, parameter)]


def called(action: Action[..., Any], setup: Setup, given: Mapping[str, Any]) -> Any:
    """Run an action on what was given on the command line."""
    with setup.client() as client:
        return action.run(client, **arguments(action.parameters, given))


def _form(action: Action[..., Any]) -> Form:
    def run(setup: Setup, as_json: bool, given: Mapping[str, Any]) -> int:
        return show(called(action, setup, given), as_json=as_json)

    return Form(options(action), described(action, *_NOTES.get(action.name, ())), run)


_NOTES = {
    "create_sandbox": ("Prints the ID; wait-until waits until it can be used.",),
    "list_sandboxes": (
        "Without a terminal tab-separated: id, name, state, snapshot, target, cpu, memory, disk, created_at.",
    ),
    "list_files": ("Without a terminal tab-separated: mode, owner, group, size, modified_at, name.",),
}
