"""The twelve actions, each written once as a generator of steps."""

from ..registry import ACTIONS, Action
from . import files, git, processes, sandboxes

__all__ = ["ACTIONS", "Action", "files", "git", "processes", "sandboxes"]
