"""Programs in a sandbox from the shell: their output on standard output, their exit code passed on."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..actions import Action
from ..outputs import ExecuteCommandOutput, RunCodeOutput
from .chart_files import prepare_directory, save_charts, suggest_saving
from .forms import Form, action_help, action_parameters, run_action
from .setup import GlobalOptions
from .terminal import print_output

_LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".cjs": "javascript",
    ".mjs": "javascript",
    ".ts": "typescript",
}
_UNKNOWN_EXIT_CODE = 255
_EXIT_HELP = (
    "The exit code is the program's own, or 255 if a signal ended it. If the action itself fails, nothing is printed "
    "on standard output and one line that starts with daytona-facade: on standard error; the exit code is then 1, or "
    "the one that --failure-code sets."
)


def command_form(action: Action[..., Any]) -> Form:
    """``execute-command SANDBOX -- ls -la``: several words are quoted for the shell, one word is a shell line."""
    words = click.Argument(
        ["command"],
        nargs=-1,
        required=True,
        type=click.UNPROCESSED,
        metavar="-- COMMAND...",
        help="The command: several words, passed on as they are, or one line for the sandbox's shell.",
    )

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        command = values["command"]
        line = command[0] if len(command) == 1 else shlex.join(command)
        output = run_action(action, options, {**values, "command": line})
        return _finish(output, values["failure_code"], as_json=as_json)

    first, *rest = action_parameters(action, "command")
    return Form([first, words, *rest, _failure_code()], action_help(action, _EXIT_HELP), run)


def code_form(action: Action[..., Any]) -> Form:
    """``run-code SANDBOX CODE python``, ``run-code SANDBOX @program.py``, ``... | run-code SANDBOX - python``."""
    code = click.Argument(["code"], metavar="CODE", help="The program: its text, @FILE, or - for standard input.")
    choices = next(parameter.schema["enum"] for parameter in action.parameters if parameter.name == "language")
    language = click.Argument(
        ["language"],
        required=False,
        type=click.Choice(choices),
        metavar="[LANGUAGE]",
        help=f"One of {', '.join(choices)}; for @FILE, its extension decides if LANGUAGE is omitted.",
    )
    charts = click.Option(
        ["--save-charts"],
        metavar="DIRECTORY",
        help="Save each chart that the program shows as a PNG, and print its path.",
    )

    def run(options: GlobalOptions, as_json: bool, values: Mapping[str, Any]) -> int:
        text, directory = values["code"], values["save_charts"]
        chosen = values["language"] or (_LANGUAGES.get(Path(text).suffix) if text.startswith("@") else None)
        if chosen is None:
            raise click.UsageError(f"Missing argument 'LANGUAGE'. Choose from {', '.join(choices)}.")
        program = _read_program(text)
        if directory is not None:
            prepare_directory(directory)
        output = run_action(action, options, {**values, "code": program, "language": chosen})
        exit_code = _finish(output, values["failure_code"], as_json=as_json)
        if directory is not None:
            save_charts(output, Path(directory), as_json=as_json)
        elif not as_json:
            suggest_saving(output)
        return exit_code

    first, *rest = action_parameters(action, "code", "language")
    return Form([first, code, language, *rest, charts, _failure_code()], action_help(action, _EXIT_HELP), run)


def _failure_code() -> click.Option:
    return click.Option(
        ["--failure-code"],
        type=click.IntRange(1, 255),
        default=1,
        show_default=True,
        help="Exit code if the action itself fails, to tell that from the program's own exit code.",
    )


def _finish(output: RunCodeOutput | ExecuteCommandOutput, failure_code: int, *, as_json: bool) -> int:
    if print_output(output, as_json=as_json):
        return failure_code
    code = output.exit_code
    return code if code is not None and 0 <= code <= 255 else _UNKNOWN_EXIT_CODE


def _read_program(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise click.UsageError(f"{text[1:]}: {reason}") from None
