# ruff: noqa: E501 - the rows are a table
"""What Daytona refuses: the kind, whether it was acted on, whether it is retried, and what is said of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from daytona_facade._responses.api_refusals import API
from daytona_facade._responses.daemon_refusals import DAEMON
from daytona_facade._responses.proxy_refusals import PROXY
from daytona_facade._responses.refusal import Refusal
from hostile.canaries import CALLS, KEY, SANDBOX
from support.callers import Caller, MockServer

API_URL = "http://api.invalid/api"
TOOLBOX_URL = "http://toolbox.invalid/toolbox"
RECORDED = Path(__file__).parents[1] / "recorded"
RETRIED = 3
_THROTTLED = "ThrottlerException: Too Many Requests"
_PUBLIC = "bad request: failed to get sandbox public status: failed to getSandboxPublic after 3 attempts: "
_STARTED = "Is the Sandbox started?"


@attrs.frozen
class Row:
    """One raw answer to an action, and what the failure must say."""

    action: str
    status: int
    said: str
    kind: str
    sent: bool | None = None
    retried: bool = False
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    body: str = "usual"
    arguments: dict[str, Any] = attrs.field(factory=dict)


def _body(row: Row) -> httpx.Response:
    if row.body == "empty":
        return httpx.Response(row.status)
    if row.body == "text":
        return httpx.Response(row.status, text=row.said)
    if row.body == "second api":
        return httpx.Response(row.status, json={"code": "X", "message": row.said, "source": "API", "trace_id": "1"})
    document = {"statusCode": row.status, "message": row.said, "timestamp": "2026-11-25T06:00:00Z", "path": "/x"}
    return httpx.Response(row.status, json=document)


_KEY = ("API key", "may not do this")
_ROWS = {
    "throttled behind the proxy": Row(
        "execute_command", 401, f"unauthorized: authentication failed: Bearer token validation error: {_THROTTLED}",
        "rate_limited", False, True, ("wait",), _KEY,
    ),
    "API down behind the proxy": Row(
        "execute_command", 400, _PUBLIC + 'Get "http://api": dial tcp 1.2.3.4:1: connect: connection refused',
        "server", False, True, (), _KEY,
    ),
    "API down, upload": Row("upload_file", 400, _PUBLIC + "dial tcp: connection refused", "server", False, True),
    "maintenance behind the proxy": Row(
        "run_code", 400, _PUBLIC + "Service is currently under maintenance. Please try again later.",
        "server", False, True, (), _KEY,
    ),
    "token validation, no reason known": Row(
        "list_files", 401, "unauthorized: authentication failed: Bearer token validation error: EOF",
        "server", False, True, (), _KEY,
    ),
    "runner info, throttled": Row(
        "git_clone", 400, f"bad request: failed to get runner info: {_THROTTLED}", "rate_limited", False, True
    ),
    "wrong key": Row(
        "execute_command", 401, "unauthorized: authentication failed: Bearer token is invalid",
        "authentication", False, False, ("get_sandbox", "check the API key"),
    ),
    "no runner": Row("create_sandbox", 400, "No available runners", "server", None, False),
    "broken at the start": Row(
        "create_sandbox", 400, "Sandbox failed to start: no space left on device",
        "server", True, False, ("keeps its name", "delete_sandbox", "error_reason"),
    ),
    "start broken": Row(
        "start_sandbox", 400, "Sandbox failed to start: container is gone", "server", True, False, ("delete_sandbox",)
    ),
    "CPU used up": Row(
        "create_sandbox", 400, "Total CPU limit exceeded. Maximum allowed: 1. To increase it, visit http://x.",
        "quota", None, False, ("stop or delete other sandboxes",),
    ),
    "memory used up": Row("start_sandbox", 403, "Total memory quota exceeded (5GB > 4GB)", "quota", None, False, (), _KEY),
    "disk used up": Row(
        "create_sandbox", 400, "Total disk limit exceeded. Maximum allowed: 3GiB.", "quota", None, False, ("archive",)
    ),
    "one sandbox too large": Row(
        "create_sandbox", 403, "CPU request 8 exceeds maximum allowed per sandbox (4)",
        "quota", None, False, ("for one sandbox",), _KEY,
    ),
    "no money": Row("create_sandbox", 402, "Insufficient balance", "quota", None, False, ("Insufficient balance",), _KEY),
    "no container": Row(
        "execute_command", 404, "not found: sandbox container not found: Error response from daemon: "
        f"No such container: {SANDBOX}", "not_running", False, False, ("get_sandbox",), ("start_sandbox",),
    ),
    "stopped": Row(
        "download_file", 400, f"bad request: failed to resolve container IP after 3 attempts: no IP address found. {_STARTED}",
        "not_running", False, False, ("start_sandbox",),
    ),
    "errored": Row(
        "start_sandbox", 400, "Sandbox is in an errored state",
        "conflict", None, False, ("error_reason", "delete it"), ("try again",),
    ),
    "in between": Row("stop_sandbox", 409, "Sandbox state change in progress", "conflict", None, False, ("get_sandbox",)),
    "no such file": Row(
        "download_file", 404, "", "not_found", None, False, ("'a.txt'", "does not exist"), ("no explanation",), "empty"
    ),
    "forbidden file": Row(
        "download_file", 403, "", "permission", None, False, ("'a.txt'", "sandbox's user"), (*_KEY, "no explanation"),
        "empty",
    ),
    "forbidden file, Go's words": Row(
        "download_file", 403, "403 Forbidden", "permission", None, False, ("sandbox's user",), _KEY, "text"
    ),
    "a directory": Row(
        "download_file", 400, "", "invalid_input", None, False, ("'a.txt'", "not a file"), ("no explanation",), "empty"
    ),
    "no such directory": Row("list_files", 404, "", "not_found", None, False, ("working directory",), (), "empty"),
    "forbidden directory": Row("list_files", 403, "", "permission", None, False, ("sandbox's user",), _KEY, "empty"),
    "list of a file": Row("list_files", 400, "", "invalid_input", None, False, ("not a directory",), (), "empty"),
    "old clone": Row("git_clone", 400, "", "invalid_input", None, False, ("not cloned",), ("no explanation",), "empty"),
    "suspended": Row(
        "create_sandbox", 403, "Organization is suspended: Payment overdue", "permission", False, False, (), _KEY
    ),
    "key without the right": Row("create_sandbox", 403, "Access denied", "permission", False, False, ("API key may not",)),
    "Git host's 403": Row("git_clone", 403, "forbidden: authorization failed", "permission", True, False, (), _KEY),
    "clone over ssh": Row(
        "git_clone", 401, "unauthorized: invalid auth method", "invalid_input", True, False, ("https",), ("key", "ID"),
        "usual", {"url": "git@host:x/y.git"},
    ),
    "Git host wants a password": Row(
        "git_clone", 401, "unauthorized: authentication required: no entry",
        "authentication", True, False, ("username and password",), ("API key",),
    ),
    "env and labels too large": Row(
        "create_sandbox", 404, "Cannot POST /api/sandbox", "too_large", None, False, ("env and labels", "102,400"), (),
        "usual", {"labels": {"a": "x" * 110_000}},
    ),
    "no such route": Row("create_sandbox", 404, "Cannot POST /sandbox", "not_found", None, False, ("API URL",)),
    "second API, 404": Row(
        "get_sandbox", 404, "no", "protocol", None, False, ("second API", "DAYTONA_API_URL"), (), "second api"
    ),
    "second API, 401": Row(
        "list_sandboxes", 401, "no", "protocol", None, False, ("second API", "DAYTONA_API_URL"), ("API key",), "second api"
    ),
    "unknown 401 of a toolbox": Row("execute_command", 401, "unheard-of", "authentication", True, False, (), _KEY),
    "unknown 403 of a toolbox": Row("execute_command", 403, "unheard-of", "permission", True, False, (), _KEY),
    "unknown 403 of the API": Row("get_sandbox", 403, "unheard-of", "permission", False, False, (), _KEY),
    "timeout": Row(
        "run_code", 408, "request timeout: command execution timeout", "timeout", True, False, ("larger timeout",)
    ),
}  # fmt: skip


def _caller(caller_class: type[Caller], server: MockServer, **options: Any) -> Caller:
    return caller_class(KEY, api_url=API_URL, toolbox_url=TOOLBOX_URL, transport=server.transport, **options)


@pytest.mark.parametrize("name", _ROWS)
def test_refusal(name: str, caller_class: type[Caller]) -> None:
    """Each refusal of a real service has its true kind and advice, and is retried where nothing was done."""
    row = _ROWS[name]
    server = MockServer(_body(row))
    with _caller(caller_class, server) as call:
        output = call(row.action, **{**CALLS[row.action], **row.arguments})

    assert output.failure.kind == row.kind, output.error
    assert row.sent in (None, output.failure.sent), output.error
    assert len(server.requests) == (RETRIED if row.retried else 1), output.error
    assert output.failure.status_code == row.status
    for text in row.has:
        assert text in output.error
    for text in row.has_not:
        assert text not in output.error


@pytest.mark.parametrize("row", [*API, *PROXY, *DAEMON], ids=lambda row: f"{row.speaker} {row.sign[:30]}")
def test_each_row_of_the_tables_is_reached_by_its_proof(row: Refusal, caller_class: type[Caller]) -> None:
    """The answer that proves a row is told by that row and by none before it."""
    action = "create_sandbox" if row in API else "git_clone"
    server = MockServer(httpx.Response(row.statuses[0], json={"message": row.proof, "statusCode": row.statuses[0]}))
    with _caller(caller_class, server, retries=0) as call:
        output = call(action, **CALLS[action])

    assert (output.failure.kind, output.failure.sent) == (row.kind, row.sent)
    assert row.source
    assert output.error.endswith(f"({row.advice})" if row.advice else f"{row.proof.rstrip('.')}.") or not row.advice


def _recorded() -> Iterator[tuple[str, bool, int, str | None]]:
    """Read every recorded refusal: its ID, whether a toolbox answered, the status, and the explanation."""
    for number, line in enumerate((RECORDED / "control-0.190.md").read_text().splitlines()):
        for status, said, path in re.findall(
            r"[A-Z]+ ([45]\d\d) \{[^:{]*: (.*?); path ([^}]*)\}", line.split(" | ours")[0]
        ):
            yield f"control {number}", not path.startswith(("/api", "None")), int(status), said.partition(" {'code'")[0]
    for case_id, case in json.loads((RECORDED / "toolbox-0.190.json").read_text()).items():
        if (case.get("http_status") or 0) >= 400:
            said = re.search(r"HTTP \d+: (.*?)\.?( \([a-zA-Z].*\))?$", case["answer"]["error"], re.DOTALL)
            yield case_id, True, case["http_status"], said[1] if said else None


_SPEAKERS = {
    "key": ("Invalid credentials", "Bearer token is invalid", "missing authentication", "Access denied"),
    "start_sandbox": (_STARTED,),
    "sandbox is": ("Sandbox",),
    "again": (
        "Throttler", "in progress", "No available runners", "getSandboxPublic", "errored state", "failed to get",
    ),
    "credentials": ("authentication required",),
}  # fmt: skip


def test_no_recorded_refusal_blames_another(caller_class: type[Caller]) -> None:
    """What is added to a service's words names the key, the sandbox's start or a retry only where that service did."""
    seen = 0
    for case_id, toolbox, status, said in _recorded():
        action = "execute_command" if toolbox else "start_sandbox"
        answer = (
            httpx.Response(status, json={"message": said, "statusCode": status}) if said else httpx.Response(status)
        )
        with _caller(caller_class, MockServer(answer), retries=0) as call:
            output = call(action, **CALLS[action])
        added = output.error.replace(said or "", "").partition("HTTP")[2]
        for word, causes in _SPEAKERS.items():
            booting = status == 502 and not said
            assert word not in added or booting or any(cause in (said or "") for cause in causes), (
                case_id,
                output.error,
            )
        seen += 1
    assert seen > 100


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "7", "true", '{"items": [null]}', '{"id": {"a": 1}}'])
@pytest.mark.parametrize("action", CALLS)
def test_a_document_of_another_form(action: str, body: str, caller_class: type[Caller]) -> None:
    """A 2xx answer that is not what belongs there is named, and nothing of our inside is."""
    with _caller(caller_class, MockServer(httpx.Response(200, text=body)), retries=0) as call:
        output = call(action, **CALLS[action])

    if not output.success:
        assert not re.search(r"\w+Error|NoneType|object is not|subscript|attribute", output.error), output.error
        assert output.failure.kind == "protocol"


@pytest.mark.parametrize(
    ("status", "location", "followed"),
    [
        (301, "/toolbox/{}/files/?path=d", True),
        (301, "http://toolbox.invalid/toolbox/{}/files/", True),
        (301, "/files/?path=d", True),
        (308, "/toolbox/{}/files/", True),
        (301, "http://elsewhere.invalid/toolbox/{}/files/", False),
        (301, "https://toolbox.invalid/toolbox/{}/files/", False),
        (301, "/toolbox/{}/other/", False),
        (301, "/", False),
        (301, "", False),
        (303, "/toolbox/{}/files/", False),
    ],
)
def test_a_redirect_that_adds_a_slash(status: int, location: str, followed: bool, caller_class: type[Caller]) -> None:
    """Daemons before 0.178 serve /files/ alone; no other redirect is followed, and none away from the server."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/files/"):
            return httpx.Response(200, json=[])
        return httpx.Response(status, headers={"location": location.format(SANDBOX)})

    server = MockServer(answer)
    with _caller(caller_class, server) as call:
        output = call("list_files", SANDBOX, "d")

    assert output.success is followed, output.error
    assert {request.url.host for request in server.requests} == {"toolbox.invalid"}
    assert [request.url.params["path"] for request in server.requests] == ["d"] * (2 if followed else 1)
    if not followed:
        assert output.failure.kind == "protocol"


