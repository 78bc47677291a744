"""The subcommands: one for each action, and a few of the command line's own; each is imported when it is used."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .._version import __version__
from .outline import action_summaries
from .setup import GlobalOptions

if TYPE_CHECKING:
    from .forms import Form

_WAIT = "wait_until"
_JSON = "Print the normalised output as JSON, also that of a failure, and nothing else."


class ActionCommand(click.Command):
    """One action; its parameters are made when its help or its run needs them."""

    def __init__(self, action: str, summary: str) -> None:
        super().__init__(_dashed(action), help=summary, short_help=summary)
        self._action = action
        self._loaded = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, made from the action's."""
        if not self._loaded:
            form = _form(self._action)
            self.params = [*form.parameters, click.Option(["as_json", "--json"], is_flag=True, help=_JSON)]
            self.help = form.help
            self.callback = _callback(form)
            self._loaded = True
        return super().get_params(ctx)


class Commands(click.Group):
    """The actions by their names with dashes, then the command line's own commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*map(_dashed, (*action_summaries(), _WAIT)), *_OWN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name in _OWN:
            return _OWN[cmd_name]()
        if cmd_name == _dashed(_WAIT):
            return ActionCommand(_WAIT, "Wait until a sandbox is in a state.")
        actions = {_dashed(name): (name, summary) for name, summary in action_summaries().items()}
        return ActionCommand(*actions[cmd_name]) if cmd_name in actions else None


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _form(name: str) -> "Form":
    """Return an action's form: a special one where a shell has a better way, else the one its parameters give."""
    from ..actions import ACTIONS
    from ..actions.waiting import wait_until
    from .file_commands import download_form, upload_form
    from .forms import action_form
    from .program_commands import code_form, command_form
    from .sandbox_commands import clone_form, create_form, wait_form

    special = {
        "create_sandbox": create_form,
        "git_clone": clone_form,
        "execute_command": command_form,
        "run_code": code_form,
        "upload_file": upload_form,
        "download_file": download_form,
    }
    return wait_form(wait_until) if name == _WAIT else special.get(name, action_form)(ACTIONS[name])


def _callback(form: "Form") -> Callable[..., int]:
    @click.pass_obj
    def callback(options: GlobalOptions, /, *, as_json: bool, **values: Any) -> int:
        return form.run(options, as_json, values)

    return callback


def _schemas() -> click.Command:
    from .serve_commands import schemas

    return schemas


def _mcp() -> click.Command:
    from .serve_commands import McpCommand

    return McpCommand()


def _local() -> click.Command:
    from .serve_commands import local

    return local


def _doctor() -> click.Command:
    from .doctor import doctor

    return doctor


_OWN: dict[str, Callable[[], click.Command]] = {
    "schemas": _schemas,
    "mcp": _mcp,
    "local": _local,
    "doctor": _doctor,
}


@click.group(
    "daytona-facade",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The API key comes from DAYTONA_API_KEY, never from an option. DAYTONA_API_URL, DAYTONA_TOOLBOX_URL, "
    "DAYTONA_TARGET and DAYTONA_ORGANIZATION_ID are read as well. Exit codes: 0 success, 1 failure, 2 wrong usage; "
    "execute-command and run-code exit with the program's own code. "
    'Completion: eval "$(_DAYTONA_FACADE_COMPLETE=bash_source daytona-facade)"; also zsh_source, fish_source.',
)
@click.version_option(__version__, prog_name="daytona-facade")
@click.option("--local", is_flag=True, help="Use a backend on this machine that runs for this one command.")
@click.option(
    "--no-isolation",
    is_flag=True,
    help="Let --local run where sandboxes cannot be isolated: programs in them then run as your user.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Give up after this many seconds; each action has its own default.",
)
@click.pass_context
def commands(ctx: click.Context, *, local: bool, no_isolation: bool, deadline: float | None) -> None:
    """Run Daytona sandboxes from the shell: data on standard output, messages on standard error."""
    ctx.obj = GlobalOptions(local=local, isolated=not no_isolation, deadline_s=deadline)
