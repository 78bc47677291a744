"""``run-code --save-charts``: charts become PNG files, and what the program printed stays as it was."""

import base64
from pathlib import Path
from typing import Any

import pytest

PNGS = [b"\x89PNG\r\n\x1a\n" + bytes([number]) * 3000 for number in range(2)]
RUN = ("run-code", "box", "draw()", "python")


@pytest.fixture
def drawn(recorded: Any, recorder: Any) -> Any:
    """Run the command line on a server whose programs show two charts, and one without a picture."""
    charts: list[dict[str, Any]] = [
        {"type": "line", "title": "../a", "png": base64.b64encode(png).decode()} for png in PNGS
    ]
    charts.append({"type": "unknown", "png": None})
    recorder.answer = {"exitCode": 3, "result": "no newline", "artifacts": {"charts": charts}}
    return recorded


def test_charts_are_saved(drawn: Any, tmp_path: Path) -> None:
    """Each is a file in a directory that is made, and its path is a line of its own after the program's output."""
    printed = drawn(*RUN, "--save-charts", "made/here", code=3)
    assert printed == "no newline\nmade/here/chart-1.png\nmade/here/chart-2.png\n"
    assert [(tmp_path / line).read_bytes() for line in printed.splitlines()[1:]] == PNGS
    assert drawn.complaint == ""


def test_no_file_is_overwritten(drawn: Any, tmp_path: Path) -> None:
    """A second run takes the next free names."""
    (tmp_path / "chart-1.png").write_text("mine")
    printed = drawn(*RUN, "--save-charts", ".", code=3)
    assert printed.splitlines()[1:] == ["chart-2.png", "chart-3.png"]
    assert (tmp_path / "chart-1.png").read_text() == "mine"


def test_charts_beside_json(drawn: Any, tmp_path: Path) -> None:
    """Standard output is the JSON alone, and the paths are on standard error."""
    printed = drawn(*RUN, "--json", "--save-charts", ".", code=3)
    assert printed.startswith("{")
    assert drawn.complaint == "chart-1.png\nchart-2.png\n"
    assert (tmp_path / "chart-2.png").read_bytes() == PNGS[1]


def test_charts_that_are_not_saved(drawn: Any, tmp_path: Path) -> None:
    """One line on standard error says how to save them; the program's output is verbatim."""
    assert drawn(*RUN, code=3) == "no newline"
    assert drawn.complaint.count("\n") == 1
    assert "2 charts" in drawn.complaint
    assert "--save-charts DIRECTORY" in drawn.complaint
    drawn.json(*RUN, code=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("artifacts", [None, {}, {"charts": None}, {"charts": [{"png": ""}, 7]}])
def test_no_charts(drawn: Any, recorder: Any, artifacts: Any) -> None:
    """Without a chart nothing is said."""
    recorder.answer = {"exitCode": 0, "result": "a\n", "artifacts": artifacts}
    assert drawn(*RUN, "--save-charts", ".") == "a\n"
    assert drawn(*RUN) == "a\n"
    assert drawn.complaint == ""


def test_a_directory_that_cannot_be_made(drawn: Any, recorder: Any, tmp_path: Path) -> None:
    """It is wrong usage, and the program is not run."""
    (tmp_path / "file").write_text("")
    drawn(*RUN, "--save-charts", "file/charts", code=2)
    assert "file/charts" in drawn.complaint
    assert recorder.paths == []
