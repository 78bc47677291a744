"""``python -m daytona_facade.mcp``: the MCP server without the command line's extra."""

import argparse
import signal
import sys

from .serving import HOST, PORT, serve

_EPILOG = "The bearer token for HTTP is read from DAYTONA_MCP_TOKEN: other users could read it among the flags."


def main() -> int:
    """Serve as the flags say; what they say wrong is told on standard error, with exit code 2."""
    flags = argparse.ArgumentParser(
        prog="python -m daytona_facade.mcp", description="Serve the actions over MCP.", epilog=_EPILOG
    )
    flags.add_argument("--http", action="store_true", help="streamable HTTP instead of stdio")
    flags.add_argument("--host", default=HOST, help="address to listen on (%(default)s)")
    flags.add_argument("--port", type=int, default=PORT, help="port to listen on, 0 for a free one (%(default)s)")
    flags.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name that clients call it")
    flags.add_argument("--tools", metavar="A,B", help="offer these tools only")
    flags.add_argument("--read-only", action="store_true", help="offer only tools that change nothing")
    flags.add_argument("--downloads", metavar="DIR", help="save files that are too large for a model here")
    flags.add_argument("--local", action="store_true", help="run sandboxes on this machine, without an account")
    given = flags.parse_args()
    # As an exception, so that the local backend is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        serve(
            transport="http" if given.http else "stdio",
            host=given.host,
            port=given.port,
            allow_hosts=given.allow_host,
            tools=given.tools.split(",") if given.tools else None,
            read_only=given.read_only,
            downloads=given.downloads,
            local=given.local,
        )
    except (ValueError, ImportError, OSError) as exc:
        sys.stderr.write(f"{flags.prog}: {exc}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
