"""Commands that serve: tool schemas, the MCP server, the local backend."""

import json
from typing import TYPE_CHECKING, Any

import click

from .setup import CommandError, ConfigurationError, GlobalOptions, require_local_platform
from .terminal import print_text

if TYPE_CHECKING:
    from ..mcp.flags import Flag


@click.command(short_help="Print the actions' schemas, or a vendor's tool definitions.")
@click.argument(
    "vendor",
    required=False,
    help="openai, openai-responses, anthropic, mcp or gemini; the plain schemas if omitted.",
)
@click.option("--actions", metavar="A,B", help="Print only these actions.")
@click.option("--read-only", is_flag=True, help="Print only actions that change nothing.")
def schemas(*, vendor: str | None, actions: str | None, read_only: bool) -> None:
    """Print the actions as JSON: tool definitions for a vendor, or the schemas of their inputs and outputs."""
    from ..tools import select_actions, tool_schemas

    names = _names(actions)
    try:
        document: Any = {
            action.name: {"input": action.input_schema, "output": action.output_schema}
            for action in select_actions(names, read_only=read_only)
        }
        if vendor is not None:
            vendor_name: Any = vendor
            document = tool_schemas(vendor_name, actions=names, read_only=read_only)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from None
    print_text(json.dumps(document, indent=2) + "\n")


class McpCommand(click.Command):
    """The MCP server; its options come from the server's own table, which needs the extra ``mcp``."""

    def __init__(self) -> None:
        super().__init__("mcp", short_help="Serve the actions over MCP.", callback=_serve_mcp)
        self._loaded = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options, made from the server's flags."""
        if not self._loaded:
            try:
                from ..mcp.flags import DESCRIPTION, EPILOG, FLAGS
            except ImportError as exc:
                raise ConfigurationError(str(exc)) from None
            self.params = [_option(flag) for flag in FLAGS]
            self.help = f"{DESCRIPTION}\n\n{EPILOG}"
            self._loaded = True
        return super().get_params(ctx)


def _option(flag: "Flag") -> click.Option:
    if flag.metavar is None:
        return click.Option([flag.name], is_flag=True, help=flag.help)
    return click.Option([flag.name], type=flag.convert, metavar=flag.metavar, multiple=flag.repeatable, help=flag.help)


@click.pass_obj
def _serve_mcp(options: GlobalOptions, /, **values: Any) -> None:
    from ..mcp import serve
    from ..mcp.flags import serve_arguments

    values["local"] = values["local"] or options.local
    values["no_isolation"] = values["no_isolation"] or not options.isolated
    if values["local"]:
        require_local_platform()
    try:
        serve(**serve_arguments(values))
    except (ValueError, ImportError) as exc:
        raise ConfigurationError(str(exc)) from None
    except (OSError, RuntimeError) as exc:
        raise CommandError(str(exc)) from None


@click.command(
    short_help="Serve Daytona's API on this machine.",
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
)
@click.argument("flags", nargs=-1, type=click.UNPROCESSED)
def local(*, flags: tuple[str, ...]) -> int:
    """Serve Daytona's API on this machine, and print the settings for a client as shell lines; see --help."""
    require_local_platform()
    try:
        from ..local.command import main
    except ImportError as exc:
        raise ConfigurationError(str(exc)) from None
    return main(list(flags))


def _names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]
