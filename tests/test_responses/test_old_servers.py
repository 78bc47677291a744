"""Servers of four generations give the same outputs, though their answers differ."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from daytona_facade import ACTIONS
from support.callers import Caller
from support.old_servers import BOX, CONTENT, GENERATIONS, REGION, USUAL, Server

ENCODED = base64.b64encode(CONTENT).decode()
SANDBOX = {
    "id": BOX,
    "name": "mine",
    "state": "started",
    "snapshot": "a-snapshot",
    "target": "eu",
    "cpu": 1,
    "gpu": 0,
    "memory": 2,
    "disk": 3,
    "labels": {"a": "b"},
    "public": False,
    "error_reason": None,
    "auto_stop_interval": 15,
    "created_at": "2026-06-01T12:00:00Z",
    "updated_at": "2026-06-01T12:00:01Z",
}
FILE = {
    "name": "a.txt",
    "is_dir": False,
    "size": 9,
    "mode": "-rw-r--r--",
    "permissions": "0644",
    "owner": "1000",
    "group": "1000",
    "modified_at": "2026-06-01T12:00:00.500000Z",
}
REPOSITORY = "https://git.example/a.git"
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "create_sandbox": ((), {"sandbox": {**SANDBOX, "state": "creating"}}),
    "list_sandboxes": ((), {"sandboxes": [SANDBOX], "next_cursor": None}),
    "get_sandbox": ((BOX,), {"sandbox": SANDBOX}),
    "start_sandbox": ((BOX,), {"sandbox": {**SANDBOX, "state": "starting"}}),
    "stop_sandbox": ((BOX,), {"sandbox": {**SANDBOX, "state": "stopping"}}),
    "delete_sandbox": ((BOX,), {"sandbox": {**SANDBOX, "state": "destroying"}}),
    "run_code": ((BOX, "print(42)", "python"), {"exit_code": 0, "result": "42\n", "artifacts": None}),
    "execute_command": ((BOX, "echo out; exit 3"), {"exit_code": 3, "result": "out\n"}),
    "upload_file": ((BOX, "dir/a.txt", ENCODED), {"uploaded_path": "dir/a.txt", "name": "a.txt", "size": len(CONTENT)}),
    "download_file": (
        (BOX, "dir/a.txt"),
        {"name": "a.txt", "mime_type": "text/plain", "size": len(CONTENT), "content_base64": ENCODED},
    ),
    "list_files": ((BOX, "dir"), {"files": [FILE]}),
    "git_clone": ((BOX, REPOSITORY, "copy"), {"repo_url": REPOSITORY, "clone_path": "copy"}),
}


@pytest.fixture(params=GENERATIONS)
def server(request: pytest.FixtureRequest) -> Server:
    """Give a server of each generation."""
    return Server(GENERATIONS[request.param])


@pytest.fixture
def call(caller_class: type[Caller], server: Server) -> Iterator[Caller]:
    """Call the actions on the server."""
    with caller_class("key", transport=server.transport) as caller:
        yield caller


@pytest.mark.parametrize("action", ACTIONS)
def test_one_outcome(action: str, call: Caller, server: Server) -> None:
    """An action returns the same output from every generation, in one request."""
    arguments, expected = CALLS[action]
    output = call(action, *arguments)

    assert len(server.requests) == 1
    if action != "run_code" or server.generation.code_run:
        assert output.to_dict() == {"success": True, "error": None, **expected}


def test_a_daemon_without_code_run(call: Caller, server: Server) -> None:
    """For a daemon that cannot run code, the failure says so and what to do instead."""
    output = call("run_code", BOX, "print(42)", "python")

    assert server.generation.code_run == output.success
    if not output.success:
        assert (output.failure.kind, output.failure.status_code, output.failure.sent) == ("not_found", 404, False)
        assert "daemon is too old to run code (/process/code-run" in output.error
        assert "execute_command" in output.error


def test_where_the_toolbox_is(call: Caller, server: Server) -> None:
    """A known sandbox's own toolbox address is used, else Daytona's default."""
    call("get_sandbox", BOX)
    call("execute_command", BOX, "true")
    base = REGION if server.generation.proxy_url else USUAL

    assert str(server.requests[-1].url) == f"{base}/{BOX}/process/execute"


def test_where_the_toolbox_is_unseen(caller_class: type[Caller], server: Server) -> None:
    """Behind another API the address is looked up; if there is none, the failure says what to configure."""
    with caller_class("key", api_url="https://daytona.example/api", transport=server.transport) as call:
        output = call("execute_command", BOX, "true")

    if server.generation.proxy_url:
        assert str(server.requests[-1].url) == f"{REGION}/{BOX}/process/execute"
    else:
        assert "pass toolbox_url" in output.error
    assert server.generation.proxy_url == output.success


def test_a_configured_toolbox(caller_class: type[Caller], server: Server) -> None:
    """A configured address takes precedence over the sandbox's own."""
    with caller_class("key", toolbox_url="https://toolbox.example/t", transport=server.transport) as call:
        call("get_sandbox", BOX)
        call("list_files", BOX)

    assert str(server.requests[-1].url) == f"https://toolbox.example/t/{BOX}/files"


def test_refusals_with_and_without_words(call: Caller) -> None:
    """A missing file is the same kind of failure, whether the daemon explains it or not."""
    output = call("download_file", BOX, "none")

    assert (output.failure.kind, output.failure.status_code) == ("not_found", 404)
    assert "download_file" in output.error
    assert "404" in output.error
