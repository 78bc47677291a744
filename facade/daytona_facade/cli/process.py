"""One run of the command line as a process: its signals, its streams and its exit code."""

import io
import os
import signal
import sys
from types import FrameType

import click

from .commands import commands

INTERRUPTED = 130
_TERMINATED = 143


def run() -> int:
    """Run the command line on this process's arguments and return the exit code."""
    # As an exception, so that what is half done is cleared away.
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(prog_name="daytona-facade", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except BrokenPipeError:
        # Nobody reads any more, and the interpreter's own flush at the end is not to complain of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(_TERMINATED)
