"""What the options before the subcommand set up: the client, and the local backend if it talks to one."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from .terminal import printable

if TYPE_CHECKING:
    from ..client import Daytona
    from ..local import LocalDaytona

WINDOWS = os.name == "nt"


class CommandError(click.ClickException):
    """A failure of the command line itself, printed as one line on standard error."""

    def show(self, file: Any = None) -> None:
        click.echo(f"daytona-facade: {printable(self.message)}", file=file, err=file is None)


class ConfigurationError(CommandError):
    """A setting, an extra or this machine does not allow the command."""

    exit_code = 2


class GlobalOptions:
    """The options before the subcommand."""

    def __init__(self, *, local: bool = False, isolated: bool = True, deadline_s: float | None = None) -> None:
        self.local = local
        self.isolated = isolated
        self.deadline_s = deadline_s

    @contextmanager
    def client(self) -> Iterator["Daytona"]:
        """Make the client, with ``--local`` on a backend that runs until the block ends."""
        from ..client import Daytona

        try:
            if not self.local:
                yield Daytona(deadline_s=self.deadline_s)
                return
            with local_backend(isolated=self.isolated) as backend:
                yield Daytona(**backend.client_options(), deadline_s=self.deadline_s)
        except ValueError as exc:
            raise ConfigurationError(f"{exc}; run `daytona-facade doctor` to check the settings") from None


@contextmanager
def local_backend(*, isolated: bool) -> Iterator["LocalDaytona"]:
    """Run the local backend; refuse to where sandboxes should be isolated and cannot be."""
    require_local_platform()
    try:
        from ..local import IsolationError, LocalDaytona, NoIsolationWarning
    except ImportError as exc:
        raise ConfigurationError(str(exc)) from None
    backend = LocalDaytona(require_isolation=isolated)
    try:
        with warnings.catch_warnings():
            if not isolated:
                # The caller has accepted it.
                warnings.simplefilter("ignore", NoIsolationWarning)
            backend.start()
    except IsolationError as exc:
        raise ConfigurationError(f"{exc}; --no-isolation lets programs run as your user instead") from None
    except RuntimeError as exc:
        raise CommandError(str(exc)) from None
    try:
        yield backend
    finally:
        backend.stop()


def require_local_platform() -> None:
    """Refuse the local backend where the operating system cannot run it."""
    if WINDOWS:
        raise ConfigurationError("the local backend runs on Linux and macOS only")
