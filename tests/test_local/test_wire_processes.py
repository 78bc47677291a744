"""The toolbox's answers about commands and programs, row by row."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

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
    assert shared.output("cat\nline two") == "line two"


@covers("execute: killed by a signal -1", "execute: unknown command 127", "execute: bad cwd 200 and -1")
@pytest.mark.parametrize(
    ("command", "cwd", "code", "said"),
    [
        ("kill -9 $$", "", -1, ""),
        ("nosuchcommand", "", 127, "nosuchcommand: command not found"),
        ("true", "/nowhere", -1, "fork/exec /bin/bash: no such file or directory"),
        ("true", "/etc/passwd", -1, "fork/exec /bin/bash: not a directory"),
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
    assert there["result"].startswith("process.argv.splice(1, 1);\nlet x: number = 1;")
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


@covers("code-run: charts become artifacts, their lines leave the output")
def test_charts(shared: Wire) -> None:
    """A figure that a program shows comes back as an artifact, beside what the program prints."""
    if find_spec("matplotlib") is None:
        pytest.skip("matplotlib is not installed")
    code = "import matplotlib.pyplot as plt\nprint('before')\nplt.plot([1, 4], label='l')\nplt.title('Growth')\n"
    body = {"code": code + "plt.show()\nprint('after')\nraise SystemExit(5)", "language": "python"}
    answer = shared.toolbox("POST", "/process/code-run", json=body).json()
    (chart,) = answer["artifacts"]["charts"]

    assert (answer["exitCode"], answer["result"]) == (5, "before\nafter\n")
    assert (chart["type"], chart["title"]) == ("line", "Growth")
    assert chart["elements"] == [{"label": "l", "points": [[0, 1], [1, 4]]}]
    assert base64.b64decode(chart["png"]).startswith(b"\x89PNG")


CHART = '{"type": "chart", "value": %s}'


@covers("code-run: charts that do not parse are dropped", "code-run: only lines that begin with the mark")
@pytest.mark.parametrize(
    ("printed", "result", "charts"),
    [
        ("dtn_artifact_k39fd2:{\nkept\n", "kept\n", None),
        ("a\ndtn_artifact_k39fd2:", "a", None),
        ("see dtn_artifact_k39fd2:{}\n", "see dtn_artifact_k39fd2:{}\n", None),
        ("dtn_artifact_k39fd2:" + CHART % '{"type": "line", "x_ticks": [NaN]}', "", None),
        ("dtn_artifact_k39fd2:" + CHART % '{"elements": [{"value": 1}]}', "", None),
        (
            "dtn_artifact_k39fd2:" + CHART % '{"title": "", "x_ticks": [1.0]}',
            "",
            [{"type": "", "x_ticks": [1], "elements": None}],
        ),
    ],
    ids=["broken", "empty", "inside a line", "not a number", "wrong type", "chart"],
)
def test_chart_lines(shared: Wire, printed: str, result: str, charts: object) -> None:
    """A line with a chart is taken out; one that only looks like it leaves no trace."""
    body = {"code": f"print({printed!r}, end='')", "language": "python"}
    answer = shared.toolbox("POST", "/process/code-run", json=body).json()

    assert (answer["exitCode"], answer["result"]) == (0, result)
    assert answer.get("artifacts") == (charts and {"charts": charts})


@covers("execute: output without end 408, again and again")
@pytest.mark.parametrize("command", ["yes", "python3 -uc 'while True: print(\"x\" * 1000)'"])
def test_output_without_end(shared: Wire, command: str) -> None:
    """Fast output neither delays the timeout nor fills the toolbox's memory, however often."""
    for _ in range(10):
        start = time.monotonic()
        answer = shared.toolbox("POST", "/process/execute", json={"command": command, "timeout": 1})
        assert answer.status_code == 408
        assert time.monotonic() - start < 2
    resident = int(shared.output("ps -o rss= -p $PPID"))

    assert resident < 100 * 1024
    assert shared.output("echo well") == "well\n"


@covers("execute: output beyond the limit is cut")
def test_large_outputs_at_once(shared: Wire) -> None:
    """Of eight outputs of 300 MB at once each is cut, and the toolbox serves on with little memory."""
    body = {"command": "yes | head -c 300000000", "timeout": 120}

    def read(most: int) -> tuple[int, bytes]:
        size, last = 0, b""
        path = f"{shared.backend.toolbox_url}/{shared.box}/process/execute"
        with shared.http.stream("POST", path, json=body, timeout=180) as answer:
            for chunk in answer.iter_bytes():
                size, last = size + len(chunk), (last + chunk)[-100:]
                if size > most:
                    break
        return size, last

    # One client reads to the end; the others leave early, as those do who have a limit.
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(read, [2**40, *[2**20] * 7]))
    size, last = answers[0]

    assert all(size > 2**20 for size, _ in answers)
    assert 128 * 1024**2 < size < 256 * 1024**2
    assert last.endswith(b'[cut: 134217728 of 300000000 bytes were kept]\\n"}')
    assert int(shared.output("ps -o rss= -p $PPID")) < 150 * 1024


@covers("execute: a process that left the group holds the answer")
def test_background_process_and_timeout(shared: Wire) -> None:
    """The timeout ends the group though the shell is gone; who has left it is waited for as long as it prints."""
    start = time.monotonic()
    inside = shared.toolbox("POST", "/process/execute", json={"command": "sleep 66 & echo x", "timeout": 1})
    outside = shared.toolbox("POST", "/process/execute", json={"command": "setsid sleep 3 & echo x", "timeout": 1})

    assert (inside.status_code, outside.status_code) == (408, 408)
    assert 4 <= time.monotonic() - start < 10
    assert shared.output("pgrep -fx 'sleep 66'") == ""


@covers("execute: PWD is the folder as it was named")
def test_the_name_of_a_folder(shared: Wire) -> None:
    """A shell that starts in a link knows it by that name, unless it gets an environment of its own."""
    shared.execute("mkdir -p real; ln -sfn real linked")

    assert shared.output("pwd", cwd="linked") == "/home/daytona/linked\n"
    assert shared.output("pwd", cwd="linked", envs={"A": "1"}) == "/home/daytona/real\n"


def test_zsh_changes_nothing(shared: Wire) -> None:
    """A sandbox runs bash, whatever shells the machine has."""
    assert shared.output("echo ${BASH_VERSION:+bash} $SHELL; cat /etc/shells") == "bash /bin/bash\n/bin/bash\n/bin/sh\n"
