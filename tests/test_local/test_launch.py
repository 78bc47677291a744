"""Servers are started in the ways that people start them."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
MODULE = [sys.executable, "-m", "daytona_facade.local"]


def run(*words: str, **environment: str) -> "subprocess.Popen[str]":
    """Start the command line."""
    return subprocess.Popen(
        [*MODULE, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, **environment},
    )


@pytest.mark.usefixtures("interruptible")
def test_the_command_line_prints_what_a_shell_needs() -> None:
    """The lines can be evaluated by a shell, and an interrupt ends the server."""
    with run("--api-key", "k e y") as server:
        assert server.stdout is not None
        assert server.stderr is not None
        lines = [server.stdout.readline() for _ in range(3)]
        shown = subprocess.run(
            [
                "sh",
                "-c",
                "".join(lines) + 'printf "%s\\n" "$DAYTONA_API_URL" "$DAYTONA_TOOLBOX_URL" "$DAYTONA_API_KEY"',
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        answer = httpx.get(f"{shown[0]}/sandbox", headers={"Authorization": f"Bearer {shown[2]}"})
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=20)[1]

    assert shown[2] == "k e y"
    assert shown[1] == shown[0].removesuffix("/api") + "/toolbox"
    assert answer.status_code == 200
    assert said.startswith("isolation: ")


def test_the_command_line_prints_json(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One line of JSON holds the address; the key may come from the environment; a polite end leaves no folder."""
    folder = tmp_path_factory.mktemp("t")
    with run(
        "--json", DAYTONA_LOCAL_API_KEY="from-environment", DAYTONA_API_KEY="not-this-one", TMPDIR=str(folder)
    ) as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        server.terminate()
        server.communicate(timeout=20)

    assert told["api_key"] == "from-environment"
    assert list(folder.iterdir()) == []
    assert server.returncode == 143
    assert told["api_url"].startswith("http://127.0.0.1:")
    assert told["isolation"].startswith("isolation: ")


def test_refusals_of_the_command_line() -> None:
    """What cannot be served ends with 2 and a reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for words, reason in [
            (["--port", str(taken.getsockname()[1])], "in use"),
            (["--fault", "plague"], "a fault is one of"),
            (["--require-isolation", "--isolation", "plain"], "exclude each other"),
        ]:
            server = run(*words)
            said = server.communicate(timeout=20)[1]
            assert (server.returncode, reason in said) == (2, True), said


def test_isolation_that_is_required_and_missing(tmp_path: Path) -> None:
    """Without bubblewrap a server says so, or refuses if it is told to."""
    tools = tmp_path / "bin"
    tools.mkdir()
    server = run("--require-isolation", PATH=str(tools))
    said = server.communicate(timeout=20)[1]

    assert server.returncode == 2
    assert "bubblewrap cannot be used here: bwrap" in said

    with run("--json", PATH=str(tools)) as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        server.terminate()
        loud = server.communicate(timeout=20)[1]

    assert told["isolation"] in loud
    assert "isolation: NONE" in loud
    assert "commands in a sandbox can read and change all that you can" in loud


def test_a_server_that_does_not_start_raises_what_it_said() -> None:
    """The reason is in the exception."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(RuntimeError, match=r"did not start: .*in use"):
        LocalDaytona(port=taken.getsockname()[1]).start()


@pytest.mark.parametrize("options", [{"daemon": "1"}, {"api_key": ""}, {"fault": ("503,when=1",)}, {"isolation": "vm"}])
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    """A mistake in the options is told before anything starts."""
    with pytest.raises(ValueError, match=r"daemon|api_key|fault|isolation"):
        LocalDaytona(**options)


def test_a_server_starts_once_and_stops_twice() -> None:
    """A second start is a mistake, a second stop is not."""
    backend = LocalDaytona().start()
    with pytest.raises(RuntimeError, match="started already"):
        backend.start()
    backend.stop()
    backend.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(backend.api_url)


def test_servers_have_keys_of_their_own(server: LocalDaytona) -> None:
    """Keys are not told by the object's text, and differ."""
    other = LocalDaytona()

    assert other.api_key != server.api_key
    assert other.api_key not in repr(other) + repr(other.options)


@pytest.mark.parametrize(
    "start", ["from daytona_facade.local import LocalDaytona", "import daytona_facade.local.__main__ as m; m.run()"]
)
def test_without_the_extra_the_remedy_is_named(start: str, tmp_path: Path) -> None:
    """Where the extra is missing, the command that installs it is told."""
    program = (
        "import sys\n"
        "for name in ('starlette', 'uvicorn', 'python_multipart'):\n"
        "    sys.modules[name] = None\n"
        f"{start}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT, check=False)

    assert done.returncode == 1
    assert "pip install 'daytona-facade[local]'" in done.stderr


def test_plain_sandboxes_have_a_home_of_the_usual_name() -> None:
    """Without isolation the usual home still names the sandbox's own, for files, folders and clones."""
    with LocalDaytona(isolation="plain") as backend, Wire(backend) as wire:
        wire.box = wire.made()
        home = wire.toolbox("GET", "/user-home-dir").json()["dir"]

        assert wire.upload("/home/daytona/a/b.txt", b"plain").status_code == 200
        assert wire.output("cat a/b.txt") == "plain"
        assert wire.toolbox("GET", "/files/download?path=/home/daytona/a/b.txt").content == b"plain"
        assert f"{home}/a\n" == wire.output("pwd", cwd="/home/daytona/a")
        assert not Path("/home/daytona/a").exists()
