"""The toolbox's answers about commands and programs, row by row."""

import time

import pytest

from test_local.rows import covers
from test_local.wire import Wire


@covers("execute: 200 exitCode and result", "execute: non-zero is still 200", "execute: streams merged in order")
def test_result(shared: Wire) -> None:
    """A command's answer holds its exit code and both streams."""
    assert shared.execute("echo a; echo b >&2; echo c; exit 3") == {"exitCode": 3, "result": "a\nb\nc\n"}


@covers("execute: the script is on standard input")
def test_a_command_swallows_the_rest_of_its_script(shared: Wire) -> None:
    """A command that reads standard input reads the lines after it."""
    assert shared.output("cat\nline two") == "line two\n"


@covers("execute: killed by a signal -1", "execute: unknown command 127", "execute: bad cwd 200 and -1")
@pytest.mark.parametrize(
    ("command", "cwd", "code", "said"),
    [
        ("kill -9 $$", "", -1, ""),
        ("nosuchcommand", "", 127, "nosuchcommand: command not found"),
        ("true", "/nowhere", -1, "chdir /nowhere: no such file or directory"),
        ("true", "/etc/passwd", -1, "chdir /etc/passwd: not a directory"),
    ],
)
def test_exit_codes(shared: Wire, command: str, cwd: str, code: int, said: str) -> None:
    """Commands that do not end by themselves have codes of their own."""
    answer = shared.execute(command, cwd=cwd)

    assert code == answer["exitCode"]
    assert said in answer["result"]


@covers("execute: cwd is the home", "execute: envs reach the command")
def test_place_and_environment(shared: Wire) -> None:
    """A command runs at home, with the environment of the sandbox and of the call."""
    box = shared.made(env={"OF_BOX": "1", "BOTH": "box"})
    said = shared.output('echo "$(pwd) $HOME $USER $OF_BOX $OF_CALL $BOTH"', box, envs={"OF_CALL": "2", "BOTH": "call"})

    assert said == "/home/daytona /home/daytona daytona 1 2 call\n"


@covers("execute: timeout 408, group killed", "execute: no default timeout")
def test_timeout(shared: Wire) -> None:
    """A command that takes too long is killed with its children, and its output is lost."""
    start = time.monotonic()
    body = {"command": "echo lost; sleep 77 & sleep 77", "timeout": 1}
    answer = shared.toolbox("POST", "/process/execute", json=body)

    assert answer.status_code == 408
    assert answer.json()["message"] == "request timeout: command execution timeout"
    assert answer.json()["code"] == "PROCESS_EXECUTION_TIMEOUT"
    assert time.monotonic() - start < 5
    assert shared.output("ps ax | grep -c '[s]leep 77'") == "0\n"


@covers("execute: a child that holds the pipe blocks the call")
def test_background_child(shared: Wire) -> None:
    """The answer waits for whoever can still print."""
    assert shared.output("(sleep 0.3; echo second) & echo first") == "first\nsecond\n"


@covers("execute: bytes that are not UTF-8 become U+FFFD", "execute: < > & arrive")
def test_odd_output(shared: Wire) -> None:
    """Output is text, whatever it was."""
    assert shared.output(r"printf '\xff<&>'") == "\ufffd<&>"


@covers("execute: output is not cut")
def test_large_output(shared: Wire) -> None:
    """Five million bytes come back whole."""
    assert len(shared.output("head -c 5000000 /dev/zero | tr '\\0' x")) == 5_000_000


@covers("execute: empty or blank command 400", "execute: wrong values 400", "execute: env names 400")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "command is required"),
        ({"command": ""}, "command is required"),
        ({"command": " \n"}, "command cannot be empty"),
        ({"command": 1}, "command must be a string"),
        ({"command": "true", "timeout": -1}, "timeout must be"),
        ({"command": "true", "timeout": 1.5}, "timeout must be"),
        ({"command": "true", "timeout": 2**32}, "timeout must be"),
        ({"command": "true", "envs": {"A-B": "1"}}, "bad request: invalid environment variable name: 'A-B'"),
        ({"command": "true", "envs": {"A": 1}}, "envs must be"),
        ([], "expected a JSON object"),
    ],
    ids=str,
)
def test_refused_commands(shared: Wire, body: object, message: str) -> None:
    """A request that makes no sense is refused with the reason."""
    answer = shared.toolbox("POST", "/process/execute", json=body)

    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert answer.json()["message"].startswith("bad request: ")


@covers("code-run: python, with a traceback that names <stdin>", "code-run: artifacts omitted without charts")
def test_python(shared: Wire) -> None:
    """A Python program's error is its output and its exit code."""
    answer = shared.toolbox("POST", "/process/code-run", json={"code": "print(1)\n1/0", "language": "python"}).json()

    assert {"exitCode", "result"} == set(answer)
    assert answer["exitCode"] == 1
    assert answer["result"].startswith("1\nTraceback")
    assert 'File "<stdin>", line 2' in answer["result"]


