"""What a sandbox may use up, and who says so."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from daytona_facade.local import LocalDaytona, limits_in_force
from daytona_facade.local.disk_usage import disk_usage
from daytona_facade.local.isolation.cgroups import find_cgroups
from daytona_facade.local.options import Options
from test_local.wire import Wire

MIB = 1024**2
SHARED = "import mmap\nm = mmap.mmap(-1, {} << 20)\nfor i in range(0, len(m), 4096): m[i] = 1\nprint(len(m))"


@pytest.fixture(scope="module")
def tight() -> Iterator[Wire]:
    """Serve one sandbox with tight limits."""
    limits = {"processes": 64, "memory_gib": 1, "disk_gib": 1}
    with LocalDaytona(**limits, disk_check_seconds=0.2) as backend, Wire(backend) as wire:
        wire.box = wire.made()
        yield wire


@pytest.fixture
def grouped(tight: Wire) -> None:
    """Skip where sandboxes have no control groups."""
    if "(cgroup)" not in tight.backend.limits:
        pytest.skip(tight.backend.limits)


@pytest.mark.usefixtures("grouped")
def test_shared_memory_counts(tight: Wire) -> None:
    """Memory that no limit of a process counts ends the program, not the sandbox."""
    run = {"language": "python", "timeout": 30}
    much = tight.toolbox("POST", "/process/code-run", json={**run, "code": SHARED.format(1500)})
    little = tight.toolbox("POST", "/process/code-run", json={**run, "code": SHARED.format(100)})

    assert much.json()["exitCode"] != 0
    assert little.json()["result"] == f"{100 * MIB}\n"
    assert tight.output("echo well") == "well\n"


@pytest.mark.usefixtures("grouped")
def test_groups_are_removed() -> None:
    """The control groups of a server go with it."""
    with LocalDaytona() as backend, Wire(backend) as wire:
        box = wire.made()
        folders = [path for path in Path("/sys/fs/cgroup").rglob(f"daytona-local-{backend.pid}") if path.is_dir()]
        assert folders
        assert all(list(folder.glob("*/")) for folder in folders)
        wire.rest("DELETE", f"/sandbox/{box}")
        wire.reach(box, "gone")
        assert not any(list(folder.glob("*/")) for folder in folders)
    assert not any(folder.exists() for folder in folders)


def test_a_disk_over_its_quota_is_an_error(tight: Wire) -> None:
    """A sandbox that fills more disk than it has is ended, and its record says why."""
    box = tight.made()
    tight.toolbox("POST", "/process/execute", box, json={"command": "for n in 1 2 3; do fallocate -l 400M f$n; done"})
    tight.reach(box, "error")
    found = tight.rest("GET", f"/sandbox/{box}").json()

    assert found["errorReason"].startswith("disk quota exceeded: 1.2 of 1 GiB")
    assert tight.rest("POST", f"/sandbox/{box}/start").json()["message"] == "Sandbox is in an errored state"
    assert tight.output("echo well") == "well\n"

    deleted = tight.rest("DELETE", f"/sandbox/{box}").json()

    assert (deleted["state"], deleted["desiredState"]) == ("error", "destroyed")
    assert tight.state(box) == "gone"
    assert box not in [item["id"] for item in tight.rest("GET", "/sandbox").json()["items"]]


def test_disk_usage(tmp_path: Path) -> None:
    """Blocks count, holes do not, a file with two names counts once, an empty file is not free."""
    (tmp_path / "holes").touch()
    os.truncate(tmp_path / "holes", 50 * MIB)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "full").write_bytes(bytes(MIB))
    os.link(tmp_path / "deep" / "full", tmp_path / "again")
    (tmp_path / "link").symlink_to("/")

    assert MIB <= disk_usage(tmp_path) < 1.1 * MIB
    assert disk_usage(tmp_path / "nothing") == 0


def test_limits_are_told() -> None:
    """The limits that hold are told with who enforces them; those that do not hold are not claimed."""
    grouped = limits_in_force(Options(memory_gib=2), grouped=True)
    plain = limits_in_force(Options(disk_gib=0), isolated=False, grouped=False)

    assert grouped["memory"] == "2 GiB per sandbox (cgroup)"
    assert grouped["processes"] == "512 per sandbox (cgroup)"
    assert plain["memory"] == "1 GiB per process (rlimit; shared memory is not counted)"
    assert plain["processes"].startswith("unlimited (")
    assert plain["disk"] == "unlimited"
    assert set(limits_in_force()) == {"memory", "processes", "disk"}


def fake_proc(folder: Path, mounts: str, cgroups: str) -> Path:
    """Write the files that tell a process where its control groups are."""
    proc = folder / "proc"
    proc.mkdir()
    (proc / "mountinfo").write_text(mounts)
    (proc / "cgroup").write_text(cgroups)
    return proc


@pytest.mark.parametrize("alone", [True, False])
def test_delegated_cgroup_v2(tmp_path: Path, alone: bool) -> None:
    """A delegated group is used when the server is its only process."""
    own = tmp_path / "user.slice" / "run.scope"
    own.mkdir(parents=True)
    (own / "cgroup.controllers").write_text("cpu memory pids\n")
    (own / "cgroup.subtree_control").write_text("\n")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n{'' if alone else '1'}\n")
    mounts = f"30 20 0:26 / {tmp_path} rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
    proc = fake_proc(tmp_path, mounts, "0::/user.slice/run.scope\n")
    cgroups = find_cgroups(proc=proc)

    if not alone:
        assert cgroups is None
        return
    assert cgroups is not None
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (own / f"daytona-local-{os.getpid()}-server" / "cgroup.procs").read_text() == str(os.getpid())
    group = cgroups.group("1", 7, 8)
    for name in ("memory.max", "memory.swap.max", "pids.max"):
        (group.folders[0] / name).touch()
    cgroups.group("1", 7, 8)
    assert [(group.folders[0] / name).read_text() for name in ("memory.max", "pids.max")] == ["7", "8"]
    assert (group.folders[0] / "memory.swap.max").read_text() == "0"


def test_no_cgroups(tmp_path: Path) -> None:
    """Where nothing can be made there are none."""
    proc = fake_proc(tmp_path, "30 20 0:26 / /sys rw - sysfs sysfs rw\n", "0::/\n")

    assert find_cgroups(proc=proc) is None
    assert find_cgroups(proc=tmp_path / "nothing") is None
