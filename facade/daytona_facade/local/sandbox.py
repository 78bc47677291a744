"""The process of one sandbox, and the connection to its toolbox."""

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import httpx

from .isolation import Isolation
from .isolation.cgroups import Group
from .workspace import SYSTEM_PATH, Workspace

BOOT_SECONDS = 30.0
_KILL_SECONDS = 5.0
_GROUP_TRIALS = 50
_VERSION_URL = "http://sandbox/version"


class StartError(Exception):
    """A sandbox whose toolbox did not come up; the message says why."""


@attrs.define(eq=False)
class Running:
    """A sandbox that is up."""

    process: asyncio.subprocess.Process
    client: httpx.AsyncClient
    group: Group | None
    init: int | None = None
    """The first process of its PID namespace, whose end ends every process in it."""
    suspected: bool = False
    """Its toolbox is being probed."""

    async def kill(self) -> None:
        """End every process of the sandbox, and return when they are gone."""
        try:
            if self.process.returncode is None:
                if self.init is not None:
                    _kill(self.init)
                elif self.process.stdin is not None:
                    self.process.stdin.close()
                try:
                    await asyncio.wait_for(self.process.wait(), _KILL_SECONDS)
                except TimeoutError:
                    _kill(self.process.pid)
                    await asyncio.wait_for(self.process.wait(), _KILL_SECONDS)
        finally:
            with suppress(Exception):
                await self.client.aclose()
            await self._remove_group()

    async def _remove_group(self) -> None:
        for _ in range(_GROUP_TRIALS):
            # The kernel takes a moment to forget the last process.
            if self.group is None or self.group.remove():
                break
            await asyncio.sleep(0.02)

    async def answers(self, seconds: float) -> bool:
        """Tell whether the toolbox still answers within some time."""
        try:
            return (await self.client.get(_VERSION_URL, timeout=seconds)).is_success
        except (httpx.HTTPError, RuntimeError):
            return False


async def start_sandbox(
    workspace: Workspace,
    isolation: Isolation,
    settings: dict[str, Any],
    hostname: str,
    *,
    network: bool,
    group: Group | None,
) -> Running:
    """Start a sandbox and wait until its toolbox answers; raises StartError."""
    process, info = await _spawn(workspace, isolation, hostname, network=network)
    client = httpx.AsyncClient(transport=_transport(workspace.socket), timeout=None, trust_env=False)  # noqa: S113 - a command may run for hours
    running = Running(process, client, group)
    try:
        running.init = await _init_pid(info, isolation)
        if group is not None:
            # It takes the kernel some 20 ms, while Python starts; no command runs before the settings are there.
            await asyncio.to_thread(group.adopt, running.init or process.pid)
        await _greet(running, settings)
    except BaseException as exc:
        await running.kill()
        if isinstance(exc, Exception):
            raise StartError(_reason(workspace, exc)) from None
        raise
    return running


async def _spawn(
    workspace: Workspace, isolation: Isolation, hostname: str, *, network: bool
) -> tuple[asyncio.subprocess.Process, int]:
    """Start the process, and return it with the pipe that bubblewrap writes to."""
    listener = _listen(workspace.socket)
    info, info_end = os.pipe()
    try:
        boot = isolation.interpreter.boot(listener.fileno(), isolation.toolbox, isolation.site)
        command = isolation.command(workspace.folder, hostname, network=network, info=info_end, program=boot)
        with workspace.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"},
                pass_fds=(listener.fileno(), info_end),
                start_new_session=True,
            )
    except BaseException as exc:
        os.close(info)
        if isinstance(exc, OSError):
            raise StartError(str(exc)) from None
        raise
    finally:
        os.close(info_end)
        listener.close()
    return process, info


async def _init_pid(info: int, isolation: Isolation) -> int | None:
    """Read from bubblewrap which process is the first of the sandbox."""
    pipe = os.fdopen(info, "rb", buffering=0)
    if isolation.plain:
        pipe.close()
        return None
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        text = await asyncio.wait_for(reader.read(), BOOT_SECONDS)
    finally:
        transport.close()
    return int(json.loads(text)["child-pid"])


async def _greet(running: Running, settings: dict[str, Any]) -> None:
    """Hand over the settings, and wait for the first answer."""
    stdin = running.process.stdin
    if stdin is None:
        raise StartError("its standard input is closed")
    stdin.write(json.dumps(settings).encode() + b"\n")
    await stdin.drain()
    answer = asyncio.ensure_future(running.client.get(_VERSION_URL))
    death = asyncio.ensure_future(running.process.wait())
    try:
        await asyncio.wait((answer, death), timeout=BOOT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise StartError("its toolbox ended" if death.done() else "its toolbox does not answer")
        answer.result().raise_for_status()
    finally:
        answer.cancel()
        death.cancel()


def _transport(path: Path) -> httpx.AsyncHTTPTransport:
    """Return a transport to a toolbox, with as many connections as there are requests."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncHTTPTransport(uds=str(path), limits=limits)


def _listen(path: Path) -> socket.socket:
    """Open the socket of a toolbox, in a place that the sandbox does not see."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    return listener


def _reason(workspace: Workspace, exc: Exception) -> str:
    """Return why a sandbox did not start, from the end of its log where it has one."""
    with suppress(OSError):
        text = workspace.log.read_text(errors="replace").strip()
        if text:
            return text[-500:]
    return str(exc) or type(exc).__name__


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
