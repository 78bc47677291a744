"""Calls that take a while show themselves on a terminal, and leave a pipe alone."""

import json
from pathlib import Path
from typing import Any

import pytest

CLONE = ("git-clone", "box", "https://me:hunter22@git.example/r", "dir/repo")
STARTED = {"id": "box", "state": "started"}


@pytest.fixture
def remote(shell: Any, recorder: Any) -> Any:
    """Run the command line as a process on the recording server."""
    shell.environment["DAYTONA_API_URL"] = f"{recorder.url}/api"
    shell.environment["DAYTONA_TOOLBOX_URL"] = f"{recorder.url}/toolbox"
    return shell


@pytest.mark.parametrize(
    ("words", "text"),
    [
        pytest.param(("create-sandbox",), "Creating the sandbox", id="create"),
        pytest.param(("create-sandbox", "--wait"), "Creating the sandbox", id="create and wait"),
        pytest.param(("wait-until", "box"), "Waiting for box", id="wait"),
        pytest.param(CLONE, "Cloning into dir/repo", id="clone"),
        pytest.param(("upload-file", "box", "file", "dir/sent"), "sent", id="upload"),
        pytest.param(("download-file", "box", "dir/fetched", "."), "fetched", id="download"),
    ],
)
def test_progress_is_for_terminals(remote: Any, tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    """A terminal shows what is going on, without a secret; in a pipe standard error stays empty."""
    (tmp_path / "file").write_bytes(b"x" * 300_000)
    shown = remote.terminal(*words)
    assert text in shown
    assert "hunter22" not in shown
    # The cursor, which a spinner hides, is there again.
    assert shown.rfind("\x1b[?25h") >= shown.rfind("\x1b[?25l")
    printed = remote(*words)
    assert remote.complaint == ""
    assert "\x1b" not in printed


def test_create_and_wait(inside: Any) -> None:
    """The sandbox has started when the command returns."""
    output = inside.json("create-sandbox", "--wait")
    assert output["sandbox"]["state"] == "started"
    inside("delete-sandbox", output["sandbox"]["id"])


def test_a_sandbox_that_does_not_start(recorded: Any, recorder: Any) -> None:
    """It is a failure, and the ID that is needed to delete the sandbox is still printed."""
    recorder.answer = {"id": "box", "state": "error", "errorReason": "no space"}
    assert recorded("create-sandbox", "--wait", code=1) == "box\n"
    assert "no space" in recorded.complaint
    output = json.loads(recorded("create-sandbox", "--wait", "--json", code=1))
    assert (output["success"], output["sandbox"]["id"]) == (False, "box")


def test_the_wait_has_an_end(recorded: Any, recorder: Any) -> None:
    """The deadline before the command holds for create and wait together."""
    recorder.answer = {"id": "box", "state": "creating"}
    assert recorded("--deadline", "1", "create-sandbox", "--wait", code=1) == "box\n"
    assert "creating" in recorded.complaint
