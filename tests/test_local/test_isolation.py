"""A sandbox sees, changes and uses up nothing but itself."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire, until

pytestmark = pytest.mark.usefixtures("isolated")
LINKS = {"shadow": "/etc/shadow", "proc": "/proc/1/environ", "root": "/proc/1/root/etc/shadow"}


@pytest.fixture(scope="module")
def tight() -> Iterator[Wire]:
    """Serve one sandbox with tight limits."""
    with LocalDaytona(processes=64, memory_gib=1, disk_gib=1, command_seconds=20) as backend, Wire(backend) as client:
        client.box = client.made()
        yield client


def answers(wire: Wire) -> None:
    """The server and the sandbox still work."""
    assert wire.rest("GET", "/sandbox").status_code == 200
    assert wire.output("echo well") == "well\n"


def test_user_and_namespaces(shared: Wire) -> None:
    """A sandbox has a user, processes, mounts, IPC and a host name of its own, and no capability."""
    for name in ("user", "pid", "mnt", "ipc", "uts"):
        assert os.readlink(f"/proc/self/ns/{name}") != shared.output(f"readlink /proc/self/ns/{name}").strip()
    assert shared.output('echo "$(id -u) $(id -g) $(id -un)"') == "1000 1000 daytona\n"
    assert shared.output("grep CapEff /proc/self/status") == "CapEff:\t0000000000000000\n"
    assert shared.box == shared.output("hostname").strip()
    resolve = "python3 -c 'import socket; print(socket.gethostbyname(socket.gethostname()))'"
    assert shared.output(resolve) == "127.0.0.1\n"


def test_the_machine_is_not_seen(shared: Wire) -> None:
    """Neither the machine's passwords nor its homes nor its processes nor the server's environment are inside."""
    assert "No such file" in shared.output("cat /etc/shadow")
    assert shared.output("cut -d: -f1 /etc/passwd | sort") == "daytona\nroot\n"
    assert shared.output("ls /home") == "daytona\n"
    home = Path.home()
    assert shared.output(f"ls -A {home} 2>/dev/null | grep -v pyenv") == ""
    environments = shared.output("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
    assert "DAYTONA_SANDBOX_ID" in environments
    assert "API_KEY" not in environments
    assert shared.backend.api_key not in environments + shared.output("cat /proc/[0-9]*/cmdline")
    assert int(shared.output("ls -d /proc/[0-9]* | wc -l")) < 20


def test_processes_of_the_machine_cannot_be_killed(shared: Wire) -> None:
    """The process IDs of the machine mean nothing inside."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        for pid in (victim.pid, shared.backend.pid):
            assert "No such process" in shared.output(f"kill -9 {pid}")
        assert victim.poll() is None
        victim.kill()
    shared.execute("kill -9 1")
    answers(shared)


def test_the_system_cannot_be_changed(shared: Wire) -> None:
    """Everything but the sandbox's own folders is read-only."""
    for path in ("/usr/x", "/etc/x", "/x", "/dev/x", "/opt/daytona/toolbox/app.py", "/usr/bin/env", "/var/x", "/run/x"):
        said = shared.output(f"echo bad >> {path}")
        assert "Read-only file system" in said or "Permission denied" in said, path
    assert shared.output("touch ~/x /tmp/x /opt/python/x /dev/shm/x") == ""


def test_another_sandbox_is_not_seen(wire: Wire, shared: Wire) -> None:
    """A file of one sandbox is not found from another, in its folders or by its processes."""
    other = wire.made()
    wire.execute("echo secret-of-other > ~/s; echo secret-of-other > /tmp/s; sleep 60 &>/dev/null &", other)

    assert shared.output("cat ~/s /tmp/s 2>/dev/null; ls /tmp/daytona-local-* 2>/dev/null; pgrep sleep") == ""
    assert shared.output("cat /proc/[0-9]*/root/tmp/s /proc/[0-9]*/cwd/s 2>/dev/null") == ""


