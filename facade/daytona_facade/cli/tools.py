"""Commands that serve: tool schemas, the MCP server, the local backend."""

import json
import sys
from typing import Any

import click

from .setup import Failed, Misconfigured, Setup


@click.command(short_help="Print the actions' schemas, or a vendor's tool definitions.")
@click.argument(
    "vendor",
    required=False,
    help="openai, openai-responses, anthropic, mcp or gemini; the plain schemas when left out.",
)
@click.option("--actions", metavar="A,B", help="Only these actions.")
@click.option("--read-only", is_flag=True, help="Only actions that change nothing.")
def schemas(*, vendor: str | None, actions: str | None, read_only: bool) -> None:
    """Print the actions as JSON: their tool definitions for a vendor, or the schemas of what they take and return."""
    from ..tools import chosen, tool_schemas

    names = _names(actions)
    try:
        wanted: Any = {
            action.name: {"input": action.input_schema, "output": action.output_schema}
            for action in chosen(names, read_only=read_only)
        }
        if vendor is not None:
            known: Any = vendor
            wanted = tool_schemas(known, actions=names, read_only=read_only)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from None
    sys.stdout.write(json.dumps(wanted, indent=2) + "\n")


@click.command(short_help="Serve the actions over MCP.")
@click.option("--http", is_flag=True, help="Streamable HTTP instead of standard input and output.")
@click.option("--host", help="Address to listen on; loopback when left out. Beyond it DAYTONA_MCP_TOKEN is required.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 is a free one.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name by which clients call the server.")
@click.option("--tools", metavar="A,B", help="Offer only these actions.")
@click.option("--read-only", is_flag=True, help="Offer only actions that change nothing.")
@click.option("--downloads", metavar="DIRECTORY", help="Save files that are too large for a model here.")
@click.option("--local", is_flag=True, help="Run sandboxes on this machine, without an account.")
@click.pass_obj
def mcp(setup: Setup, /, *, http: bool, allow_host: tuple[str, ...], tools: str | None, **given: Any) -> None:
    """Serve the actions over MCP on standard input and output, or on HTTP at /mcp.

    The bearer token for HTTP is read from DAYTONA_MCP_TOKEN, never from an option.
    """
    try:
        from ..mcp import serve
    except ImportError as exc:
        raise Misconfigured(str(exc)) from None
    given["local"] = given["local"] or setup.local
    given = {name: value for name, value in given.items() if value is not None}
    try:
        serve(transport="http" if http else "stdio", allow_hosts=allow_host, tools=_names(tools), **given)
    except (ValueError, ImportError) as exc:
        raise Misconfigured(str(exc)) from None
    except OSError as exc:
        raise Failed(str(exc)) from None


@click.command(
    short_help="Serve a Daytona of this machine.",
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
)
@click.argument("flags", nargs=-1, type=click.UNPROCESSED)
def local(*, flags: tuple[str, ...]) -> int:
    """Serve Daytona's API on this machine, and print what a client needs as lines for a shell; see --help."""
    try:
        from ..local.command import main
    except ImportError as exc:
        raise Misconfigured(str(exc)) from None
    return main(list(flags))


def _names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]
