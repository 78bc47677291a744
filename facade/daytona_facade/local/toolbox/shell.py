"""Scripts: a shell that reads one on its standard input, in a process group of its own."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, cast

from .configuration import Configuration
from .daemon_errors import FailedError
from .go_text import clean_path, reason
from .output import Output

# Daytona's images have bash and no zsh; so has a sandbox here, whatever this machine has besides.
SHELLS = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash")
# How long the daemon waits, once the shell has ended, for those who can still print.
DRAIN_SECONDS = 30


class Outcome(NamedTuple):
    """How a script ended; the exit code is -1 when a signal or a failed start ended it."""

    exit_code: int
    output: Output


class _Watch(asyncio.SubprocessProtocol):
    """Keeps what a process prints, and notices its end and the end of its output apart."""

    def __init__(self) -> None:
        self.output = Output()
        self.exited = asyncio.Event()
        self.drained = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - the protocol's
        self.output.write(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        if fd == 1:
            self.drained.set()

    def process_exited(self) -> None:
        self.exited.set()


async def run_script(
    configuration: Configuration, script: str, *, cwd: str = "", env: dict[str, str], seconds_left: int
) -> Outcome:
    """Run a shell script to its end and return its merged output.

    ``seconds_left`` is the longest that it may run, 0 for no limit. When it is over, the process group is killed,
    whether or not the shell itself still runs, and the request is answered with 408 and no output.
    """
    environment = {**configuration.env, **env}
    if cwd and not env:
        environment["PWD"] = clean_path(cwd)
    shell = find_shell()
    if any("\0" in value for value in environment.values()):
        return failed_start("exec: environment variable contains NUL")
    try:
        transport, watch = await asyncio.get_running_loop().subprocess_exec(
            _Watch,
            shell,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd or None,
            env=environment,
            process_group=0,
        )
    except (OSError, ValueError) as exc:
        return failed_start(f"fork/exec {shell}: {reason(exc)}")
    limit = min(filter(None, (seconds_left, configuration.command_seconds)), default=None)
    try:
        stdin = cast(asyncio.WriteTransport, transport.get_pipe_transport(0))
        stdin.write(script.encode())
        stdin.close()
        await wait(transport.get_pid(), watch, limit)
    except BaseException:
        watch.output.close()
        raise
    finally:
        transport.close()
    code = transport.get_returncode()
    return Outcome(-1 if code is None else max(code, -1), watch.output)


async def wait(pid: int, watch: _Watch, limit: int | None) -> None:
    """Wait for a shell and for all that can print; raise the daemon's 408 when the time is over before both."""
    try:
        async with asyncio.timeout(limit):
            await watch.exited.wait()
            await drain(watch)
    except TimeoutError:
        kill_group(pid)
        await watch.exited.wait()
        await drain(watch)
        raise FailedError(408, "command execution timeout", "PROCESS_EXECUTION_TIMEOUT") from None
    except BaseException:
        kill_group(pid)
        raise


async def drain(watch: _Watch) -> None:
    """Wait for the end of the output, but not for ever: a background process may hold it."""
    with suppress(TimeoutError):
        await asyncio.wait_for(watch.drained.wait(), DRAIN_SECONDS)


def failed_start(message: str) -> Outcome:
    """Describe a shell that could not be started, as the daemon does: in the output."""
    output = Output()
    output.write(message.encode())
    return Outcome(-1, output)


def kill_group(pid: int) -> None:
    """End every process of a group."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def find_shell() -> str:
    """Pick the shell: bash, else $SHELL, else sh."""
    found = next((shell for shell in SHELLS if Path(shell).exists()), None)
    return found or os.environ.get("SHELL") or "/bin/sh"
