"""The command line ``daytona-facade``: a subcommand for each action, and a few of its own.

Needs the extra ``cli``: pip install 'daytona-facade[cli]'.
"""

from .main import main

__all__ = ["main"]