@covers("code-run: javascript", "code-run: argv joins unquoted")
def test_javascript(shared: Wire) -> None:
    """A JavaScript program is a CommonJS module on node's standard input."""
    if "found" not in shared.output("command -v node && echo found"):
        pytest.skip("node is not on this machine")
    code = "const os = require('os'); console.log(process.argv.slice(1).join('|'))"
    body = {"code": code, "language": "javascript", "argv": ["a b", "c"]}

    assert shared.toolbox("POST", "/process/code-run", json=body).json() == {"exitCode": 0, "result": "a|b|c\n"}


@covers("code-run: typescript by npx ts-node", "code-run: a missing interpreter 200 and 127")
def test_typescript_and_missing_interpreters(shared: Wire) -> None:
    """TypeScript goes to npx; where a program is missing, the shell says so."""
    shared.upload("bin/npx", b'#!/bin/sh\nfor word; do last=$word; done\ncat $last; echo "$@" >&2; exit 4\n')
    shared.execute("chmod +x bin/npx")
    path = shared.output("echo $PATH").strip()
    envs = {"PATH": f"/home/daytona/bin:{path}"}
    body = {"code": "let x: number = 1;", "language": "typescript", "envs": envs}
    there = shared.toolbox("POST", "/process/code-run", json=body).json()

    assert there["exitCode"] == 4
    assert there["result"].startswith("let x: number = 1;")
    assert "ts-node -T --ignore-diagnostics 5107" in there["result"]
    assert shared.output("ls /tmp/*.ts 2>/dev/null | wc -l") == "0\n"

    without = {"code": "1", "language": "javascript", "envs": {"PATH": "/opt/nothing"}}
    missing = shared.toolbox("POST", "/process/code-run", json=without)

    assert (missing.status_code, missing.json()["exitCode"]) == (200, 127)
    assert "not found" in missing.json()["result"]


@covers("code-run: unknown language 400", "code-run: missing field 400 INVALID_REQUEST_BODY")
@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"code": "1", "language": "ruby"}, "bad request: unsupported language: ruby", "BAD_REQUEST"),
        ({"code": "1"}, "bad request: invalid request body: language is required", "INVALID_REQUEST_BODY"),
        ({"language": "python"}, "bad request: invalid request body: code is required", "INVALID_REQUEST_BODY"),
    ],
    ids=str,
)
def test_refused_programs(shared: Wire, body: dict[str, str], message: str, code: str) -> None:
    """A program in no known language is not run."""
    answer = shared.toolbox("POST", "/process/code-run", json=body)

    assert (400, message, code) == (answer.status_code, answer.json()["message"], answer.json()["code"])


@covers("code-run: timeout 408")
def test_program_timeout(shared: Wire) -> None:
    """A program that takes too long is killed as a command is."""
    body = {"code": "while True: pass", "language": "python", "timeout": 1}

    assert shared.toolbox("POST", "/process/code-run", json=body).status_code == 408


STUB = """
class Axes:
    containers, patches, collections = [], [], []
    class Line:
        def get_label(self): return "l"
        def get_xydata(self): return [(1, 2), (3, 4)]
    lines = [Line()]
    def get_title(self): return "Growth"
    def get_xlabel(self): return "x"
    get_ylabel = get_xlabel
    def get_xticks(self): return [1, 2]
    get_yticks = get_xticks
    def get_xticklabels(self): return []
    get_yticklabels = get_xticklabels
    def get_xscale(self): return "linear"
    get_yscale = get_xscale
class Figure:
    axes = [Axes()]
    def savefig(self, file, format): file.write(b"PNG")
def get_fignums(): return [1]
def figure(number): return Figure()
def close(figure): pass
def show(): raise RuntimeError("not the daemon's")
"""


@covers("code-run: charts become artifacts, their lines leave the output")
def test_charts(shared: Wire) -> None:
    """A figure that a program shows comes back as an artifact, beside what the program prints."""
    for name, content in [("__init__", ""), ("pyplot", STUB)]:
        shared.upload(f"stub/matplotlib/{name}.py", content.encode())
    code = "import matplotlib.pyplot as plt\nprint('before')\nplt.show()\nprint('after')\nraise SystemExit(5)"
    body = {"code": code, "language": "python", "envs": {"PYTHONPATH": "/home/daytona/stub"}}
    answer = shared.toolbox("POST", "/process/code-run", json=body).json()
    chart = answer["artifacts"]["charts"][0]

    assert (answer["exitCode"], answer["result"]) == (5, "before\nafter\n")
    assert (chart["type"], chart["title"], chart["png"]) == ("line", "Growth", "UE5H")
    assert chart["elements"] == [{"label": "l", "points": [[1.0, 2.0], [3.0, 4.0]]}]


@covers("code-run: charts that do not parse are dropped")
def test_broken_charts(shared: Wire) -> None:
    """A line that only looks like a chart leaves no trace."""
    body = {"code": "print('dtn_artifact_k39fd2:{')\nprint('kept')", "language": "python"}

    assert shared.toolbox("POST", "/process/code-run", json=body).json() == {"exitCode": 0, "result": "kept\n"}
