"""The proxy's answers, row by row."""

import re

import httpx
import pytest

from daytona_facade.local.proxy import KeyCache
from test_local.rows import covers
from test_local.wire import Wire

INVALID = "unauthorized: authentication failed: Bearer token is invalid"


def refused(answer: httpx.Response, status: int, message: str, code: str) -> None:
    """Hold an answer to the shape and words of an error in Go's half of Daytona."""
    body = answer.json()
    assert (status, message, code) == (answer.status_code, body["message"], body["code"])
    assert status == body["statusCode"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", body["timestamp"])
    assert {"path", "method"} <= set(body)


@covers("proxy: bad key, unknown ID, name or destroyed sandbox 401")
def test_only_the_id_and_the_key_open(wire: Wire) -> None:
    """Whatever does not open a sandbox is a bad key in the proxy's words."""
    box = wire.made(name="called")
    wrong = {"Authorization": "Bearer wrong"}

    refused(wire.toolbox("GET", "/files", box, headers=wrong), 401, INVALID, "UNAUTHORIZED")
    refused(wire.toolbox("GET", "/files", "nobody"), 401, INVALID, "UNAUTHORIZED")
    refused(wire.toolbox("GET", "/files", "called"), 401, INVALID, "UNAUTHORIZED")

    wire.rest("DELETE", f"/sandbox/{box}")
    wire.reach(box, "gone")

    refused(wire.toolbox("GET", "/files", box), 401, INVALID, "UNAUTHORIZED")


@covers("proxy: no key 401")
def test_no_key(wire: Wire) -> None:
    """A request without any key is told so."""
    answer = httpx.get(f"{wire.backend.toolbox_url}/any/files")

    assert answer.status_code == 401
    assert answer.json()["message"].startswith("unauthorized: missing authentication: ")


@covers("proxy: an address without a path 404")
def test_no_path(shared: Wire) -> None:
    """A sandbox's address alone is nothing."""
    refused(shared.toolbox("GET", ""), 404, "not found: not found", "NOT_FOUND")


@covers("proxy: stopped 400", "proxy: booting 502 with an empty body", "proxy: absent container 404")
def test_sandboxes_that_do_not_run(slow: Wire) -> None:
    """A sandbox without a container is not found, one on its way up a bad gateway, one that is down a bad request."""
    box = slow.create().json()["id"]
    absent = f"not found: sandbox container not found: Error response from daemon: No such container: {box}"
    refused(slow.toolbox("GET", "/files", box), 404, absent, "NOT_FOUND")
    slow.reach(box, "started")
    slow.rest("POST", f"/sandbox/{box}/stop")
    message = (
        "bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?"
    )
    refused(slow.toolbox("GET", "/files", box), 400, message, "BAD_REQUEST")
    slow.reach(box, "stopped")
    refused(slow.toolbox("GET", "/files", box), 400, message, "BAD_REQUEST")
    slow.rest("POST", f"/sandbox/{box}/start")
    booting = slow.toolbox("GET", "/files", box)

    assert (booting.status_code, booting.content) == (502, b"")

    slow.reach(box, "started")
    slow.rest("DELETE", f"/sandbox/{box}")
    refused(slow.toolbox("GET", "/files", box), 404, absent, "NOT_FOUND")


@covers("proxy: a sandbox that ends under a request 502 with an empty body")
def test_a_sandbox_that_ends_under_a_request(wire: Wire) -> None:
    """A command whose sandbox goes away is answered by the proxy."""
    box = wire.made()
    answer = wire.toolbox("POST", "/process/execute", box, json={"command": "sleep 0.2; kill -9 -1"})

    assert (answer.status_code, answer.content) == (502, b"")


@covers("proxy: the key does not reach the toolbox", "proxy: unknown toolbox route 404 as text")
def test_unknown_routes_of_the_toolbox(shared: Wire) -> None:
    """What the daemon does not have is answered in its own words."""
    for method, path in [("GET", "/nothing"), ("DELETE", "/process/execute"), ("PUT", "/files")]:
        answer = shared.toolbox(method, path)
        assert (answer.status_code, answer.text) == (404, "404 page not found")


@covers("proxy: a call counts as activity unless its header says not to")
@pytest.mark.parametrize(("headers", "moved"), [({}, True), ({"X-Daytona-Skip-Last-Activity-Update": "true"}, False)])
def test_activity(wire: Wire, headers: dict[str, str], moved: bool) -> None:
    """A call to the toolbox moves the time of the last activity."""
    box = wire.made()
    before = wire.rest("GET", f"/sandbox/{box}").json()["lastActivityAt"]
    wire.toolbox("GET", "/files", box, headers=headers)
    after = wire.rest("GET", f"/sandbox/{box}").json()["lastActivityAt"]

    assert moved == (after > before)


@covers("proxy: bodies with and without a declared length")
def test_chunked_request(shared: Wire) -> None:
    """A body of unknown length goes through."""
    content = (piece for piece in (b'{"command":', b' "echo chunked"}'))
    answer = shared.toolbox("POST", "/process/execute", content=content)

    assert answer.json()["result"] == "chunked\n"


@covers("unserved: 501 of the daemon that names the operation")
@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/process/session", "ListSessions"),
        ("GET", "/files/find?path=.&pattern=x", "FindInFiles"),
        ("POST", "/git/commit", "CommitChanges"),
        ("GET", "/process/pty/1/connect", "ConnectPtySession"),
        ("POST", "/lsp/start", "Start"),
    ],
)
def test_unserved_operations_of_the_toolbox(shared: Wire, method: str, path: str, name: str) -> None:
    """An operation of the daemon's that is not served says so, by its name."""
    answer = shared.toolbox(method, path)
    message = f"not implemented: {name} ({method} "

    assert (answer.status_code, answer.json()["message"][: len(message)]) == (501, message)
    assert {
        "code": "NOT_IMPLEMENTED",
        "path": path.partition("?")[0],
        "method": method,
    }.items() <= answer.json().items()


def test_key_cache() -> None:
    """The proxy believes a key for two minutes from the first time it was seen."""
    now = [0.0]
    cache = KeyCache(lambda: now[0])
    cache.add("a")
    now[0] = 100
    cache.add("a")

    assert (cache.has("a"), cache.has("b")) == (True, False)

    now[0] = 121

    assert not cache.has("a")
