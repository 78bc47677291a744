"""One sandbox as a plain child process, where nothing can isolate it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .interpreter import Interpreter


@dataclass(frozen=True)
class Plain:
    """Builds command lines for processes that are apart in their folders only."""

    interpreter: Interpreter
    plain = True

    @property
    def toolbox(self) -> str:
        """Where the toolbox package is."""
        return str(self.interpreter.toolbox)

    @property
    def site(self) -> list[str]:
        """Where the packages are that the toolbox needs."""
        return [str(path) for path in self.interpreter.site]

    def own(self, folder: Path) -> None:
        """Leave a folder to the user who runs the server."""

    def command(self, _folder: Path, _hostname: str, *, network: bool, info: int, program: list[str]) -> list[str]:  # noqa: ARG002 -- the protocol's
        """Return the program itself."""
        return program
