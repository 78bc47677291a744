"""The disk of one sandbox, and the environment that its processes start with."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

from .isolation import Isolation
from .isolation.bubblewrap import HOME, PYTHON
from .isolation.interpreter import make_python

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@attrs.frozen
class Workspace:
    """The folder that is the disk of one sandbox, and the socket of its toolbox beside it."""

    folder: Path
    socket: Path

    @property
    def log(self) -> Path:
        """What the toolbox and bubblewrap write on standard error."""
        return self.folder / "log"


def make_workspace(workspace: Workspace, isolation: Isolation, hostname: str) -> None:
    """Create the disk of a new sandbox."""
    workspace.folder.mkdir(mode=0o700)
    hosts = workspace.folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {hostname}\n::1 localhost\n")
    hosts.chmod(0o644)
    _, python = home_and_python(workspace, isolation)
    for name in ("home", "tmp"):
        (workspace.folder / name).mkdir(mode=0o755)
    (workspace.folder / "tmp").chmod(0o1777)
    make_python(workspace.folder / "python", python, isolation.interpreter, isolation.site)
    for name in ("home", "tmp", "python"):
        isolation.own(workspace.folder / name)


def home_and_python(workspace: Workspace, isolation: Isolation) -> tuple[str, str]:
    """Return where the sandbox itself sees its home and its Python."""
    if isolation.plain:
        return str(workspace.folder / "home"), str(workspace.folder / "python")
    return HOME, PYTHON


def environment(workspace: Workspace, isolation: Isolation, identity: str, extra: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a sandbox, which has nothing of the server's own."""
    home, python = home_and_python(workspace, isolation)
    temporary = str(workspace.folder / "tmp") if isolation.plain else "/tmp"  # noqa: S108 - the sandbox's own
    base = {
        "HOME": home,
        "USER": "daytona",
        "LOGNAME": "daytona",
        "SHELL": "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh",
        "LANG": "C.UTF-8",
        "TMPDIR": temporary,
        "PATH": f"{python}/bin:{home}/.local/bin:{SYSTEM_PATH}",
        # Otherwise npm's advertisement of itself gets into the output of TypeScript programs.
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "DAYTONA_SANDBOX_ID": identity,
        "DAYTONA_SANDBOX_USER": "daytona",
    }
    return base | _as_variables(extra)


def remove_workspace(workspace: Workspace) -> None:
    """Delete the disk of a sandbox that is not running."""
    with suppress(OSError):
        workspace.socket.unlink(missing_ok=True)
    shutil.rmtree(workspace.folder, ignore_errors=True)
    if workspace.folder.exists():
        # The sandbox may have made folders unreadable.
        for folder, _, _ in os.walk(workspace.folder):
            with suppress(OSError):
                os.chmod(folder, 0o700)
        shutil.rmtree(workspace.folder, ignore_errors=True)


def _as_variables(extra: Mapping[str, Any]) -> dict[str, str]:
    """Read names and values as Docker does, which joins both with an equals sign: ``A=B`` and ``C`` set ``A``."""
    variables = {}
    for name, value in extra.items():
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        variable, _, content = f"{name}={text}".partition("=")
        if variable:
            variables[variable] = content
    return variables
