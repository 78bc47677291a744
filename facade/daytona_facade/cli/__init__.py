"""The command line ``daytona-facade``: every action a subcommand, and what goes with them.

Needs the extra `cli`: pip install 'daytona-facade[cli]'.
"""

import sys
from importlib.util import find_spec

_NEEDED = ("click", "rich")


def main() -> int:
    """Run the command line on this process's arguments and return the exit code."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}, which is not installed. "
            "Run: pip install 'daytona-facade[cli]'\n"
        )
        return 2
    from .process import run

    return run()