@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
def test_links_lead_nowhere_else(shared: Wire, target: str) -> None:
    """A link to the machine's files leads no file route out."""
    shared.execute(f"rm -rf x out; ln -s {target} x; ln -s / out")

    for path in ("x", f"out{target}", target):
        params = {"path": path}
        before = Path("/etc/shadow").stat()
        assert shared.toolbox("GET", "/files/download", params=params).status_code in (400, 403, 404)
        bulk = shared.toolbox("POST", "/files/bulk-download", json={"paths": [path]})
        assert b'name="error"' in bulk.content
        assert b'name="file"' not in bulk.content
        assert shared.upload(path, b"bad").status_code == 400
        for body in ({"content": b"bad"}, {"files": {"file": ("x", b"bad")}}):
            answer = shared.toolbox("POST", "/files/upload-v2", params=params, **body)
            assert answer.status_code in (400, 403, 404)
        assert shared.toolbox("GET", "/files", params=params).status_code in (400, 403, 404)
        assert shared.toolbox("DELETE", "/files", params={"path": f"{path}/."}).status_code in (400, 403, 404)
        assert before == Path("/etc/shadow").stat()


def test_a_fork_bomb_ends(tight: Wire) -> None:
    """Processes without end meet the limit, and the timeout ends them."""
    answer = tight.toolbox("POST", "/process/execute", json={"command": "b() { b | b & }; b; sleep 60", "timeout": 2})

    assert answer.status_code == 408

    until(lambda: tight.output("pgrep -c bash") == "1\n", "the end of the bomb")
    answers(tight)


def test_memory_has_an_end(tight: Wire) -> None:
    """64 GB are not to be had, and 100 MB are."""
    code = "data = bytearray({} << 20)\nprint(len(data))"
    run = {"language": "python", "timeout": 10}
    much = tight.toolbox("POST", "/process/code-run", json={**run, "code": code.format(64 * 1024)}).json()
    little = tight.toolbox("POST", "/process/code-run", json={**run, "code": code.format(100)}).json()

    assert much["exitCode"] == 1
    assert "MemoryError" in much["result"]
    assert little["result"] == "104857600\n"

    answers(tight)


def test_memory_of_mounts_has_an_end(tight: Wire) -> None:
    """Shared memory is small."""
    said = tight.output("head -c 200000000 /dev/zero > /dev/shm/x; stat -c %s /dev/shm/x; rm /dev/shm/x")

    assert "No space left" in said
    assert int(said.split()[-1]) == 64 * 1024**2


def test_uploads_meet_the_quota(tight: Wire) -> None:
    """An upload that does not fit is refused, and what is there stays."""
    tight.execute("fallocate -l 1000M big")
    answer = tight.upload("more.bin", bytes(30 * 1024**2))

    assert answer.status_code == 400
    assert "no space left on device" in answer.json()["errors"][0]
    assert tight.upload("little.bin", b"fits").status_code == 200
    assert "File size limit exceeded" in tight.output("fallocate -l 2000M bigger")

    tight.execute("rm big")

    assert tight.upload("more.bin", bytes(30 * 1024**2)).status_code == 200


def test_wall_clock(server: LocalDaytona) -> None:
    """A server can bound every command, whatever it asks for."""
    with LocalDaytona(command_seconds=1) as backend, Wire(backend) as wire:
        start = time.monotonic()
        body = {"command": "sleep 30", "timeout": 25}

        assert wire.toolbox("POST", "/process/execute", wire.made(), json=body).status_code == 408
        assert time.monotonic() - start < 10


def test_no_network_when_it_is_blocked(wire: Wire) -> None:
    """A sandbox that asks for no network has none, and its toolbox answers all the same."""
    port = wire.backend.api_url.split(":")[2].split("/")[0]
    probe = f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}), 2)\""
    closed, open_ = wire.made(networkBlockAll=True), wire.made()

    assert wire.execute(probe, closed)["exitCode"] == 1
    assert wire.execute(probe, open_)["exitCode"] == 0


def test_a_package_of_the_sandbox_is_its_own(shared: Wire, wire: Wire) -> None:
    """Python's packages can be added to in a sandbox, for this sandbox alone."""
    shared.upload("only_here.py", b"value = 42\n")
    shared.execute("mv only_here.py $(python3 -c 'import site; print(site.getsitepackages()[0])')")
    use = "cd /tmp; python3 -c 'import only_here; print(only_here.value)'"

    assert shared.output(use) == "42\n"
    assert "ModuleNotFoundError" in wire.output(use, wire.made())
    assert "pip " in shared.output("pip --version")
