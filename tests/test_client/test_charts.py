"""The charts of a run: for programs, and for notebooks."""

import base64
from pathlib import Path

from daytona_facade.outputs import RunCodeOutput
from support.nine_answers import png


def _output(charts: int) -> RunCodeOutput:
    chart = {"type": "line", "title": "T", "png": base64.b64encode(png()).decode()}
    return RunCodeOutput(True, exit_code=0, result="<printed>\n", artifacts={"charts": [chart] * charts})


def test_charts(tmp_path: Path) -> None:
    """A chart has a title, a type and its picture as bytes, and can be saved."""
    (chart,) = _output(1).charts
    chart.save(tmp_path / "chart.png")

    assert (chart.title, chart.type, chart.png) == ("T", "line", png())
    assert (tmp_path / "chart.png").read_bytes() == png()
    assert "charts" not in _output(1).to_dict()
    assert len(repr(chart)) < 100


def test_no_charts() -> None:
    """Artifacts without charts, or with a broken one, are no error."""
    assert RunCodeOutput(True).charts == []
    assert RunCodeOutput(True, artifacts={"charts": 5}).charts == []
    (broken,) = RunCodeOutput(True, artifacts={"charts": [{"title": 5, "png": "%"}]}).charts
    assert (broken.title, broken.type, broken.png) == (None, None, b"")


def test_notebook() -> None:
    """A notebook shows one chart as a picture, several as a page, and what was printed."""
    none, one, two = (_output(number)._repr_mimebundle_() for number in range(3))

    assert set(none) == {"text/plain"}
    assert "<printed>" in none["text/plain"]
    assert base64.b64decode(one["image/png"]) == png()
    assert two["text/html"].count("<img ") == 2
    assert "&lt;printed&gt;" in two["text/html"]
