"""Actions that take a while before they answer: create a sandbox, wait for one, clone into one."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import click

from ..actions import Action
from ..actions.waiting import wait_until
from ..client import Daytona
from ..outputs import CreateSandboxOutput
from .forms import Form, action_help, action_parameters, run_action
from .options import action_arguments
from .setup import GlobalOptions
from .terminal import print_output, print_text, spinner

_WAIT_S = 60


def create_form(action: Action[..., Any]) -> Form:
    """``create-sandbox --wait``: prints the ID, when asked after the sandbox has started."""
    wait = click.Option(
        ["--wait"],
        is_flag=True,
        help=f"Return only when the sandbox has started; gives up after {_WAIT_S} s, or after --deadline.",
    )

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        arguments = action_arguments(action.parameters, values)
        started = time.monotonic()
        with options.client() as client, spinner("Creating the sandbox"):
            output = action.run(client, **arguments)
            if values["wait"] and output.success:
                end = None if options.deadline_s is None else started + options.deadline_s
                output = _wait(client, output, end)
        if output.sandbox is not None and not as_json:
            print_text(f"{output.sandbox.id}\n")
            return 0 if output.success else print_output(output, as_json=False)
        return print_output(output, as_json=as_json)

    note = "Prints the sandbox's ID. Without --wait, use wait-until before the first command."
    return Form([*action_parameters(action), wait], action_help(action, note), run)


def _wait(client: Daytona, created: CreateSandboxOutput, end: float | None) -> CreateSandboxOutput:
    """Wait for a new sandbox until the end of the deadline; without one, for the usual time."""
    if created.sandbox is None or created.sandbox.id is None:
        return created
    left = _WAIT_S if end is None else max(end - time.monotonic(), 0.001)
    waited = wait_until.run(client.with_options(deadline_s=left), created.sandbox.id, timeout=math.ceil(left))
    # A sandbox that does not start exists all the same: its ID is needed to delete it.
    return CreateSandboxOutput(
        success=waited.success,
        error=waited.error,
        failure=waited.failure,
        sandbox=waited.sandbox or created.sandbox,
    )


def wait_form(action: Action[..., Any]) -> Form:
    """``wait-until SANDBOX``."""
    return _spinning(action, lambda values: f"Waiting for {values['sandbox_id']}")


def clone_form(action: Action[..., Any]) -> Form:
    """``git-clone SANDBOX URL PATH``."""
    # Not the URL: it may hold a password.
    return _spinning(action, lambda values: f"Cloning into {values['path']}")


def _spinning(action: Action[..., Any], text: Callable[[Mapping[str, Any]], str]) -> Form:
    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        with spinner(text(values)):
            output = run_action(action, options, values)
        return print_output(output, as_json=as_json)

    return Form(action_parameters(action), action_help(action), run)
