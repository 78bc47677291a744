"""A subcommand made of an action: its parameters are read when they are needed."""

from typing import Any

import click

from .setup import Setup


class ActionCommand(click.Command):
    """One action; making it costs nothing, its help and its run import the actions."""

    def __init__(self, action: str, summary: str) -> None:
        super().__init__(action.replace("_", "-"), help=summary, short_help=summary)
        self._action = action
        self._loaded = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, made of the action's."""
        if not self._loaded:
            from .forms import form

            made = form(self._action)
            self.params = [*made.parameters, click.Option(["as_json", "--json"], is_flag=True, help=_JSON)]
            self.help = made.help
            self.callback = _called(made.run)
            self._loaded = True
        return super().get_params(ctx)


_JSON = "Print the normalised output as JSON, of a failure as well, and nothing else."


def _called(run: Any) -> Any:
    @click.pass_obj
    def callback(setup: Setup, /, *, as_json: bool, **given: Any) -> int:
        exit_code: int = run(setup, as_json, given)
        return exit_code

    return callback
