"""Programs in a sandbox, on real sockets, sync and async."""

import json
import shutil

import httpx
import pytest

from support.callers import Caller, MockServer

ID = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"


def test_command(on_backend: Caller, sandbox_id: str) -> None:
    """Standard output and error come back interleaved, with the command's exit code."""
    output = on_backend("execute_command", sandbox_id, "echo out; echo err >&2; exit 3")

    assert (output.success, output.exit_code, output.result) == (True, 3, "out\nerr\n")


def test_command_in_a_directory_with_an_environment(on_backend: Caller, sandbox_id: str) -> None:
    """``cwd`` and ``env`` reach the command."""
    output = on_backend("execute_command", sandbox_id, 'pwd; echo "$COLOUR"', cwd="/tmp", env={"COLOUR": "blue sky"})

    assert output.result == "/tmp\nblue sky\n"


def test_unknown_command(on_backend: Caller, sandbox_id: str) -> None:
    """An unknown command succeeds as an action, with the shell's exit code 127."""
    output = on_backend("execute_command", sandbox_id, "no-such-command")

    assert (output.success, output.exit_code) == (True, 127)


def test_command_over_its_timeout(on_backend: Caller, sandbox_id: str) -> None:
    """A command that outlasts its timeout is killed, and its children with it."""
    output = on_backend("execute_command", sandbox_id, "sleep 300 & sleep 300", timeout=1)

    assert (output.failure.kind, output.failure.status_code) == ("timeout", 408)
    left = on_backend("execute_command", sandbox_id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[s]leep 300'")
    assert left.result == "0\n"


def test_python(on_backend: Caller, sandbox_id: str) -> None:
    """Python code runs with the given environment."""
    code = "import os\nfor n in range(2):\n    print(n, os.environ['WHO'])"

    output = on_backend("run_code", sandbox_id, code, "python", env={"WHO": "me"})

    assert (output.exit_code, output.result, output.artifacts) == (0, "0 me\n1 me\n", None)


def test_python_that_fails(on_backend: Caller, sandbox_id: str) -> None:
    """An uncaught exception is exit code 1 and a traceback: the action worked."""
    output = on_backend("run_code", sandbox_id, "1/0", "python")

    assert (output.success, output.exit_code) == (True, 1)
    assert "ZeroDivisionError" in output.result


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript(on_backend: Caller, sandbox_id: str) -> None:
    """JavaScript runs in node."""
    output = on_backend("run_code", sandbox_id, "console.log([1, 2, 3].map(n => n * n).join())", "javascript")

    assert (output.exit_code, output.result) == (0, "1,4,9\n")


def test_javascript_without_node(on_backend: Caller, sandbox_id: str) -> None:
    """Without node the action works and the program fails as the shell says: 127, with node's name."""
    output = on_backend("run_code", sandbox_id, "console.log(1)", "javascript", env={"PATH": "/nonexistent"})

    assert (output.success, output.exit_code) == (True, 127)
    assert "node: command not found" in output.result


@pytest.mark.parametrize("language", ["ruby", "Python", "", None, 3])
def test_unknown_language(language: object, caller_class: type[Caller]) -> None:
    """The language is checked before anything is sent."""
    server = MockServer(httpx.Response(200, json={"exitCode": 0}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("run_code", ID, "x", language)

    assert output.failure.kind == "invalid_input"
    assert "python, javascript, typescript" in output.error
    assert server.requests == []


@pytest.mark.parametrize(("action", "arguments"), [("execute_command", ["ls"]), ("run_code", ["1", "python"])])
def test_the_client_sends_the_timeout(action: str, arguments: list[str], caller_class: type[Caller]) -> None:
    """The server has no default timeout, so the client always sends one: ten seconds."""
    server = MockServer(lambda _: httpx.Response(200, json={"exitCode": 0, "result": ""}))
    with caller_class("key", transport=server.transport) as caller:
        caller(action, ID, *arguments)
        caller(action, ID, *arguments, env={"A": "b"}, timeout=60)
        caller(action, ID, *arguments, timeout=None)

    bodies = [json.loads(request.read()) for request in server.requests]
    assert [body["timeout"] for body in bodies] == [10, 60, 10]
    assert "envs" not in bodies[0]
    assert bodies[1]["envs"] == {"A": "b"}


def test_code_of_the_first_daemons(caller_class: type[Caller]) -> None:
    """Early daemons sent ``code`` instead of ``exitCode``."""
    server = MockServer(httpx.Response(200, json={"code": 5, "result": "x"}))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("execute_command", ID, "x").exit_code == 5


def test_artifacts_as_the_server_gives_them(caller_class: type[Caller]) -> None:
    """Charts are passed through unchanged."""
    charts = {"charts": [{"type": "line", "title": "T", "png": "aGk=", "elements": [1, {"a": None}]}]}
    server = MockServer(httpx.Response(200, json={"exitCode": 0, "result": "", "artifacts": charts}))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("run_code", ID, "plot()", "python").artifacts == charts


def test_a_daemon_without_code_run(caller_class: type[Caller]) -> None:
    """For a daemon before 0.167, which lacks the route, the failure says what to do instead."""
    server = MockServer(lambda _: httpx.Response(404, text="404 page not found"))
    with caller_class("key", toolbox_url="https://boxes.example/toolbox", transport=server.transport) as caller:
        output = caller("run_code", ID, "1", "python")

    assert (output.failure.kind, output.failure.status_code) == ("not_found", 404)
    assert "execute_command" in output.error


@pytest.mark.parametrize("body", [b"{}", b"[]", b"", b"<html>", b'{"exitCode": "0", "result": 5}'])
def test_no_result_in_a_200(body: bytes, caller_class: type[Caller]) -> None:
    """A 200 without exit code and output is a failure, not a success full of nulls."""
    server = MockServer(lambda _: httpx.Response(200, content=body))
    with caller_class("key", transport=server.transport) as caller:
        assert caller("execute_command", ID, "ls").failure.kind == "protocol"
