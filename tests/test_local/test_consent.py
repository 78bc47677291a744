"""Where sandboxes cannot be isolated, nobody runs them unknowingly."""

import subprocess
import sys
import warnings
from pathlib import Path

import httpx
import pytest

from daytona_facade.local import IsolationError, LocalDaytona, NoIsolationWarning, isolation_problem
from test_local.test_launch import ENVIRONMENT


@pytest.fixture
def without_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide bubblewrap, as on a machine that has none."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("without_bubblewrap")
def test_it_warns() -> None:
    """The warning has a class of its own, says what may happen, and points at the caller."""
    with pytest.warns(NoIsolationWarning, match="can read and change all that you can") as caught, LocalDaytona():
        pass

    assert [Path(str(item.filename)) for item in caught] == [Path(__file__)]

    with pytest.warns(NoIsolationWarning) as caught:
        LocalDaytona().start().stop()

    assert [Path(str(item.filename)) for item in caught] == [Path(__file__)]


@pytest.mark.usefixtures("without_bubblewrap")
def test_the_warning_as_an_error() -> None:
    """A filter that makes the warning an error leaves no server behind."""
    backend = LocalDaytona()
    with warnings.catch_warnings():
        warnings.simplefilter("error", NoIsolationWarning)
        with pytest.raises(NoIsolationWarning):
            backend.start()

    with pytest.raises(httpx.ConnectError):
        httpx.get(backend.api_url)


@pytest.mark.usefixtures("without_bubblewrap")
@pytest.mark.parametrize("isolation", ["none", "plain"])
def test_consent(isolation: str) -> None:
    """Who asks for no isolation is not warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with LocalDaytona(isolation=isolation) as backend:
            assert backend.isolation.startswith("isolation: NONE, as asked")


@pytest.mark.usefixtures("without_bubblewrap")
@pytest.mark.parametrize("options", [{"require_isolation": True}, {"isolation": "bubblewrap"}], ids=str)
def test_it_refuses(options: dict[str, object]) -> None:
    """Who requires isolation gets one sentence that says why there is none."""
    with pytest.raises(
        IsolationError, match=r"^sandboxes cannot be isolated here: bubblewrap cannot be used here: bwrap"
    ):
        LocalDaytona(**options).start()


def test_the_problem_is_told(request: pytest.FixtureRequest) -> None:
    """A program can ask before it starts anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoIsolationWarning)
        with LocalDaytona() as backend:
            assert (isolation_problem() is None) == backend.isolation.endswith("bubblewrap")
    request.getfixturevalue("without_bubblewrap")

    assert "bwrap" in str(isolation_problem())


def test_the_command_line_takes_consent(tmp_path: Path) -> None:
    """``--no-isolation`` serves where ``--require-isolation`` does not."""
    words = [sys.executable, "-m", "daytona_facade.local", "--json", "--no-isolation"]
    environment = {**ENVIRONMENT, "PATH": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        address = server.stdout.readline()
        server.terminate()
        said = server.communicate(timeout=20)[1].splitlines()

    assert '"isolation": "isolation: NONE, as asked' in address
    assert said[0].startswith("isolation: NONE, as asked")
    assert said[1].startswith("limits: memory 1 GiB per ")


def test_client_options(server: LocalDaytona) -> None:
    """What a client needs comes in one piece."""
    options = server.client_options()

    assert options == {"api_key": server.api_key, "api_url": server.api_url, "toolbox_url": server.toolbox_url}
