"""``python -m daytona_facade.mcp``: the MCP server without the command line's extra."""

import argparse
import signal
import sys

from .flags import DESCRIPTION, EPILOG, FLAGS, serve_arguments
from .serving import serve


def main() -> int:
    """Serve as the flags say; wrong flags are reported on standard error, with exit code 2."""
    values = vars(_parser().parse_args())
    # As an exception, so that the local backend is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        serve(**serve_arguments(values))
    except (ValueError, ImportError, OSError, RuntimeError) as exc:
        sys.stderr.write(f"python -m daytona_facade.mcp: {exc}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m daytona_facade.mcp", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False
    )
    for flag in FLAGS:
        if flag.metavar is None:
            parser.add_argument(flag.name, action="store_true", help=flag.help)
        else:
            action = "append" if flag.repeatable else "store"
            parser.add_argument(flag.name, action=action, type=flag.convert, metavar=flag.metavar, help=flag.help)
    return parser


if __name__ == "__main__":
    sys.exit(main())
