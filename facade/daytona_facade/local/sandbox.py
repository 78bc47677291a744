"""The life of one sandbox: its folder, its process, and the way to its toolbox."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from .bubblewrap import HOME, PYTHON
from .interpreter import make_python
from .isolation import Isolation
from .toolbox.configuration import Configuration

BOOT_SECONDS = 30.0
PLAIN_KILL_SECONDS = 5.0
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class StartError(Exception):
    """A sandbox whose toolbox did not come up; the text says why."""


@dataclass(frozen=True)
class Workspace:
    """The folder that is the disk of one sandbox, and the socket of its toolbox beside it."""

    folder: Path
    socket: Path

    @property
    def log(self) -> Path:
        """What the toolbox and bubblewrap write on standard error."""
        return self.folder / "log"


@dataclass(eq=False)
class Running:
    """A sandbox that is up."""

    process: asyncio.subprocess.Process
    client: httpx.AsyncClient
    init: int | None
    """The first process of its pid namespace, whose end is the end of all in it."""

    async def kill(self) -> None:
        """End every process of the sandbox, and return when they are gone."""
        if self.process.returncode is None:
            if self.init is not None:
                _kill(self.init)
            elif self.process.stdin is not None:
                self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), PLAIN_KILL_SECONDS)
            except TimeoutError:
                _kill(self.process.pid)
                await self.process.wait()
        await self.client.aclose()


def make_workspace(workspace: Workspace, isolation: Isolation, hostname: str) -> None:
    """Lay out the disk of a new sandbox."""
    workspace.folder.mkdir(mode=0o700)
    hosts = workspace.folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {hostname}\n::1 localhost\n")
    hosts.chmod(0o644)
    _, python = places(workspace, isolation)
    for name in ("home", "tmp"):
        (workspace.folder / name).mkdir(mode=0o755)
    (workspace.folder / "tmp").chmod(0o1777)
    make_python(workspace.folder / "python", python, isolation.interpreter, isolation.site)
    for name in ("home", "tmp", "python"):
        isolation.own(workspace.folder / name)


def places(workspace: Workspace, isolation: Isolation) -> tuple[str, str]:
    """Tell where the sandbox itself sees its home and its Python."""
    if isolation.plain:
        return str(workspace.folder / "home"), str(workspace.folder / "python")
    return HOME, PYTHON


def environment(workspace: Workspace, isolation: Isolation, identity: str, extra: dict[str, str]) -> dict[str, str]:
    """Make the environment of a sandbox: nothing of the server's own is in it."""
    home, python = places(workspace, isolation)
    temporary = str(workspace.folder / "tmp") if isolation.plain else "/tmp"  # noqa: S108 -- the sandbox's own
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
    return base | extra


async def start(
    workspace: Workspace, isolation: Isolation, settings: Configuration, hostname: str, *, network: bool
) -> Running:
    """Start a sandbox and wait until its toolbox answers; raises StartError."""
    listener = listen(workspace.socket)
    info, told = os.pipe()
    try:
        boot = isolation.interpreter.boot(listener.fileno(), isolation.toolbox, isolation.site)
        command = isolation.command(workspace.folder, hostname, network=network, info=told, program=boot)
        with workspace.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"},
                pass_fds=(listener.fileno(), told),
                start_new_session=True,
            )
    except OSError as error:
        os.close(info)
        raise StartError(str(error)) from None
    finally:
        os.close(told)
        listener.close()
    client = httpx.AsyncClient(transport=transport(workspace.socket), timeout=None, trust_env=False)  # noqa: S113 -- commands may take for ever
    running = Running(process, client, None)
    try:
        running.init = await init_pid(info, isolation)
        await greet(running, settings)
    except BaseException as error:
        await running.kill()
        if isinstance(error, Exception):
            raise StartError(why(workspace, error)) from None
        raise
    return running


async def init_pid(info: int, isolation: Isolation) -> int | None:
    """Read from bubblewrap which process is the first of the sandbox."""
    with os.fdopen(info, "rb") as pipe:
        if isolation.plain:
            return None
        text = await asyncio.to_thread(pipe.read)
    return int(json.loads(text)["child-pid"])


async def greet(running: Running, settings: Configuration) -> None:
    """Hand over the settings, and wait for the first answer."""
    stdin = running.process.stdin
    if stdin is None:
        raise StartError("no way to its standard input")
    stdin.write(json.dumps(settings._asdict()).encode() + b"\n")
    await stdin.drain()
    answer = asyncio.ensure_future(running.client.get("http://sandbox/version"))
    death = asyncio.ensure_future(running.process.wait())
    try:
        await asyncio.wait((answer, death), timeout=BOOT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise StartError("its toolbox ended" if death.done() else "its toolbox does not answer")
        answer.result().raise_for_status()
    finally:
        answer.cancel()
        death.cancel()


def transport(path: Path) -> httpx.AsyncHTTPTransport:
    """Make the way to a toolbox: as many connections as there are requests."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncHTTPTransport(uds=str(path), limits=limits)


def listen(path: Path) -> socket.socket:
    """Open the socket of a toolbox, in a place that the sandbox does not see."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    return listener


def why(workspace: Workspace, error: Exception) -> str:
    """Tell why a sandbox did not start, with the last that it said."""
    with suppress(OSError):
        said = workspace.log.read_text(errors="replace").strip()
        if said:
            return said[-500:]
    return str(error) or type(error).__name__


def remove(workspace: Workspace) -> None:
    """Delete the disk of a sandbox that is not running."""
    workspace.socket.unlink(missing_ok=True)
    shutil.rmtree(workspace.folder, ignore_errors=True)
    if workspace.folder.exists():
        # Folders may have been closed from inside.
        for folder, _, _ in os.walk(workspace.folder):
            with suppress(OSError):
                os.chmod(folder, 0o700)
        shutil.rmtree(workspace.folder, ignore_errors=True)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
