"""Sandboxes without isolation: plain child processes with folders of their own."""

from pathlib import Path

import attrs

from .interpreter import Interpreter


@attrs.frozen
class Plain:
    """Builds the command line of a sandbox that nothing isolates."""

    interpreter: Interpreter

    @property
    def plain(self) -> bool:
        """Whether sandboxes are plain processes."""
        return True

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

    def command(self, _folder: Path, _hostname: str, *, network: bool, info: int, program: list[str]) -> list[str]:  # noqa: ARG002 - the protocol's
        """Return the program itself."""
        return program
