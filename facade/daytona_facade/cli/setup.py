"""What the options before the subcommand set up: the client, and the backend that it talks to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..client import Daytona


class Failed(click.ClickException):
    """A failure of this program's own, in one line on standard error."""

    def show(self, file: Any = None) -> None:
        click.echo(f"daytona-facade: {printable(self.message)}", file=file, err=file is None)


class Misconfigured(Failed):
    """What is set, or installed, does not allow the command."""

    exit_code = 2


@dataclass(frozen=True)
class Setup:
    """The options before the subcommand."""

    local: bool = False
    deadline_s: float | None = None

    @contextmanager
    def client(self) -> Iterator["Daytona"]:
        """Make the client, and for as long as it is used the local backend where that is wanted."""
        from ..client import Daytona

        try:
            if not self.local:
                yield Daytona(deadline_s=self.deadline_s)
                return
            with local_backend() as backend:
                yield Daytona(
                    backend.api_key,
                    api_url=backend.api_url,
                    toolbox_url=backend.toolbox_url,
                    deadline_s=self.deadline_s,
                )
        except ValueError as exc:
            raise Misconfigured(f"{exc}; `daytona-facade doctor` looks further") from None


@contextmanager
def local_backend() -> Iterator[Any]:
    """Run the local backend; without its extra, say how to install it."""
    try:
        from ..local import LocalDaytona
    except ImportError as exc:
        raise Misconfigured(str(exc)) from None
    backend = LocalDaytona()
    try:
        backend.start()
    except RuntimeError as exc:
        raise Failed(str(exc)) from None
    try:
        yield backend
    finally:
        backend.stop()


def printable(text: str) -> str:
    """Replace what would move a terminal's cursor or change its colours: names and messages come from elsewhere."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
