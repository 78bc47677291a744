"""What is printed where: data on standard output, everything else on standard error."""

import os
import re
import signal
import subprocess
from typing import Any

import pytest

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ITEM = {
    "id": "id-1",
    "name": "b\x1b[31mo\tb",
    "state": "started",
    "snapshot": "s",
    "target": "eu",
    "cpu": 2,
    "memory": 4,
    "disk": 8,
    "createdAt": "2026-06-01T12:00:00.000Z",
}


def test_a_list_for_a_program(recorded: Any, recorder: Any) -> None:
    """In a pipe, each sandbox is a tab-separated line without control characters."""
    recorder.answer = {"items": [ITEM], "nextCursor": "more"}
    expected = [
        "id-1",
        "b\N{REPLACEMENT CHARACTER}[31mo\N{REPLACEMENT CHARACTER}b",
        "started",
        "s",
        "eu",
        "2",
        "4",
        "8",
    ]
    assert recorded("list-sandboxes").rstrip("\n").split("\t") == [*expected, "2026-06-01T12:00:00Z"]
    assert recorded.complaint == "There are more: --cursor more\n"


def test_an_empty_list(recorded: Any, recorder: Any) -> None:
    """An empty list prints nothing."""
    recorder.answer = {"items": []}
    assert recorded("list-sandboxes") == ""


def test_one_sandbox(recorded: Any, recorder: Any) -> None:
    """One sandbox is printed as a line for each known field."""
    recorder.answer = ITEM
    assert [
        line for line in recorded("get-sandbox", "x").splitlines() if line.startswith(("id", "state", "cpu", "error"))
    ] == ["id: id-1", "state: started", "cpu: 2"]


def test_json_of_a_failure(recorded: Any, recorder: Any) -> None:
    """With ``--json``, a failure is the normalised output on standard output, and nothing else."""
    recorder.answer = {"id": None}
    output = recorded.json("get-sandbox", "x", code=1)
    assert (output["success"], output["sandbox"], set(output)) == (False, None, {"success", "error", "sandbox"})


def test_a_file_list(inside: Any, box: str) -> None:
    """In a pipe, each file is a tab-separated line that ends with its name."""
    inside("execute-command", box, "mkdir -p listed/sub && printf abc > listed/f")
    lines = [line.split("\t") for line in inside("list-files", box, "--path", "listed").splitlines()]
    assert [("-rw-r--r--", "3", "f"), ("drwxr-xr-x", lines[1][3], "sub")] == [
        (line[0], line[3], line[5]) for line in lines
    ]


@pytest.mark.parametrize("colourless", [False, True])
def test_a_table_on_a_terminal(shell: Any, box: str, colourless: bool) -> None:
    """A terminal gets a table with coloured states, and no colour if NO_COLOR is set."""
    shown = shell.terminal("list-sandboxes", **({"NO_COLOR": "1"} if colourless else {}))
    heading, *rows = COLOURS.sub("", shown).replace("\r", "").splitlines()
    assert heading.split() == ["id", "name", "state", "target", "created", "at"]
    assert box in [row.split()[0] for row in rows if row]
    assert ("\x1b[32m" in shown) is not colourless


def test_a_closed_pipe(shell: Any, box: str) -> None:
    """A reader that closes the pipe ends the command without a message."""
    ours, theirs = os.pipe()
    os.close(ours)
    for command in ("echo short", "yes | head -c 3000000"):
        process = shell.start("execute-command", box, command, stdout=theirs)
        assert process.communicate(timeout=20) == (None, b"")
        assert process.returncode == 1
    os.close(theirs)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c(shell: Any, box: str) -> None:
    """SIGINT ends the command at once with exit code 130 and without a traceback."""
    marker = "running"
    process = shell.start("execute-command", box, "--timeout", "30", f"touch {marker}; sleep 30")
    while not shell("execute-command", box, f"ls {marker} 2>/dev/null || true"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=10)
    assert (process.returncode, printed, said.strip()) == (130, b"", b"")


def test_any_encoding(shell: Any, box: str) -> None:
    """With an ASCII terminal, other characters are escaped."""
    assert shell("execute-command", box, "echo é", PYTHONIOENCODING="ascii") == "\\xe9\n"


def test_a_backend_for_one_command(shell: Any) -> None:
    """``--local`` needs neither a key nor an account."""
    for name in ("DAYTONA_API_KEY", "DAYTONA_API_URL", "DAYTONA_TOOLBOX_URL"):
        shell.environment.pop(name)
    assert shell("--local", "list-sandboxes") == ""


@pytest.mark.usefixtures("interruptible")
def test_serving_the_backend(shell: Any) -> None:
    """``local`` prints lines for a shell and serves until it is interrupted."""
    process = shell.start("local", "--isolation", "plain", stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    lines = [process.stdout.readline().decode() for _ in range(3)]
    settings = dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines)
    assert list(settings) == ["DAYTONA_API_URL", "DAYTONA_TOOLBOX_URL", "DAYTONA_API_KEY"]
    assert shell("list-sandboxes", **settings) == ""
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in {0, 130}
