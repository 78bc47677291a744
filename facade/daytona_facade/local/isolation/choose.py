"""Find out by trying which isolation this machine can give."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from ..options import Options
from .bubblewrap import Bubblewrap, can_limit_mounts, find_program, write_etc
from .interpreter import Interpreter, this_interpreter
from .plain import Plain

NOT_ISOLATED = "isolation: NONE"
_TRIAL_SECONDS = 20


class Isolation(Protocol):
    """What the rest of the backend needs to know of the way sandboxes are isolated."""

    @property
    def interpreter(self) -> Interpreter: ...
    @property
    def plain(self) -> bool: ...
    @property
    def toolbox(self) -> str: ...
    @property
    def site(self) -> list[str]: ...
    def own(self, folder: Path, /) -> None: ...
    def command(self, folder: Path, hostname: str, /, *, network: bool, info: int, program: list[str]) -> list[str]: ...


class IsolationError(RuntimeError):
    """Isolation is required and this machine cannot give it; the message is one sentence for the user."""


def choose_isolation(options: Options, folder: Path) -> tuple[Isolation, str]:
    """Return the isolation to use and a line that says which and why; raises IsolationError."""
    if options.isolation == "none":
        plain = Plain(this_interpreter())
        return plain, f"{NOT_ISOLATED}, as asked; sandboxes are plain processes of your own user"
    try:
        return _bubblewrap(folder), "isolation: bubblewrap"
    except (OSError, subprocess.SubprocessError) as exc:
        if options.require_isolation or options.isolation == "bubblewrap":
            raise IsolationError(f"sandboxes cannot be isolated here: {_reason(exc)}") from None
        return Plain(this_interpreter()), (
            f"{NOT_ISOLATED}, {_reason(exc)}; commands in a sandbox can read and change all that you can"
        )


def isolation_problem() -> str | None:
    """Return why sandboxes cannot be isolated on this machine, or ``None`` where they can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _bubblewrap(Path(folder))
        except (OSError, subprocess.SubprocessError) as exc:
            return _reason(exc)
    return None


def _reason(exc: Exception) -> str:
    return f"bubblewrap cannot be used here: {exc}"


def _bubblewrap(folder: Path) -> Bubblewrap:
    as_root = os.geteuid() == 0
    etc = folder / "etc"
    write_etc(etc)
    program = find_program(as_root)
    isolation = Bubblewrap(program, etc, this_interpreter(), as_root, can_limit_mounts(program))
    _try(isolation)
    return isolation


def _try(isolation: Bubblewrap) -> None:
    """Run the toolbox's Python once in a sandbox; raises OSError with what went wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("home", "tmp", "python"):
            (folder / part).mkdir()
            isolation.own(folder / part)
        program = [str(isolation.interpreter.program), "-I", "-S", "-c", "import socket"]
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            command = isolation.command(folder, "attempt", network=True, info=null, program=program)
            result = subprocess.run(  # noqa: S603 - the command is ours
                command, capture_output=True, pass_fds=(null,), timeout=_TRIAL_SECONDS, check=False
            )
        finally:
            os.close(null)
    if result.returncode:
        output = result.stderr.decode(errors="replace").strip() or f"exit code {result.returncode}"
        raise OSError(output)
