"""Control groups, where this machine lets the server make some: one for each sandbox, with its limits.

cgroup v1 is used where the server may create groups below its own (root, mostly), cgroup v2 where the server's group
is delegated to it and holds no other process, as in ``systemd-run --user --scope -p Delegate=yes``.
"""

import os
from contextlib import suppress
from pathlib import Path

import attrs

_PREFIX = "daytona-local-"


@attrs.frozen
class Group:
    """The control group of one sandbox: a directory for each hierarchy."""

    folders: tuple[Path, ...]

    def adopt(self, pid: int) -> None:
        """Move a process and all below it into the group; raises OSError."""
        moved: set[int] = set()
        # What a moved process starts is in the group from the beginning.
        while new := {pid, *_below(pid)} - moved:
            for folder in self.folders:
                for process in new:
                    with suppress(ProcessLookupError):
                        (folder / "cgroup.procs").write_text(str(process))
            moved |= new

    def remove(self) -> bool:
        """Remove the group, and tell whether it is gone: it stays while it has a process."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()
        return not any(folder.exists() for folder in self.folders)


@attrs.frozen
class Cgroups:
    """Where this server makes the groups of its sandboxes."""

    folders: tuple[Path, ...]
    unified: bool
    """Whether it is cgroup v2."""

    def group(self, name: str, memory_bytes: int, processes: int) -> Group:
        """Make the group of a sandbox; a limit of 0 is none. Raises OSError."""
        group = Group(tuple(folder / name for folder in self.folders))
        for folder in group.folders:
            folder.mkdir(parents=True, exist_ok=True)
        for file, value in _limit_files(self.unified, memory_bytes, processes):
            for path in (folder / file for folder in group.folders):
                if path.exists():
                    path.write_text(str(value))
        return group

    def remove(self) -> None:
        """Remove the server's own groups when the last sandbox is gone."""
        for folder in self.folders:
            with suppress(OSError):
                if self.unified:
                    folder.parent.joinpath("cgroup.procs").write_text(str(os.getpid()))
                folder.rmdir()


def find_cgroups(*, trial: bool = False, proc: Path = Path("/proc/self")) -> Cgroups | None:
    """Make the server's own groups, or return ``None`` where that is not possible.

    A trial leaves nothing behind and moves no process.
    """
    name = f"{_PREFIX}{os.getpid()}{'-trial' if trial else ''}"
    if not Path("/proc/thread-self/children").exists():
        return None
    with suppress(OSError, ValueError):
        own = _own_folders(proc)
        if {"memory", "pids"} <= set(own):
            return _version_1([own["memory"], own["pids"]], name, trial=trial)
        if "" in own:
            return _version_2(own[""], name, trial=trial)
    return None


def _below(pid: int) -> set[int]:
    try:
        children = set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return set()
    return children.union(*map(_below, children))


def _limit_files(unified: bool, memory_bytes: int, processes: int) -> list[tuple[str, int]]:
    files = [("pids.max", processes)] if processes else []
    if memory_bytes:
        names = (
            ("memory.max", "memory.swap.max") if unified else ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        )
        # Version 1 bounds memory and swap together, version 2 each on its own.
        files += [(names[0], memory_bytes), (names[1], 0 if unified else memory_bytes)]
    return files


def _version_1(parents: list[Path], name: str, *, trial: bool) -> Cgroups | None:
    folders = tuple(parent / name for parent in dict.fromkeys(parents))
    try:
        for folder in folders:
            if not trial:
                _sweep(folder.parent)
            folder.mkdir()
        usable = (folders[0] / "memory.limit_in_bytes").exists() and (folders[-1] / "pids.max").exists()
    except OSError:
        usable = False
    if trial or not usable:
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
    return Cgroups(folders, unified=False) if usable else None


def _version_2(parent: Path, name: str, *, trial: bool) -> Cgroups | None:
    wanted = {"memory", "pids"}
    if not wanted <= set((parent / "cgroup.controllers").read_text().split()) or not os.access(parent, os.W_OK):
        return None
    shared = wanted <= set((parent / "cgroup.subtree_control").read_text().split())
    alone = (parent / "cgroup.procs").read_text().split() == [str(os.getpid())]
    if not shared and not alone:
        # A group with processes of its own cannot pass controllers on.
        return None
    folder = parent / name
    if trial:
        return Cgroups((folder,), unified=True)
    _sweep(parent)
    folder.mkdir()
    if not shared:
        leaf = parent / f"{name}-server"
        leaf.mkdir()
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
    (folder / "cgroup.subtree_control").write_text("+memory +pids")
    return Cgroups((folder,), unified=True)


def _own_folders(proc: Path) -> dict[str, Path]:
    """Return the directory of this process's group by controller; the name of cgroup v2 is empty."""
    mounts = {}
    for line in (proc / "mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.split(" ", 2)
        root, point = fields.split(" ")[3:5]
        if kind == "cgroup2":
            mounts[""] = (root, point)
        elif kind == "cgroup":
            mounts |= dict.fromkeys(options.split(" ")[-1].split(","), (root, point))
    found = {}
    for line in (proc / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in mounts:
                root, point = mounts[controller]
                inside = path.removeprefix(root) if root != "/" else path
                found[controller] = Path(point, inside.lstrip("/"))
    return found


def _sweep(parent: Path) -> None:
    """Remove the groups of servers that were killed before they could do it."""
    for folder in parent.glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            for path in (*folder.glob("*/"), folder):
                with suppress(OSError):
                    path.rmdir()
