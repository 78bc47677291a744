"""``daytona-facade mcp`` on stdio ends at a signal while its standard input is open, and its backend with it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

COMMANDS = {"cli": ["daytona_facade.cli", "mcp"], "module": ["daytona_facade.mcp"]}
SLOW = "touch running; trap '' TERM; sleep 60 & sleep 60"


class Server:
    """One MCP server as a process, with a local backend, and the messages of a client."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, "--local"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._sent = 0
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        self.answer(self.send("initialize", client))

    def send(self, method: str, params: dict[str, Any]) -> int:
        """Send a request and return its ID."""
        assert self.process.stdin is not None
        self._sent += 1
        message = {"jsonrpc": "2.0", "id": self._sent, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        return self._sent

    def start_call(self, tool: str, **arguments: Any) -> int:
        """Call a tool without waiting for its answer."""
        return self.send("tools/call", {"name": tool, "arguments": arguments})

    def answer(self, number: int) -> Any:
        """Read until the answer to a request."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            message = json.loads(line)
            if message.get("id") == number:
                return message["result"]
        raise AssertionError("the server ended without an answer")

    def text(self, tool: str, **arguments: Any) -> str:
        """Call a tool and return the text of its answer."""
        text: str = self.answer(self.start_call(tool, **arguments))["content"][0]["text"]
        return text

    def create_sandbox(self) -> str:
        """Create a sandbox and return its ID."""
        sandbox_id: str = json.loads(self.text("create_sandbox"))["sandbox"]["id"]
        return sandbox_id


def descendants(pid: int) -> set[int]:
    """Return the processes below one, at any depth."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def idle(_server: Server) -> None:
    """Leave the server waiting for a message."""


def busy(server: Server) -> None:
    """Have it run a command that ignores SIGTERM."""
    sandbox_id = server.create_sandbox()
    server.start_call("execute_command", sandbox_id=sandbox_id, command=SLOW, timeout=120)
    end = time.monotonic() + 30
    while "running" not in server.text("execute_command", sandbox_id=sandbox_id, command="ls"):
        assert time.monotonic() < end


def unread(server: Server) -> None:
    """Have it write more than the pipe to its client holds."""
    sandbox_id = server.create_sandbox()
    for _ in range(4):
        server.start_call("execute_command", sandbox_id=sandbox_id, command="seq 30000; touch running")


@pytest.fixture
def start_server() -> Iterator[Callable[[str], Server]]:
    """Start servers, and kill what a failed test leaves."""
    servers = []

    def start(command: str) -> Server:
        servers.append(Server(COMMANDS[command]))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate(timeout=10)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", [idle, busy, unread])
def test_a_signal_ends_the_server(
    start_server: Callable[[str], Server],
    state: Callable[[Server], None],
    command: str,
    sent: signal.Signals,
    code: int,
) -> None:
    """It ends soon, idle or busy, with the shell's exit code, without a traceback or a child."""
    server = start_server(command)
    state(server)
    children = descendants(server.process.pid)
    started = time.monotonic()
    server.process.send_signal(sent)
    assert server.process.wait(20) == code
    # About one second on an idle machine.
    assert time.monotonic() - started < 5
    assert children
    while children := {child for child in children if os.path.exists(f"/proc/{child}")}:
        assert time.monotonic() - started < 10, children
    assert server.process.stderr is not None
    assert server.process.stderr.read().strip() == b""


def test_the_end_of_input_ends_the_server(start_server: Callable[[str], Server]) -> None:
    """A client that closes the server's standard input ends it with exit code 0."""
    server = start_server("module")
    printed, said = server.process.communicate(timeout=20)
    assert (server.process.returncode, printed, said) == (0, b"", b"")