def test_a_redirect_is_followed_once(caller_class: type[Caller]) -> None:
    """A server that goes on redirecting ends the call."""
    server = MockServer(lambda request: httpx.Response(301, headers={"location": f"{request.url.path}/"}))
    with _caller(caller_class, server) as call:
        assert call("list_files", SANDBOX).failure.kind == "protocol"

    assert len(server.requests) == 2


def test_a_redirect_of_an_act_is_not_followed(caller_class: type[Caller]) -> None:
    """Only a GET is sent again."""
    server = MockServer(lambda request: httpx.Response(307, headers={"location": f"{request.url.path}/"}))
    with _caller(caller_class, server) as call:
        assert call("execute_command", SANDBOX, "true").failure.kind == "protocol"

    assert len(server.requests) == 1


@pytest.mark.parametrize("action", ["get_sandbox", "list_sandboxes", "start_sandbox", "stop_sandbox", "delete_sandbox"])
def test_a_deleted_sandbox_keeps_its_own_name(action: str, caller_class: type[Caller]) -> None:
    """Daytona renames what is being deleted; every output has the name that the caller knows."""
    sandbox = {"id": SANDBOX, "name": "DESTROYED_my_box_1764000000000", "state": "destroying"}
    page = {"items": [sandbox], "nextCursor": None} if action == "list_sandboxes" else sandbox
    with _caller(caller_class, MockServer(httpx.Response(200, json=page))) as call:
        output = call(action, **CALLS[action])

    assert (output.sandboxes[0] if action == "list_sandboxes" else output.sandbox).name == "my_box"


