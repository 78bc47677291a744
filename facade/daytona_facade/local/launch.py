"""LocalDaytona: the backend in a child process, for as long as a block or an object lives."""

import json
import os
import subprocess
import sys
import tempfile
import warnings
import weakref
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import attrs

from .isolation.choose import NOT_ISOLATED, IsolationError
from .options import Options

NOT_ISOLATED_EXIT = 3
_STOP_SECONDS = 10


class NoIsolationWarning(UserWarning):
    """Sandboxes run as plain processes of this user, because this machine cannot isolate them."""


class LocalDaytona:
    """Run the local backend while the ``with`` block lasts.

    The keyword arguments are the fields of ``Options``. Inside the block ``client_options()`` has what a client needs,
    ``isolation`` says how sandboxes are kept apart, and ``limits`` which limits hold for them. The server ends with
    this process, however that ends.

    ``isolation="auto"`` uses bubblewrap; where that does not work, sandboxes are plain processes that can do all that
    this user can, and ``start`` issues a ``NoIsolationWarning``. ``isolation="none"`` is consent to that, without the
    warning. ``isolation="bubblewrap"`` and ``require_isolation=True`` raise ``IsolationError`` instead. Entering
    raises RuntimeError with the server's own words when it does not start for another reason.
    """

    api_url: str
    toolbox_url: str
    isolation: str
    limits: str

    def __init__(self, **options: Any) -> None:
        self.options = Options(**options)
        self.api_key = self.options.api_key
        self.pid: int | None = None
        self._stop: weakref.finalize[..., LocalDaytona] | None = None

    def client_options(self) -> dict[str, Any]:
        """Return the keyword arguments with which a client reaches this backend."""
        return {"api_key": self.api_key, "api_url": self.api_url, "toolbox_url": self.toolbox_url}

    def start(self) -> Self:
        """Start the server and wait until it accepts connections."""
        self._start(stacklevel=3)
        return self

    def stop(self) -> None:
        """End the server and every sandbox; a second call does nothing."""
        if self._stop is not None:
            self._stop()

    def __enter__(self) -> Self:
        self._start(stacklevel=3)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, stacklevel: int) -> None:
        if self._stop is not None:
            raise RuntimeError("the local backend has been started already")
        with tempfile.TemporaryFile() as errors:
            process = _spawn(errors)
            answer = self._exchange_options(process)
            if not answer:
                _stop(process)
                errors.seek(0)
                raise _start_error(process.returncode, errors.read().decode(errors="replace").strip())
        address = json.loads(answer)
        self.pid = process.pid
        self.api_url, self.toolbox_url = address["api_url"], address["toolbox_url"]
        self.isolation, self.limits = address["isolation"], address["limits"]
        self._stop = weakref.finalize(self, _stop, process)
        if self.isolation.startswith(NOT_ISOLATED) and self.options.isolation != "none":
            self._warn(stacklevel + 1)

    def _warn(self, stacklevel: int) -> None:
        message = f"{self.isolation.removeprefix('isolation: ')} (isolation='none' accepts this)"
        try:
            warnings.warn(message, NoIsolationWarning, stacklevel=stacklevel)
        except NoIsolationWarning:
            # A filter has made it an error.
            self.stop()
            raise

    def _exchange_options(self, process: subprocess.Popen[bytes]) -> bytes:
        if process.stdin is None or process.stdout is None:
            return b""
        try:
            process.stdin.write(json.dumps(attrs.asdict(self.options)).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        return process.stdout.readline()


def _spawn(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the server's process; its standard error goes to ``errors``."""
    package = __package__ or ""
    root = Path(__file__).resolve().parents[package.count(".") + 1]
    path = os.pathsep.join([str(root), *(entry for entry in sys.path if entry)])
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", package, "--attached"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": path},
        # An interrupt typed at a terminal is for the parent, which may need the server until its own end.
        start_new_session=True,
    )


def _start_error(exit_code: int, output: str) -> RuntimeError:
    if exit_code == NOT_ISOLATED_EXIT:
        return IsolationError(output.removeprefix("daytona-facade local: "))
    return RuntimeError(f"the local backend did not start: {output or f'exit code {exit_code}'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server; kill one that does not go."""
    # A forked copy of this process may keep the pipe open, so that its end alone would not be noticed.
    process.terminate()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
