"""LocalDaytona: the backend in a child process, for as long as a block or an object lives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import weakref
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from .options import Options

STOP_SECONDS = 10


class LocalDaytona:
    """Run the local backend while the `with` block lasts.

    The keyword arguments are the fields of `Options`. Inside the block `api_url`, `toolbox_url` and `api_key` are
    what a client needs, and `isolation` says how the sandboxes are kept apart. Entering raises RuntimeError with
    what the server said when it does not start. The server ends with this process, however that ends.
    """

    api_url: str
    toolbox_url: str
    isolation: str

    def __init__(self, **options: Any) -> None:
        self.options = Options(**options)
        self.api_key = self.options.api_key
        self.pid: int | None = None
        self._stop: weakref.finalize[..., LocalDaytona] | None = None

    def start(self) -> Self:
        """Start the server and wait until it accepts connections."""
        if self._stop is not None:
            raise RuntimeError("the local backend has been started already")
        with tempfile.TemporaryFile() as said:
            process = spawn(said)
            answer = self._introduce(process)
            if not answer:
                stop(process)
                said.seek(0)
                text = said.read().decode(errors="replace").strip()
                raise RuntimeError(f"the local backend did not start: {text or f'exit code {process.returncode}'}")
        told = json.loads(answer)
        self.pid = process.pid
        self.api_url, self.toolbox_url, self.isolation = told["api_url"], told["toolbox_url"], told["isolation"]
        self._stop = weakref.finalize(self, stop, process)
        return self

    def stop(self) -> None:
        """End the server and every sandbox; a second call does nothing."""
        if self._stop is not None:
            self._stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _introduce(self, process: subprocess.Popen[bytes]) -> bytes:
        if process.stdin is None or process.stdout is None:
            return b""
        try:
            process.stdin.write(json.dumps(asdict(self.options)).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        return process.stdout.readline()


def spawn(said: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the server's process; what it complains of goes to `said`."""
    package = __package__ or ""
    root = Path(__file__).resolve().parents[package.count(".") + 1]
    path = os.pathsep.join([str(root), *(entry for entry in sys.path if entry)])
    return subprocess.Popen(  # noqa: S603 -- our own module
        [sys.executable, "-P", "-m", package, "--attached"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": path},
        # An interrupt typed at a terminal is for the parent, which may want the server to the end.
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server; one that does not go is killed."""
    # A forked copy of this process may keep the pipe open, so that its end alone would not be noticed.
    process.terminate()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
