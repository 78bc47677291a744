"""The processes below this one, where no pid namespace ends them together."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 50


def adopt() -> None:
    """Become the parent of orphaned descendants, so that none of them gets away; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_all() -> None:
    """Kill every descendant, and those they make meanwhile."""
    for _ in range(ROUNDS):
        found = descendants(os.getpid())
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def descendants(root: int) -> set[int]:
    """Find the living processes below one."""
    parents = dict(table() if Path("/proc/self/stat").exists() else portable_table())
    found: set[int] = set()
    while new := {pid for pid, parent in parents.items() if parent in found | {root}} - found:
        found |= new
    return found


def table() -> Iterator[tuple[int, int]]:
    """List each process that is alive with its parent, as /proc tells."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            # The command's name may hold anything, a closing bracket included: split after the last one.
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
            if fields[0] != "Z":
                yield int(status.parent.name), int(fields[1])


def portable_table() -> Iterator[tuple[int, int]]:
    """List each process with its parent, as ps tells, where there is no /proc."""
    with subprocess.Popen(["/bin/ps", "-axo", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True) as ps:
        for line in ps.communicate()[0].splitlines():
            pid, parent, state = line.split(None, 2)
            if int(pid) != ps.pid and not state.startswith("Z"):
                yield int(pid), int(parent)
