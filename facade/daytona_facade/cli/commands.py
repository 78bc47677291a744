"""The commands: one for each action, and a few of the command line's own."""

from importlib import import_module

import click

from .._version import __version__
from .action import ActionCommand
from .outline import outlined
from .setup import Setup

WAIT = "wait_until"
_OWN = {
    "schemas": ".tools",
    "mcp": ".tools",
    "local": ".tools",
    "doctor": ".doctor",
}


class Commands(click.Group):
    """The actions by their names with dashes; nothing is imported before it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return [*map(_dashed, (*outlined(), WAIT)), *_OWN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name in _OWN:
            command: click.Command = getattr(import_module(_OWN[cmd_name], __package__), cmd_name)
            return command
        if cmd_name == _dashed(WAIT):
            return ActionCommand(WAIT, "Wait until a sandbox is in a state.")
        actions = {_dashed(name): (name, summary) for name, summary in outlined().items()}
        return ActionCommand(*actions[cmd_name]) if cmd_name in actions else None


def _dashed(name: str) -> str:
    return name.replace("_", "-")


@click.group(
    "daytona-facade",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The API key is read from DAYTONA_API_KEY, never from an option; DAYTONA_API_URL, DAYTONA_TOOLBOX_URL, "
    "DAYTONA_TARGET and DAYTONA_ORGANIZATION_ID are read as well. Exit codes: 0 success, 1 failure, 2 wrong usage; "
    "execute-command and run-code pass on the program's own. "
    'Completion: eval "$(_DAYTONA_FACADE_COMPLETE=bash_source daytona-facade)"; also zsh_source, fish_source.',
)
@click.version_option(__version__, prog_name="daytona-facade")
@click.option("--local", is_flag=True, help="Use a backend on this machine that lives for this one command.")
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Give up after this long; each action has its own default.",
)
@click.pass_context
def commands(ctx: click.Context, *, local: bool, deadline: float | None) -> None:
    """Run Daytona sandboxes from the shell: data on standard output, all else on standard error."""
    ctx.obj = Setup(local, deadline)
