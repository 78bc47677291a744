"""Which limits hold for sandboxes on this machine, in words."""

import os
import re

from ..options import Options
from .cgroups import find_cgroups


def limits_in_force(
    options: Options | None = None, *, isolated: bool = True, grouped: bool | None = None
) -> dict[str, str]:
    """Return, for memory, processes and disk, the limit that holds for a sandbox and who enforces it.

    ``grouped`` says whether each sandbox has a control group; it is tried out when not given.
    """
    options = options or Options()
    if grouped is None:
        grouped = find_cgroups(trial=True) is not None
    return {
        "memory": _memory(options, grouped),
        "processes": _processes(options, isolated, grouped),
        "disk": _disk(options),
    }


def limits_line(limits: dict[str, str]) -> str:
    """Return the limits as the line that a server prints."""
    return "limits: " + "; ".join(f"{name} {text}" for name, text in limits.items())


def counts_by_namespace() -> bool:
    """Tell whether the kernel counts a user namespace's processes on their own, as Linux does since 5.14."""
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return os.uname().sysname == "Linux" and version is not None and (int(version[1]), int(version[2])) >= (5, 14)


def _memory(options: Options, grouped: bool) -> str:
    if not options.memory_gib:
        return "unlimited"
    if grouped:
        return f"{options.memory_gib} GiB per sandbox (cgroup)"
    return f"{options.memory_gib} GiB per process (rlimit; shared memory is not counted)"


def _processes(options: Options, isolated: bool, grouped: bool) -> str:
    if not options.processes:
        return "unlimited"
    if grouped:
        return f"{options.processes} per sandbox (cgroup)"
    if isolated and counts_by_namespace():
        return f"{options.processes} per sandbox (rlimit)"
    return "unlimited (no cgroup and no user namespace counts them)"


def _disk(options: Options) -> str:
    if not options.disk_gib:
        return "unlimited"
    return f"{options.disk_gib} GiB per file (rlimit) and per sandbox (measured every {options.disk_check_seconds:g} s)"
