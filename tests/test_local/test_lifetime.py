"""Servers and sandboxes leave nothing behind, however they end."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire, until

CYCLES = 50
AT_ONCE = 3


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be noticed does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def below(root: int) -> set[int]:
    """Find the processes below one."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields[1])
    found: set[int] = set()
    while new := {pid for pid, parent in parents.items() if parent in found | {root}} - found:
        found |= new
    return found


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the servers of a test a folder of their own for their folders."""
    with tempfile.TemporaryDirectory(prefix="lifetime-") as name:
        # A sandbox may not be run by the owner of this folder.
        Path(name).chmod(0o755)
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def busy(wire: Wire) -> set[int]:
    """Make two sandboxes with processes that try to outlive them; gives every process of the server."""
    for _ in range(2):
        box = wire.made()
        wire.execute("setsid sleep 300 >/dev/null 2>&1 & nohup sleep 300 >/dev/null 2>&1 &", box)
    wire.ids.clear()
    server = wire.backend.pid
    assert server is not None
    return {server, *below(server)}


@pytest.mark.parametrize("isolation", ["auto", "plain"])
def test_a_stopped_server_leaves_nothing(isolation: str, base: Path) -> None:
    """The end of the block is the end of every process and folder."""
    with LocalDaytona(isolation=isolation) as backend, Wire(backend) as wire:
        found = busy(wire)
        assert len(found) >= 7
    until(lambda: not any(map(alive, found)), "the end of all processes")

    assert list(base.iterdir()) == []


@pytest.mark.parametrize("isolation", ["auto", "plain"])
def test_a_killed_server_leaves_no_process(isolation: str, base: Path) -> None:
    """Not even SIGKILL lets a sandbox outlive its server; the next server removes the files."""
    with LocalDaytona(isolation=isolation) as backend, Wire(backend) as wire:
        found = busy(wire)
        assert backend.pid is not None
        os.kill(backend.pid, signal.SIGKILL)
        until(lambda: not any(map(alive, found)), "the end of all processes")

    assert str(base) not in Path("/proc/self/mountinfo").read_text()
    assert len(list(base.iterdir())) == 1

    with LocalDaytona(), LocalDaytona():
        pass

    assert list(base.iterdir()) == []


def test_a_killed_parent_takes_the_server_along() -> None:
    """A program that dies in its block leaves no server."""
    program = (
        "from daytona_facade.local import LocalDaytona\n"
        "import time\n"
        "backend = LocalDaytona().start()\n"
        "print(backend.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert alive(server)
        parent.kill()
    until(lambda: not alive(server), "the end of the server")


@pytest.mark.parametrize("isolation", ["auto", "plain"])
def test_stop_ends_every_process_of_a_sandbox(isolation: str) -> None:
    """Nothing that a sandbox started runs on after its stop; its files stay."""
    with LocalDaytona(isolation=isolation) as backend, Wire(backend) as wire:
        assert backend.pid is not None
        idle = below(backend.pid)
        box = wire.made()
        wire.execute("setsid sleep 300 >/dev/null 2>&1 & echo kept > kept", box)
        found = below(backend.pid) - idle
        assert len(found) >= 2
        wire.rest("POST", f"/sandbox/{box}/stop")
        wire.reach(box, "stopped")

        assert [pid for pid in found if alive(pid)] == []

        wire.rest("POST", f"/sandbox/{box}/start")

        assert wire.output("cat kept", box) == "kept\n"


def cycle(backend: LocalDaytona) -> None:
    """Make a sandbox, run a command in it, and delete it."""
    with Wire(backend) as wire:
        box = wire.made()
        assert wire.output("echo 1", box) == "1\n"
        wire.rest("DELETE", f"/sandbox/{box}")
        wire.reach(box, "gone")
        wire.ids.clear()


def test_cycles_leak_nothing(base: Path) -> None:
    """Fifty sandboxes come and go, and the server holds no more than after the first."""
    with LocalDaytona(transition_seconds=0) as backend, ThreadPoolExecutor(AT_ONCE) as threads:
        pid = backend.pid
        assert pid is not None

        def held() -> tuple[int, int]:
            return len(list(Path(f"/proc/{pid}/fd").iterdir())), len(below(pid))

        cycle(backend)
        descriptors, processes = held()
        list(threads.map(cycle, [backend] * CYCLES))

        until(lambda: held()[0] <= descriptors and held()[1] <= processes, "no more descriptors and processes")
        assert processes == 0
        (folder,) = base.iterdir()
        assert {"etc", "lock"} == {entry.name for entry in folder.iterdir()}
