"""The twelve actions, each written once as a generator of steps."""

from ..registry import ACTIONS, Action
from . import sandboxes

# isort: split
# A sandbox comes first, in the registry and so in every list of tools that is read from it.
from . import files, git, processes

__all__ = ["ACTIONS", "Action", "files", "git", "processes", "sandboxes"]
