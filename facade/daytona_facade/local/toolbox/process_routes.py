"""Commands: a shell that reads the script on its standard input, in a process group of its own."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse

from .configuration import Configuration
from .daemon_errors import FailedError
from .request_fields import environment, json_object, seconds, text

SHELLS = ("zsh", "bash")


class Outcome(NamedTuple):
    """How a command ended; -1 when a signal or a failed start ended it."""

    exit_code: int
    output: str


async def execute(request: Request) -> JSONResponse:
    """Serve POST /process/execute."""
    settings: Configuration = request.app.state.settings
    body = await json_object(request)
    command = text(body, "command", required=True)
    if not command.strip():
        raise FailedError(400, "command cannot be empty")
    outcome = await run_script(
        settings, command, cwd=settings.located(text(body, "cwd")), env=environment(body), seconds_left=seconds(body)
    )
    return JSONResponse({"exitCode": outcome.exit_code, "result": outcome.output})


async def run_script(
    settings: Configuration, script: str, *, cwd: str = "", env: dict[str, str], seconds_left: int
) -> Outcome:
    """Run a shell script to its end and return its merged output.

    `seconds_left` is the longest that it may run, 0 for no limit. A script that outlives it loses its process
    group, and the request is answered with 408; what it had printed is lost.
    """
    shell = find_shell()
    try:
        process = await asyncio.create_subprocess_exec(
            shell,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd or None,
            env={**settings.env, **env},
            process_group=0,
        )
    except (OSError, ValueError) as exc:
        return Outcome(-1, start_failure(exc, shell, cwd))
    limit = min(filter(None, (seconds_left, settings.command_seconds)), default=None)
    try:
        async with asyncio.timeout(limit):
            output, _ = await process.communicate(script.encode() + b"\n")
    except TimeoutError:
        raise FailedError(408, "command execution timeout", "PROCESS_EXECUTION_TIMEOUT") from None
    finally:
        if process.returncode is None:
            kill_group(process.pid)
            await process.wait()
    code = process.returncode if process.returncode is not None else -1
    return Outcome(max(code, -1), output.decode(errors="replace"))


def kill_group(pid: int) -> None:
    """End every process of a command's group."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def find_shell() -> str:
    """Pick the shell as the daemon does: zsh, bash, $SHELL, else sh."""
    with suppress(OSError):
        listed = Path("/etc/shells").read_text().split()
        for name in SHELLS:
            for path in listed:
                if path.endswith(f"/{name}") and os.access(path, os.X_OK):
                    return path
    return os.environ.get("SHELL") or "/bin/sh"


def start_failure(exc: OSError | ValueError, shell: str, cwd: str) -> str:
    """Word a command that could not start as Go does."""
    reason = (exc.strerror or str(exc)).lower() if isinstance(exc, OSError) else "invalid argument"
    if cwd and not Path(shell).is_dir() and not _can_enter(cwd):
        return f"chdir {cwd}: {reason}"
    return f"fork/exec {shell}: {reason}"


def _can_enter(path: str) -> bool:
    try:
        return os.path.isdir(path) and os.access(path, os.X_OK)
    except ValueError:
        return False
