"""Programs in a sandbox: run code, execute a command."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from .. import limits
from .._engine.calls import Call, Steps
from .._responses import generated
from .._responses.decoding import parse_json, to_int, to_object, to_str
from ..errors import DaytonaError, Failure, protocol_error
from ..outputs import ExecuteCommandOutput, RunCodeOutput
from .action import action
from .parameters import Env, Language, OptionalText, SandboxId, Seconds, Text


def _deadline_s(arguments: Mapping[str, Any]) -> float:
    return float(arguments["timeout"]) + limits.PROGRAM_MARGIN_S


@action(RunCodeOutput, deadline_s=_deadline_s, destructive=True)
def run_code(
    sandbox_id: SandboxId, code: Text, language: Language, env: Env = None, timeout: Seconds = 10
) -> Steps[RunCodeOutput]:
    """Run a program given as source text in a sandbox.

    Each call is a new process in the working directory that execute_command has as well: files stay, variables do not.
    The result holds standard output and error together; there is no standard input. A program that fails is a success
    with its exit code: 1 for an uncaught exception, 127 if the interpreter is missing. TypeScript's types are not
    checked. One that outlasts the timeout is killed and its output is lost: a failure of kind ``timeout``.
    Operation: POST /process/code-run of the toolbox.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        code: The program.
        language: What it is written in: python, javascript or typescript.
        env: Environment variables of the run.
        timeout: Seconds until it is killed; 10 when left out.
    """
    unset = generated.toolbox_types.UNSET
    envs = generated.toolbox_models.RunCodeEnvs.from_dict(env) if env else unset
    body = generated.toolbox_models.RunCode(code=code, language=language, envs=envs, timeout=timeout or unset)
    request = generated.toolbox.run_code_request(body=body)
    parse = partial(parse_json, generated.toolbox.run_code_parse)
    try:
        ran = yield from Call(generated.toolbox.run_code_path, request, parse, sandbox_id, limit=limits.PROGRAM_BYTES)
    except DaytonaError as exc:
        raise _without_code_run(exc) from None
    if not isinstance(ran, generated.toolbox_models.CodeResult):
        raise protocol_error("the answer is not the result of a program")
    exit_code, result = to_int(ran.exit_code), to_str(ran.result)
    if exit_code is None and result is None:
        raise protocol_error("the answer has neither exit code nor output")
    return RunCodeOutput(success=True, exit_code=exit_code, result=result, artifacts=to_object(ran.artifacts))


def _without_code_run(exc: DaytonaError) -> DaytonaError:
    """Explain a daemon's answer to a route that it does not have."""
    if exc.failure.status_code != 404 or "page not found" not in exc.failure.message:
        return exc
    missing = "the sandbox's daemon is too old to run code (/process/code-run came with 0.167): use execute_command"
    return DaytonaError(Failure("not_found", missing, 404))


@action(ExecuteCommandOutput, deadline_s=_deadline_s, destructive=True)
def execute_command(
    sandbox_id: SandboxId, command: Text, cwd: OptionalText = None, env: Env = None, timeout: Seconds = 10
) -> Steps[ExecuteCommandOutput]:
    """Execute a shell command or script in a sandbox.

    Each call is a new shell: files stay; ``cd``, exports and activated environments do not. The result holds standard
    output and error together. The script is the shell's standard input, so give a program that reads it ``<
    /dev/null``. A command that fails is a success with its exit code: 127 if it is unknown, -1 if it could not start or
    a signal ended it. One that outlasts the timeout is killed and its output is lost: a failure of kind ``timeout``.
    Give installs and builds a larger timeout. ``nohup COMMAND > log 2>&1 &`` runs on after the call, until the sandbox
    stops.
    Operation: POST /process/execute of the toolbox; daemons before 0.156 ignore env.

    Args:
        sandbox_id: ID of the sandbox, not its name.
        command: The command, for the sandbox's shell.
        cwd: Directory to run it in; the sandbox's working directory when left out.
        env: Environment variables of the command.
        timeout: Seconds until it is killed; 10 when left out.
    """
    unset = generated.toolbox_types.UNSET
    envs = generated.toolbox_models.ExecuteCommandEnvs.from_dict(env) if env else unset
    body = generated.toolbox_models.ExecuteCommand(
        command=command, cwd=cwd or unset, envs=envs, timeout=timeout or unset
    )
    request = generated.toolbox.execute_command_request(body=body)
    parse = partial(parse_json, generated.toolbox.execute_command_parse)
    ran = yield from Call(
        generated.toolbox.execute_command_path, request, parse, sandbox_id, limit=limits.PROGRAM_BYTES
    )
    if not isinstance(ran, generated.toolbox_models.CommandResult):
        raise protocol_error("the answer is not the result of a command")
    exit_code, result = to_int(ran.exit_code), to_str(ran.result)
    # The first daemons called it code.
    exit_code = to_int(ran.code) if exit_code is None else exit_code
    if env and to_int(ran.exit_code) is None and to_int(ran.code) is not None:
        old = "the sandbox's daemon is older than 0.156 and ignored env; the command ran without it"
        raise protocol_error(f"{old}: make the sandbox anew")
    if exit_code is None and result is None:
        raise protocol_error("the answer has neither exit code nor output")
    return ExecuteCommandOutput(success=True, exit_code=exit_code, result=result)
