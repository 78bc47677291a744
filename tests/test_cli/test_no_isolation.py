"""Without bubblewrap, what runs a model's programs on this machine refuses to start, unless it is allowed to."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMANDS = {
    "action": ["daytona_facade.cli", "--local", "list-sandboxes"],
    "mcp": ["daytona_facade.cli", "mcp", "--local"],
    "mcp, option before it": ["daytona_facade.cli", "--local", "mcp"],
    "mcp over HTTP": ["daytona_facade.cli", "mcp", "--local", "--http", "--port", "0"],
    "module": ["daytona_facade.mcp", "--local"],
}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
def unisolated(tmp_path: Path) -> dict[str, str]:
    """Make an environment without bubblewrap."""
    return {**os.environ, "PATH": str(tmp_path)}


def run(words: list[str], environment: dict[str, str], given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with a text as its standard input."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, env=environment, input=given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_no_isolation_is_refused(unisolated: dict[str, str], command: str) -> None:
    """The exit code is 2, and one line says what is missing and which flag allows it."""
    ran = run(COMMANDS[command], unisolated)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "bubblewrap" in ran.stderr
    assert "--no-isolation" in ran.stderr


def test_bubblewrap_that_does_not_work(tmp_path: Path) -> None:
    """It is as good as none: a system may forbid it to make namespaces."""
    for name in ("bwrap", "setpriv", "unshare"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'no permission to create a namespace' >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    ran = run(COMMANDS["action"], {**os.environ, "PATH": f"{tmp_path}:/bin"})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--no-isolation" in ran.stderr


def test_no_isolation_can_be_allowed(unisolated: dict[str, str]) -> None:
    """With --no-isolation before the action it runs, and nothing is on standard error."""
    ran = run(["daytona_facade.cli", "--local", "--no-isolation", "create-sandbox", "--json"], unisolated)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["success"]


@pytest.mark.parametrize(
    "words",
    [
        ["daytona_facade.cli", "mcp", "--local", "--no-isolation"],
        ["daytona_facade.cli", "--local", "--no-isolation", "mcp"],
        ["daytona_facade.mcp", "--local", "--no-isolation"],
    ],
)
def test_no_isolation_can_be_allowed_for_mcp(unisolated: dict[str, str], words: list[str]) -> None:
    """The server answers."""
    ran = run(words, unisolated, json.dumps(INITIALIZE) + "\n")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["result"]["serverInfo"]["name"] == "daytona-facade"


def test_doctor_without_isolation(unisolated: dict[str, str]) -> None:
    """It is not refused, because it runs no program, and it says that there is no isolation."""
    ran = run(["daytona_facade.cli", "--local", "doctor", "--json"], unisolated)
    findings: list[dict[str, Any]] = json.loads(ran.stdout)
    (backend,) = [finding for finding in findings if finding["what"] == "local backend"]
    assert (ran.returncode, backend["verdict"]) == (0, "note")
    assert "bubblewrap" in backend["said"]
