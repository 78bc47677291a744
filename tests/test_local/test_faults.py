"""Bad days, on purpose and at will."""

import time
from collections.abc import Iterator

import httpx
import pytest

from daytona_facade.local import LocalDaytona
from test_local.wire import Wire


@pytest.fixture(scope="module")
def ill() -> Iterator[Wire]:
    """Serve one sandbox on a server that is made ill and well again."""
    with LocalDaytona(seed=7) as backend, Wire(backend) as wire:
        wire.box = wire.made()
        yield wire
        control(wire, "DELETE")


def control(wire: Wire, method: str = "GET", **body: object) -> httpx.Response:
    """Call the control route."""
    return wire.http.request(method, wire.backend.api_url.removesuffix("/api") + "/_local/faults", json=body)


def test_429_has_suffixed_headers(ill: Wire) -> None:
    """Too many requests are told in headers that name the limit."""
    control(ill, "PUT", faults=["429:7"])
    for method, path, name in [
        ("GET", "/sandbox", "authenticated"),
        ("POST", "/sandbox", "sandbox-create"),
        ("POST", "/sandbox/x/start", "sandbox-lifecycle"),
    ]:
        answer = ill.rest(method, path)
        assert answer.status_code == 429
        assert answer.json()["message"] == "ThrottlerException: Too Many Requests"
        assert answer.headers[f"retry-after-{name}"] == "7"
        assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "status", "media_type", "body"),
    [
        ("503", 503, "application/json", None),
        ("502", 502, None, b""),
        ("html", 200, "text/html; charset=utf-8", None),
        ("garbage", 200, "application/json", b'{"id": "'),
    ],
)
def test_canned_answers(ill: Wire, kind: str, status: int, media_type: str | None, body: bytes | None) -> None:
    """Some bad answers come whole."""
    control(ill, "PUT", faults=[kind])
    for answer in (ill.rest("GET", "/sandbox"), ill.toolbox("GET", "/files")):
        assert (status, media_type) == (answer.status_code, answer.headers.get("content-type"))
        assert body is None or body == answer.content


def test_broken_connections(ill: Wire) -> None:
    """A connection ends before its answer, or in the middle of it."""
    control(ill, "PUT", faults=["drop,times=1"])
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        ill.rest("GET", "/sandbox")
    control(ill, "PUT", faults=["truncate,times=1"])
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        ill.toolbox("GET", "/files/download?path=/etc/passwd")

    assert ill.rest("GET", "/sandbox").status_code == 200


def test_slow(ill: Wire) -> None:
    """A slow answer is the right one, later."""
    control(ill, "PUT", faults=["slow:0.3,path=/files"])
    start = time.monotonic()

    assert ill.toolbox("GET", "/files").status_code == 200
    assert time.monotonic() - start >= 0.3


def test_faults_choose(ill: Wire) -> None:
    """A fault befalls the requests that it is told to, as often as it is told to."""
    control(ill, "PUT", faults=[{"kind": "503", "path": "^/toolbox/[^/]+/files", "method": "GET", "times": 2}])
    statuses = [ill.toolbox("GET", "/files").status_code for _ in range(4)]

    assert ill.rest("GET", "/sandbox").status_code == 200
    assert statuses == [503, 503, 200, 200]
    assert control(ill).json()["counts"]["503"] == 2


def test_faults_throw_dice_that_can_be_repeated(ill: Wire) -> None:
    """A probability holds roughly, and a seed makes it the same each time."""
    runs = []
    for _ in range(2):
        control(ill, "PUT", faults=["503,probability=0.3"], seed=11)
        runs.append([ill.rest("GET", "/sandbox?limit=1").status_code for _ in range(60)])

    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(503) <= 30


def test_control_needs_the_key_and_sense(ill: Wire) -> None:
    """Nobody else makes a server ill, and nonsense is refused."""
    url = ill.backend.api_url.removesuffix("/api") + "/_local/faults"

    assert httpx.put(url, json={"faults": []}).status_code == 401
    for body in ({}, {"faults": ["plague"]}, {"faults": [{"kind": "503", "path": "("}]}, {"faults": ["503,x=1"]}):
        assert control(ill, "PUT", **body).status_code == 400
    assert control(ill, "DELETE").json()["faults"] == []


def test_faults_of_the_command_line() -> None:
    """A server can be ill from the start."""
    with LocalDaytona(fault=("502,path=/sandbox,times=1",)) as backend, Wire(backend) as wire:
        assert [wire.rest("GET", "/sandbox").status_code for _ in range(2)] == [502, 200]
