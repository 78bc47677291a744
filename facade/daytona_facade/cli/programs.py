"""Programs in a sandbox from the shell: their output on standard output, their exit code passed on."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..actions import Action
from ..outputs import ExecuteCommandOutput, RunCodeOutput
from .forms import Form, called, described, options
from .output import show
from .setup import Setup

_LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".cjs": "javascript",
    ".mjs": "javascript",
    ".ts": "typescript",
}
_UNKNOWN = 255
_EXIT = (
    "The exit code is the program's own, and 255 for one that a signal ended. A failure of the action itself prints "
    "nothing on standard output and one line that starts with daytona-facade: on standard error; it exits with 1, or "
    "with what --failure-code says."
)


def command_form(action: Action[..., Any]) -> Form:
    """``execute-command SANDBOX -- ls -la``: several words are quoted for the shell, a single one is a line for it."""
    words = click.Argument(
        ["command"],
        nargs=-1,
        required=True,
        type=click.UNPROCESSED,
        metavar="-- COMMAND...",
        help="The command: as words, passed on as they are, or as one line for the sandbox's shell.",
    )

    def run(setup: Setup, as_json: bool, given: Mapping[str, Any]) -> int:
        command = given["command"]
        line = command[0] if len(command) == 1 else shlex.join(command)
        output = called(action, setup, {**given, "command": line})
        return _ended(output, given["failure_code"], as_json=as_json)

    return _form(action, "command", words, run)


def code_form(action: Action[..., Any]) -> Form:
    """``run-code SANDBOX CODE python``, ``run-code SANDBOX @program.py``, ``... | run-code SANDBOX - python``."""
    code = click.Argument(["code"], metavar="CODE", help="The program: itself, @FILE, or - for standard input.")
    choices = next(parameter.schema["enum"] for parameter in action.parameters if parameter.name == "language")
    language = click.Argument(
        ["language"],
        required=False,
        type=click.Choice(choices),
        metavar="[LANGUAGE]",
        help=f"What it is written in: {', '.join(choices)}; of an @FILE its ending tells, as in program.py.",
    )

    def run(setup: Setup, as_json: bool, given: Mapping[str, Any]) -> int:
        text = given["code"]
        written_in = given["language"] or (_LANGUAGES.get(Path(text).suffix) if text.startswith("@") else None)
        if written_in is None:
            raise click.UsageError(f"Missing argument 'LANGUAGE'. Choose from {', '.join(choices)}.")
        output = called(action, setup, {**given, "code": _read(text), "language": written_in})
        return _ended(output, given["failure_code"], as_json=as_json)

    return _form(action, "code", code, run, language)


def _form(action: Action[..., Any], name: str, argument: click.Parameter, run: Any, *more: click.Parameter) -> Form:
    first, *rest = options(action, name, *(parameter.name or "" for parameter in more))
    failure_code = click.Option(
        ["--failure-code"],
        type=click.IntRange(1, 255),
        default=1,
        show_default=True,
        help="Exit code of a failure of the action itself, to tell it from the program's own.",
    )
    return Form([first, argument, *more, *rest, failure_code], described(action, _EXIT), run)


def _ended(output: RunCodeOutput | ExecuteCommandOutput, failure_code: int, *, as_json: bool) -> int:
    if show(output, as_json=as_json):
        return failure_code
    code = output.exit_code
    return code if code is not None and 0 <= code <= 255 else _UNKNOWN


def _read(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise click.UsageError(f"{text[1:]}: {reason}") from None
