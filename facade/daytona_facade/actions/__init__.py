"""The twelve actions, each written once as a generator of steps."""

from . import sandboxes
from .action import ACTIONS, Action

# isort: split
# Imported first, so that sandboxes come first in the register and in every list derived from it.
from . import files, git, programs

__all__ = ["ACTIONS", "Action", "files", "git", "programs", "sandboxes"]
