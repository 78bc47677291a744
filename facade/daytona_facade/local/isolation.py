"""Which isolation this machine can give, found out by trying."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from .bubblewrap import Bubblewrap, can_size, find_program, write_etc
from .interpreter import Interpreter, this_interpreter
from .options import Options
from .plain import Plain

TRIAL_SECONDS = 20


class Isolation(Protocol):
    """What the life of a sandbox needs to know of the way it is isolated."""

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


class IsolationError(Exception):
    """Isolation was required and is not to be had."""


def choose_isolation(options: Options, folder: Path) -> tuple[Isolation, str]:
    """Pick the isolation, and say in one line which and why; raises IsolationError."""
    interpreter = this_interpreter()
    if options.isolation == "plain":
        return Plain(interpreter), "isolation: NONE, as asked; sandboxes are plain processes of your own user"
    rooted = os.geteuid() == 0
    try:
        etc = folder / "etc"
        write_etc(etc)
        program = find_program(rooted)
        isolation = Bubblewrap(program, etc, interpreter, rooted, can_size(program))
        attempt(isolation)
    except (OSError, subprocess.SubprocessError) as error:
        if options.require_isolation or options.isolation == "bubblewrap":
            raise IsolationError(f"bubblewrap cannot be used here: {error}") from None
        return Plain(interpreter), (
            f"isolation: NONE, bubblewrap cannot be used here ({error}); "
            "commands in a sandbox can read and change all that you can"
        )
    return isolation, "isolation: bubblewrap"


def attempt(isolation: Bubblewrap) -> None:
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
            result = subprocess.run(  # noqa: S603 -- our own words
                command, capture_output=True, pass_fds=(null,), timeout=TRIAL_SECONDS, check=False
            )
        finally:
            os.close(null)
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip() or f"exit code {result.returncode}"
        raise OSError(said)