@pytest.mark.parametrize(
    ("action", "arguments", "name"),
    [
        ("create_sandbox", {"name": "a\0b"}, "name"),
        ("create_sandbox", {"labels": {"a": "\0"}}, "labels"),
        ("create_sandbox", {"labels": {"\0": "a"}}, "labels"),
        ("create_sandbox", {"env": {"A": "a\0"}}, "env"),
        ("create_sandbox", {"snapshot": "a\0"}, "snapshot"),
        ("list_sandboxes", {"name": "\0"}, "name"),
        ("list_sandboxes", {"labels": {"a": "\0"}}, "labels"),
        ("get_sandbox", {"sandbox_id": "a\0"}, "sandbox_id"),
    ],
)
def test_nul_is_refused_here(action: str, arguments: dict[str, Any], name: str, caller_class: type[Caller]) -> None:
    """The API answers 500 to a NUL character, so it is not sent."""
    server = MockServer(httpx.Response(500))
    with _caller(caller_class, server) as call:
        output = call(action, **arguments)

    assert (output.failure.kind, output.failure.sent) == ("invalid_input", False)
    assert name in output.error
    assert "NUL" in output.error
    assert server.requests == []


def test_too_large_names_the_knob(caller_class: type[Caller]) -> None:
    """A cap of five bytes reads as that, and the sentence says what changes it."""
    with _caller(caller_class, MockServer(httpx.Response(200, content=b"123456")), max_download_bytes=5) as call:
        output = call("download_file", SANDBOX, "a.txt")

    assert output.failure.kind == "too_large"
    for text in ("5 bytes", "max_download_bytes", "download-file"):
        assert text in output.error
    assert "MiB" not in output.error


def test_env_that_a_daemon_ignored(caller_class: type[Caller]) -> None:
    """An answer that shows a daemon before 0.156 is no success when it was given env, which it ignores."""
    with _caller(caller_class, MockServer(httpx.Response(200, json={"code": 0, "result": ""}))) as call:
        ignored = call("execute_command", SANDBOX, "true", env={"A": "1"})
        without = call("execute_command", SANDBOX, "true")

    assert without.success
    assert ignored.failure.sent
    assert "0.156" in ignored.error
