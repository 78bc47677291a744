"""The flags of the MCP server: one table, from which each command line makes its parser."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

HOST = "127.0.0.1"
PORT = 8765
DESCRIPTION = "Serve the actions over MCP on standard input and output, or on HTTP at /mcp."
EPILOG = "The bearer token for HTTP comes from DAYTONA_MCP_TOKEN, because other users can see a process's flags."


class Flag(NamedTuple):
    """One flag; without a metavar it is a switch, which takes no value."""

    name: str
    help: str
    metavar: str | None = None
    convert: Callable[[str], Any] = str
    repeatable: bool = False


def port(text: str) -> int:
    """Convert the number of a port."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(f"{number} is not in the range 0 to 65535")
    return number


FLAGS = (
    Flag("--http", "Serve streamable HTTP instead of standard input and output."),
    Flag(
        "--host", f"Address to listen on; {HOST} if omitted. Beyond loopback, DAYTONA_MCP_TOKEN is required.", "ADDRESS"
    ),
    Flag("--port", f"Port to listen on; 0 for a free one, {PORT} if omitted.", "PORT", port),
    Flag("--allow-host", "A host name that clients use for this server; repeat it for more.", "NAME", repeatable=True),
    Flag("--tools", "Offer only these actions.", "A,B"),
    Flag("--read-only", "Offer only actions that change nothing."),
    Flag("--downloads", "Save files that are not shown whole in this directory.", "DIRECTORY"),
    Flag("--structured-content", "Send whole outputs as structured content, for programs that want JSON."),
    Flag("--caller-key", "Over HTTP, use each caller's bearer token as its Daytona API key."),
    Flag("--stateless", "Over HTTP, keep no sessions, so that many processes can serve behind a load balancer."),
    Flag("--local", "Run sandboxes on this machine, without an account."),
    Flag("--no-isolation", "Let --local run where sandboxes cannot be isolated: programs then run as your user."),
)


def serve_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Make the keyword arguments of ``serve`` from the flags' values; ``None`` is a flag that was not given."""
    arguments = {name: value for name, value in values.items() if value is not None}
    if arguments.pop("http", False):
        arguments["transport"] = "http"
    if "allow_host" in arguments:
        arguments["allow_hosts"] = arguments.pop("allow_host")
    if "tools" in arguments:
        names = arguments["tools"].split(",")
        arguments["tools"] = [name.strip().replace("-", "_") for name in names if name.strip()]
    return arguments
