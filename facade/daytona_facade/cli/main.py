"""One run of the command line as a process: its signals, its streams and its exit code."""

import io
import os
import signal
import sys
from importlib.util import find_spec
from types import FrameType

_REQUIRED = ("click", "rich")
_INTERRUPTED = 130
_TERMINATED = 143


def main() -> int:
    """Run the command line on this process's arguments and return the exit code."""
    missing = [name for name in _REQUIRED if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}, which is not installed. "
            "Run: pip install 'daytona-facade[cli]'\n"
        )
        return 2
    # As an exception, so that temporary files and the local backend are removed.
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return _run()


def _run() -> int:
    import click

    from .commands import commands

    try:
        code = commands.main(prog_name="daytona-facade", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return _INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except BrokenPipeError:
        # The reader has gone; the interpreter's own flush at exit must not complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(_TERMINATED)
