"""A server that is not root isolates as well as one that is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534
PROGRAM = """
import httpx, json, os
from daytona_facade.local import LocalDaytona

with LocalDaytona(processes=64) as backend:
    http = httpx.Client(headers={"Authorization": f"Bearer {backend.api_key}"}, timeout=60)
    box = http.post(f"{backend.api_url}/sandbox", json={}).json()["id"]

    def run(command, **more):
        url = f"{backend.toolbox_url}/{box}/process/execute"
        return http.post(url, json={"command": command, **more}).json().get("result")

    print(json.dumps({
        "isolation": backend.isolation,
        "server": os.getuid(),
        "user": run("id -un"),
        "capabilities": run("grep CapEff /proc/self/status"),
        "written": run("for path in / /etc /dev /usr /var /run /opt; do touch $path/x 2>/dev/null && echo $path; done"),
        "own": run("touch ~/x /tmp/x /opt/python/x /dev/shm/x && echo yes"),
        "shadow": run("cat /etc/shadow 2>&1 | tail -c 26"),
        "killed": run(f"kill -9 {backend.pid} 2>&1 | tail -c 16"),
        "bomb": run("b() { b | b & }; b; sleep 60", timeout=2),
        "after": run("echo well"),
    }))
"""


def python_for_nobody() -> str:
    """Find a Python of this version that a user without any rights may run; empty when there is none."""
    for program in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        check = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        try:
            done = subprocess.run([program, "-c", check], user=NOBODY, group=NOBODY, cwd="/", check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return program
    return ""


def test_isolation_without_root() -> None:
    """Nobody's sandboxes are closed and bounded like root's."""
    if os.geteuid() != 0:
        pytest.skip("this user is not root, and every other test shows what this one would")
    python = python_for_nobody()
    if not python:
        pytest.skip("no Python of this version can be run by another user than root")
    done = subprocess.run(
        [python, "-c", PROGRAM],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path or "facade" in path),
            "PATH": os.environ["PATH"],
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if "Permission denied" in done.stderr and "daytona_facade" in done.stderr:
        pytest.skip(f"another user cannot read {Path(__file__).parents[2]}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if not told["isolation"].endswith("bubblewrap"):
        pytest.skip(told["isolation"])

    assert (told["server"], told["user"], told["capabilities"]) == (NOBODY, "daytona\n", "CapEff:\t0000000000000000\n")
    assert (told["written"], told["own"]) == ("", "yes\n")
    assert told["shadow"] == "No such file or directory\n"
    assert told["killed"] == "No such process\n"
    assert (told["bomb"], told["after"]) == (None, "well\n")
