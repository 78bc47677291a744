"""Programs from the shell: as words, lines, files and standard input, with their exit codes."""

from pathlib import Path
from typing import Any

import pytest


def test_words_are_passed_on_as_they_are(inside: Any, box: str) -> None:
    """Words after ``--`` reach the command unchanged, with dashes, blanks and variables."""
    assert (
        inside("execute-command", box, "--", "printf", "<%s>\\n", "-la", "a  b", "$HOME") == "<-la>\n<a  b>\n<$HOME>\n"
    )


def test_one_word_is_a_shell_line(inside: Any, box: str) -> None:
    """A single word is a line for the sandbox's shell, and its output is printed verbatim."""
    printed = inside("execute-command", box, "--env", "N=a=b", "--cwd", "/tmp", "echo $N | tr a-z A-Z; pwd; printf x")
    assert printed == "A=B\n/tmp\nx"


@pytest.mark.parametrize(
    ("command", "code"), [("exit 3", 3), ("exit 1", 1), ("no-such-program", 127), ("kill -9 $$", 255)]
)
def test_the_exit_code_is_passed_on(inside: Any, box: str, command: str, code: int) -> None:
    """A command's exit code is passed on, and standard error stays empty."""
    inside("execute-command", box, command, code=code)
    assert inside.complaint == ""


def test_json_has_the_exit_code_too(inside: Any, box: str) -> None:
    """With ``--json``, the exit code is still the program's."""
    output = inside.json("execute-command", box, "--", "sh", "-c", "echo hi; exit 4", code=4)
    assert (output["success"], output["exit_code"], output["result"]) == (True, 4, "hi\n")


def test_a_failure_of_the_action_has_its_own_exit_code(inside: Any, box: str) -> None:
    """A failure of the action prints one line on standard error and exits with ``--failure-code``."""
    words = ("execute-command", box, "--timeout", "1", "--failure-code", "125", "--", "sleep", "9")
    assert inside(*words, code=125) == ""
    assert inside.complaint.startswith("daytona-facade: execute_command on sandbox ")
    assert inside.complaint.count("\n") == 1


def test_code_as_an_argument(inside: Any, box: str) -> None:
    """``run-code`` takes a program as an argument."""
    assert inside("run-code", box, "import os; print(3 + 4, os.environ['A'])", "python", "--env", "A=n") == "7 n\n"


def test_code_from_a_file(inside: Any, box: str, tmp_path: Path) -> None:
    """``@FILE`` is read from disk, and its extension decides the language."""
    (tmp_path / "a.py").write_text("print('é')\nraise SystemExit(5)\n", "utf-8")
    assert inside("run-code", box, "@a.py", code=5) == "é\n"


def test_code_from_standard_input(inside: Any, box: str) -> None:
    """A dash reads the program from standard input."""
    assert inside("run-code", box, "-", "javascript", given="console.log(2 + 2)") == "4\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["print(1)"], "LANGUAGE", id="no language"),
        pytest.param(["@none.py"], "none.py: No such file", id="no file"),
        pytest.param(["x", "cobol"], "cobol", id="unknown language"),
    ],
)
def test_wrong_usage_of_run_code(inside: Any, box: str, words: list[str], said: str) -> None:
    """A program that cannot be run is wrong usage, with exit code 2."""
    assert inside("run-code", box, *words, code=2) == ""
    assert said in inside.complaint
