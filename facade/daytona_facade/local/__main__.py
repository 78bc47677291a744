"""The command line of the backend: ``python -m daytona_facade.local``."""

import sys


def run() -> int:
    """Run the backend; without its extra, say how to install it."""
    from .command import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
