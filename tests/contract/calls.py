"""Every action with every parameter, and the refusals that a backend has for it, as one story for any caller."""

import base64
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeAlias

Told: TypeAlias = Generator[tuple[str, dict[str, Any]], Any, None]

CONTENT = bytes(range(256)) * 3 + b"\r\n--boundary\r\n"
_REPOSITORY = (
    "git init -q -b main origin && cd origin && echo one > file && git add . && "
    "git -c user.name=t -c user.email=t@localhost commit -q -m one && git rev-parse HEAD && pwd"
)


def good_calls(name: str, content: bytes = CONTENT) -> Told:
    """Call every action with nothing but what it needs, and then with all that it takes; everything succeeds."""
    plain = yield "create_sandbox", {}
    made = yield "create_sandbox", _everything(name)
    box = {"sandbox_id": made.sandbox.id}
    yield from _until(box, "started")
    yield from _programs(box)
    yield from _files(box, content)
    yield from _clones(box)
    yield "list_sandboxes", {}
    yield "list_sandboxes", {"limit": 1, "name": name[:3], "labels": {"story": name}}
    page = yield "list_sandboxes", {"limit": 1}
    yield "list_sandboxes", {"limit": 1, "cursor": page.next_cursor}
    yield "get_sandbox", {"sandbox_id": name}
    yield "stop_sandbox", box
    yield from _until(box, "stopped")
    yield "start_sandbox", box
    yield from _until(box, "started")
    yield "delete_sandbox", box
    yield from _until({"sandbox_id": plain.sandbox.id}, "started")
    yield "delete_sandbox", {"sandbox_id": plain.sandbox.id}


def refused_calls(name: str) -> Told:
    """Call every action so that the backend refuses it, in each of the ways that it knows."""
    made = yield "create_sandbox", {"name": name}
    box = {"sandbox_id": made.sandbox.id}
    yield from _until(box, "started")
    nobody = {"sandbox_id": "00000000-0000-4000-8000-000000000000"}
    yield "create_sandbox", {"name": name}
    yield "create_sandbox", {"cpu": 1, "memory": 2, "disk": 3}
    for action in ("get_sandbox", "start_sandbox", "stop_sandbox", "delete_sandbox"):
        yield action, nobody
    yield "list_sandboxes", {"cursor": "no cursor"}
    yield "execute_command", {**box, "command": "sleep 9", "timeout": 1}
    yield "execute_command", {**box, "command": "true", "env": {"A-B": "1"}}
    yield "run_code", {**nobody, "code": "1", "language": "python"}
    yield "upload_file", {**box, "destination_path": "/proc/none/x", "file_content_base64": "eA=="}
    yield "download_file", {**box, "file_path": "none"}
    yield "download_file", {**box, "file_path": "."}
    yield "list_files", {**box, "path": "none"}
    yield "git_clone", {**box, "url": "file:///none", "path": "copy"}
    yield "stop_sandbox", box
    yield from _until(box, "stopped")
    yield "stop_sandbox", box
    yield "list_files", box
    yield "delete_sandbox", box


def _everything(name: str) -> dict[str, Any]:
    return {
        "snapshot": "a-snapshot",
        "name": name,
        "target": "local",
        "user": "daytona",
        "env": {"COLOUR": "blue"},
        "labels": {"story": name},
        "cpu": 0,
        "memory": 0,
        "disk": 0,
        "auto_stop_interval": 30,
        "auto_archive_interval": 60,
        "auto_delete_interval": -1,
        "public": False,
    }


def _programs(box: dict[str, Any]) -> Told:
    yield "run_code", {**box, "code": "print(1)", "language": "python"}
    yield "run_code", {**box, "code": "raise SystemExit(3)", "language": "python", "env": {"N": "7"}, "timeout": 9}
    yield "execute_command", {**box, "command": "pwd"}
    yield "execute_command", {**box, "command": "exit 4", "cwd": "/tmp", "env": {"N": "7"}, "timeout": 9}


def _files(box: dict[str, Any], data: bytes) -> Told:
    content = base64.b64encode(data).decode()
    yield "upload_file", {**box, "destination_path": "a b/ü.bin", "file_content_base64": content}
    yield "upload_file", {**box, "destination_path": "dir/", "file_name": "empty", "file_content_base64": ""}
    yield "list_files", box
    yield "list_files", {**box, "path": "a b"}
    read = yield "download_file", {**box, "file_path": "a b/ü.bin"}
    assert read.content_base64 == content


def _clones(box: dict[str, Any]) -> Told:
    made = yield "execute_command", {**box, "command": _REPOSITORY, "timeout": 20}
    commit, folder = made.result.split()
    url = f"file://{folder}"
    yield "git_clone", {**box, "url": url, "path": "first"}
    login = {"username": "someone", "password": "a-password"}
    yield "git_clone", {**box, "url": url, "path": "second", "branch": "main", "commit_id": commit, **login}


def _until(box: dict[str, Any], state: str) -> Told:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        looked = yield "get_sandbox", box
        if looked.sandbox.state == state:
            return
    raise AssertionError(f"the sandbox is {looked.sandbox.state}, not {state}")


async def tell(told: Told, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
    """Run a story."""
    action, arguments = next(told)
    try:
        while True:
            action, arguments = told.send(await call(action, arguments))
    except StopIteration:
        return
