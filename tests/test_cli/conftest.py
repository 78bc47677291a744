"""Fixtures: the command line as a process or in this one, against the local backend or a recording server."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from daytona_facade import Daytona
from daytona_facade.cli import main
from daytona_facade.local import LocalDaytona

PROGRAM = [sys.executable, "-m", "daytona_facade.cli"]


class Shell:
    """Runs ``daytona-facade`` as a process, in its own directory and environment."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.environment = {**os.environ, "PYTHONWARNINGS": "error", "TERM": "xterm-256color", **environment}

    def __call__(self, *words: str, code: int = 0, given: str | bytes = b"", **more: str) -> str:
        """Run it, check the exit code, and return standard output; ``complaint`` keeps standard error."""
        ran = self.run(*words, given=given, **more)
        assert ran.returncode == code, (words, ran.stdout, ran.stderr)
        self.complaint = ran.stderr.decode()
        return ran.stdout.decode()

    def json(self, *words: str, code: int = 0, **more: Any) -> Any:
        """Run it with ``--json``, check that standard error is empty, and return the JSON document."""
        printed = self(*with_json(words), code=code, **more)
        assert self.complaint == ""
        return json.loads(printed)

    def run(self, *words: str, given: str | bytes = b"", **more: str) -> "subprocess.CompletedProcess[bytes]":
        """Run it without checking the exit code."""
        text = given.encode() if isinstance(given, str) else given
        environment = {**self.environment, **more}
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=self.directory,
            env=environment,
            input=text,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def start(self, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start it and return the process."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen([*PROGRAM, *words], cwd=self.directory, env=self.environment, **{**pipes, **options})

    def terminal(self, *words: str, **more: str) -> str:
        """Run it on a terminal and return what the terminal shows."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.directory,
            env={**self.environment, "COLUMNS": "100", **more},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            # Linux says so when the last process has left the terminal.
            pass
        finally:
            os.close(ours)
        assert process.wait(20) == 0, shown
        return shown.decode()


class Inside:
    """Runs the command line in this process, which is faster than starting one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._captured = capfd

    def __call__(self, *words: str, code: int = 0, given: str = "", **more: str) -> str:
        """Run it, check the exit code, and return standard output; ``complaint`` keeps standard error."""
        for name, value in more.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(sys, "argv", ["daytona-facade", *words])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        before = signal.getsignal(signal.SIGTERM)
        self._captured.readouterr()
        try:
            ended = main()
        finally:
            signal.signal(signal.SIGTERM, before)
        printed, self.complaint = self._captured.readouterr()
        assert code == ended, (words, printed, self.complaint)
        return printed

    def json(self, *words: str, code: int = 0, **more: Any) -> Any:
        """Run it with ``--json``, check that standard error is empty, and return the JSON document."""
        printed = self(*with_json(words), code=code, **more)
        assert self.complaint == ""
        return json.loads(printed)


def with_json(words: tuple[str, ...]) -> list[str]:
    """Insert ``--json`` at the end of the options."""
    at = words.index("--") if "--" in words else len(words)
    return [*words[:at], "--json", *words[at:]]


@pytest.fixture
def inside(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    backend_environment: dict[str, str],
) -> Inside:
    """Run the command line in this process, on the local backend and in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in backend_environment.items():
        monkeypatch.setenv(name, value)
    return Inside(monkeypatch, capfd)


@pytest.fixture
def backend_environment(local_backend: LocalDaytona) -> dict[str, str]:
    """Return the variables that point to the local backend."""
    return {
        "DAYTONA_API_KEY": local_backend.api_key,
        "DAYTONA_API_URL": local_backend.api_url,
        "DAYTONA_TOOLBOX_URL": local_backend.toolbox_url,
    }


@pytest.fixture
def shell(tmp_path: Path, backend_environment: dict[str, str]) -> Shell:
    """Run the command line on the local backend."""
    return Shell(tmp_path, **backend_environment)


@pytest.fixture(scope="module")
def box(local_backend: LocalDaytona) -> Iterator[str]:
    """Keep one started sandbox for the tests of a module."""
    client = Daytona(**local_backend.client_options())
    with client.temporary_sandbox() as sandbox_id:
        yield sandbox_id


class Recorder:
    """A server that records requests and answers each with the same JSON."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.paths: list[str] = []
        self.answer: Any = {"id": "box", "state": "started"}
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                recorder.paths.append(self.path)
                as_json = self.headers.get_content_type() == "application/json"
                recorder.bodies.append(json.loads(sent) if sent and as_json else None)
                body = json.dumps(recorder.answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the base class's names

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Record what the command line sends."""
    server = Recorder()
    yield server
    server.close()


@pytest.fixture
def recorded(inside: Inside, monkeypatch: pytest.MonkeyPatch, recorder: Recorder) -> Inside:
    """Run the command line on the recording server."""
    monkeypatch.setenv("DAYTONA_API_KEY", "dtn_secret_key")
    monkeypatch.setenv("DAYTONA_API_URL", f"{recorder.url}/api")
    monkeypatch.setenv("DAYTONA_TOOLBOX_URL", f"{recorder.url}/toolbox")
    return inside
