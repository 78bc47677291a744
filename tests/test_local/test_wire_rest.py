"""The REST API's answers, row by row."""

import json
import re

import httpx
import pytest

from daytona_facade.local import LocalDaytona
from test_local.rows import covers
from test_local.wire import Wire, until

UNSAFE = "name must not contain HTML tags, URLs, or control characters"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NEEDED = [
    "id",
    "organizationId",
    "name",
    "user",
    "env",
    "labels",
    "public",
    "networkBlockAll",
    "kvm",
    "target",
    "cpu",
    "gpu",
    "memory",
    "disk",
    "toolboxProxyUrl",
]


def refused(answer: httpx.Response, status: int, message: str) -> None:
    """Hold an answer to the shape and words of a REST error."""
    body = answer.json()
    assert (status, message) == (answer.status_code, body["message"])
    assert {"path", "timestamp", "statusCode", "error", "message"} == set(body)
    assert status == body["statusCode"]
    assert ISO.fullmatch(body["timestamp"])


@covers("common: REST errors have path, timestamp, statusCode, error, message", "common: bad or missing key 401")
@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer wrong"}, {"Authorization": ""}, {"Authorization": "Basic x"}]
)
def test_a_caller_without_the_key_is_refused(wire: Wire, headers: dict[str, str]) -> None:
    """No route of the API answers without the key; a route that is none does."""
    for method, path in [("GET", "/sandbox"), ("POST", "/sandbox"), ("GET", "/sandbox/x"), ("GET", "/volumes")]:
        refused(wire.rest(method, path, headers=headers), 401, "Invalid credentials")
    refused(wire.rest("GET", "/nothing?a=%2F", headers=headers), 404, "Cannot GET /api/nothing?a=%2F")


@covers("common: malformed JSON 400 in a shape of its own")
def test_malformed_json(wire: Wire) -> None:
    """A body that is no JSON is refused without path and timestamp."""
    answer = wire.rest("POST", "/sandbox", content=b"{", headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert {"message", "error", "statusCode"} == set(answer.json())


@covers("common: unknown paths below /api 404, elsewhere 200 with a page")
def test_unknown_paths(wire: Wire) -> None:
    """A wrong base URL meets a web page, not an error."""
    refused(wire.rest("GET", "/nothing"), 404, "Cannot GET /api/nothing")
    page = wire.http.get(wire.backend.api_url.removesuffix("/api") + "/sandbox")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


@covers("create: 200 with the state before the wait", "create: the fields that SDK 0.226 requires")
def test_create_answers_a_whole_sandbox(wire: Wire) -> None:
    """Create answers "creating", and the sandbox is started by then."""
    answer = wire.create(labels={"a": "b"}, env={"X": "1"}, public=True, unknownField=[1])
    body = answer.json()

    assert answer.status_code == 200
    assert body["state"] == "creating"
    assert [name for name in NEEDED if name not in body] == []
    assert all(type(body[name]) is int for name in ("cpu", "gpu", "memory", "disk", "autoStopInterval"))
    assert (body["labels"], body["env"], body["public"]) == ({"a": "b"}, {"X": "1"}, True)
    assert f"{wire.backend.toolbox_url}" == body["toolboxProxyUrl"]
    assert ISO.fullmatch(body["createdAt"])
    assert wire.state(body["id"]) == "started"


@covers(
    "create: name defaults to the ID", "create: intervals default to 15, 10080, -1", "create: archive 0 is the maximum"
)
def test_create_defaults(wire: Wire) -> None:
    """What is not given has Daytona's defaults."""
    body = wire.create().json()

    assert body["id"] == body["name"]
    assert tuple(body[f"auto{name}Interval"] for name in ("Stop", "Archive", "Delete")) == (15, 10080, -1)
    assert wire.create(autoArchiveInterval=0).json()["autoArchiveInterval"] == 43200


@covers(
    "create: resources without build info 400", "create: resources of 0 pass", "create: build info with snapshot 400"
)
def test_create_with_resources(wire: Wire) -> None:
    """Resources belong to the snapshot, and an image is not built."""
    message = "Cannot specify Sandbox resources when using a snapshot"
    for name in ("cpu", "gpu", "memory", "disk"):
        refused(wire.create(**{name: 1}), 400, message)
    build = {"dockerfileContent": "FROM scratch"}

    assert wire.create(cpu=0, memory=0).status_code == 200
    assert wire.create(buildInfo=build, snapshot="s").status_code == 400
    assert wire.create(buildInfo=[]).status_code == 400
    answer = wire.create(buildInfo=build, cpu=2)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("buildInfo (an image or a Dockerfile) is not served")
    assert wire.create(volumes=[{"volumeId": "v", "mountPath": "/v"}]).status_code == 400
    assert wire.create(volumes=[]).status_code == 200


@covers("create: a name that is taken 409")
def test_create_with_a_taken_name(wire: Wire) -> None:
    """Two sandboxes do not share a name."""
    wire.create(name="taken")

    refused(wire.create(name="taken"), 409, "Sandbox with name taken already exists")


@covers("create: wrong values 400")
@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"name": "<b>"}, 400, UNSAFE),
        ({"name": "</b x>"}, 400, UNSAFE),
        ({"name": "see WWW.example"}, 400, UNSAFE),
        ({"name": "a\x07b"}, 400, UNSAFE),
        ({"name": "mailto:me"}, 400, UNSAFE),
        ({"name": 1, "user": 2}, 400, f"{UNSAFE}, name must be a string, user must be a string"),
        ({"env": [], "labels": "x"}, 400, "env must be an object, labels must be an object"),
        ({"public": "yes", "networkBlockAll": 1}, 400, "public must be a boolean value, networkBlockAll must be a"),
        ({"gpu": True}, 400, "gpu must not be less than 0, gpu must be a number"),
        ({"autoStopInterval": -1}, 400, "Auto-stop interval must be non-negative"),
        ({"autoArchiveInterval": -1}, 400, "Auto-archive interval must be non-negative"),
        ({"autoStopInterval": "1"}, 400, "autoStopInterval must be a number conforming to the specified constraints"),
        ({"autoStopInterval": 2**31}, 500, "An unexpected error occurred."),
        ({"autoDeleteInterval": -1.5}, 500, "An unexpected error occurred."),
        ({"target": "mars"}, 404, "Region not found"),
        ({"labels": {"\0": "a"}, "name": 1}, 500, "Internal Server Error"),
        ({"env": {"\0": "a"}}, 500, "Internal Server Error"),
        ({"env": {"A": "\ud83d"}}, 500, "An unexpected error occurred."),
    ],
    ids=repr,
)
def test_create_with_wrong_values(wire: Wire, body: dict[str, object], status: int, message: str) -> None:
    """What the API's rules forbid is refused in its words, all faults at once."""
    answer = wire.rest("POST", "/sandbox", content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["message"][: len(message)]) == (status, message)


@covers("create: odd values that pass")
@pytest.mark.parametrize(
    "body",
    [
        {"name": "a\tb", "user": ""},
        {"name": "1 < 2 > 0"},
        {"name": None, "labels": None, "autoStopInterval": None, "public": None},
        {"labels": {"a": {"b": [1]}}},
        {"autoArchiveInterval": 10**12},
        {"unknown": "\0"},
    ],
    ids=repr,
)
def test_create_with_odd_values(wire: Wire, body: dict[str, object]) -> None:
    """What the API's rules allow is accepted."""
    answer = wire.create(**body)

    assert answer.status_code == 200
    if "labels" in body:
        assert answer.json()["labels"] == (body["labels"] or {})
    if "autoArchiveInterval" in body:
        assert answer.json()["autoArchiveInterval"] == 43200


@covers("create: environment as Docker sets it")
def test_environment(wire: Wire) -> None:
    """A name with an equals sign sets what Docker would set, and any value becomes a string."""
    box = wire.made(env={"A=B": "C", "NESTED": {"x": [1]}, "": "none"})

    assert wire.output('echo "$A $NESTED"', box) == 'B=C {"x":[1]}\n'


@covers("create: known snapshots and targets")
def test_known_snapshots_and_targets() -> None:
    """Names that the server was started with are known beside the default ones."""
    with LocalDaytona(snapshot=["data", "ml"], target="eu") as backend, Wire(backend) as wire:
        made = wire.create(snapshot="ml").json()

        assert (made["snapshot"], made["target"]) == ("ml", "eu")
        assert wire.create(snapshot="data", target="local").json()["target"] == "local"
        assert wire.create().json()["snapshot"] == "daytonaio/sandbox:local"
        assert wire.create(target="us").status_code == 404


@covers("intervals: routes with any number")
@pytest.mark.parametrize(
    ("route", "status", "field", "value"),
    [
        ("autodelete/-1", 200, "autoDeleteInterval", -1),
        ("autodelete/0", 200, "autoDeleteInterval", 0),
        ("autostop/7", 200, "autoStopInterval", 7),
        ("autostop/-1", 400, "message", "Auto-stop interval must be non-negative"),
        ("autostop/x", 500, "message", "An unexpected error occurred."),
        ("autostop/1.5", 500, "message", "An unexpected error occurred."),
        ("autostop/2147483648", 500, "message", "An unexpected error occurred."),
        ("autoarchive/-1", 400, "message", "Auto-archive interval must be non-negative"),
        ("autoarchive/0", 200, "autoArchiveInterval", 43200),
        ("autoarchive/99999999999", 200, "autoArchiveInterval", 43200),
    ],
)
def test_interval_routes(wire: Wire, route: str, status: int, field: str, value: object) -> None:
    """An interval is clamped, stored or refused as the API does."""
    box = wire.made()
    answer = wire.rest("POST", f"/sandbox/{box}/{route}")

    assert (answer.status_code, answer.json()[field]) == (status, value)


@covers("labels: replaced")
def test_labels(wire: Wire) -> None:
    """Labels are replaced as a whole, by an object alone."""
    box = wire.made(labels={"a": "b"})
    answer = wire.rest("PUT", f"/sandbox/{box}/labels", json={"labels": {"c": "d"}})

    assert answer.json() == {"labels": {"c": "d"}}
    assert wire.rest("GET", f"/sandbox/{box}").json()["labels"] == {"c": "d"}
    refused(wire.rest("PUT", f"/sandbox/{box}/labels", json={"labels": []}), 400, "labels must be an object")


@covers("unserved: 501 that names the operation")
@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/sandbox/{id}/ports/3000/preview-url", "getPortPreviewUrl"),
        ("POST", "/sandbox/{id}/archive", "archiveSandbox"),
        ("POST", "/sandbox/{id}/public/true", "updatePublicStatus"),
        ("GET", "/sandbox/paginated", "listSandboxesPaginated_deprecated"),
        ("GET", "/volumes", "listVolumes"),
        ("POST", "/snapshots", "createSnapshot"),
        ("GET", "/toolbox/{id}/toolbox/files", "toolboxOfTheRestApi"),
        ("GET", "/socket.io/?EIO=4&transport=polling", "socketIo"),
    ],
)
def test_unserved_operations(wire: Wire, shared: Wire, method: str, path: str, name: str) -> None:
    """An operation of Daytona's that is not served says so, by its name."""
    path = path.replace("{id}", shared.box)
    answer = wire.rest(method, path)
    body = answer.json()

    assert (answer.status_code, body["error"], body["path"]) == (501, "Not Implemented", f"/api{path}")
    assert body["message"].startswith(f"{name} (")
    assert body["message"].endswith(" is not served by the local backend")


def test_unserved_operations_of_a_sandbox_that_is_none(wire: Wire) -> None:
    """A sandbox that does not exist is the first thing to say."""
    answer = wire.rest("GET", "/sandbox/nobody/ports/3000/preview-url")

    refused(answer, 404, "Sandbox with ID or name nobody not found")


def test_socket_io_without_the_key(wire: Wire) -> None:
    """The event stream says that it is not served, wherever it is looked for."""
    for url in (f"{wire.backend.api_url}/socket.io/", f"{wire.backend.api_url.removesuffix('/api')}/socket.io/"):
        answer = httpx.get(url)
        assert (answer.status_code, answer.json()["statusCode"]) == (501, 501)


@covers("get: by ID and by name", "get: unknown 404")
def test_get(wire: Wire) -> None:
    """A sandbox is found under its ID and its name."""
    box = wire.create(name="finds me").json()["id"]

    assert box == wire.rest("GET", f"/sandbox/{box}").json()["id"]
    assert box == wire.rest("GET", "/sandbox/finds%20me?verbose=true").json()["id"]
    refused(wire.rest("GET", "/sandbox/nobody"), 404, "Sandbox with ID or name nobody not found")


@covers("get: toolbox-proxy-url")
def test_toolbox_proxy_url(wire: Wire) -> None:
    """The toolbox's address is told on its own, too."""
    box = wire.create().json()["id"]

    assert {"url": wire.backend.toolbox_url} == wire.rest("GET", f"/sandbox/{box}/toolbox-proxy-url").json()


@covers("stop: 200 stopping at once", "stop: stopped 400", "start: waits, 200 started", "start: started 200")
def test_stop_and_start(wire: Wire) -> None:
    """A stop answers before it is done, a start after it."""
    box = wire.made()
    stop = wire.rest("POST", f"/sandbox/{box}/stop?force=false")
    wire.reach(box, "stopped")

    assert (stop.status_code, stop.json()["state"]) == (200, "stopping")
    refused(wire.rest("POST", f"/sandbox/{box}/stop"), 400, "Sandbox is not in a stoppable state")

    start = wire.rest("POST", f"/sandbox/{box}/start")

    assert (start.status_code, start.json()["state"]) == (200, "started")
    assert wire.rest("POST", f"/sandbox/{box}/start").status_code == 200


@covers("states: creating, starting, stopping and destroying are seen", "states: a change under way 409")
def test_states_in_transition(slow: Wire) -> None:
    """While a sandbox changes, every other change is refused."""
    box = slow.create().json()["id"]
    changes = [("POST", "/stop"), ("POST", "/start"), ("DELETE", "")]

    def all_conflict(state: str) -> None:
        assert state == slow.state(box)
        for method, path in changes:
            refused(slow.rest(method, f"/sandbox/{box}{path}"), 409, "Sandbox state change in progress")

    all_conflict("creating")
    slow.reach(box, "started")
    slow.rest("POST", f"/sandbox/{box}/stop")
    all_conflict("stopping")
    slow.reach(box, "stopped")

    assert slow.rest("POST", f"/sandbox/{box}/start").json()["state"] == "starting"

    all_conflict("starting")
    slow.reach(box, "started")
    slow.rest("DELETE", f"/sandbox/{box}")
    all_conflict("destroying")
    slow.reach(box, "gone")


@covers(
    "delete: 200 destroying, renamed",
    "delete: old name 404 at once",
    "delete: ID 200 until gone",
    "delete: unknown 404",
)
def test_delete(slow: Wire) -> None:
    """A deleted sandbox loses its name at once and its ID when it is gone."""
    box = slow.made(name="doomed")
    answer = slow.rest("DELETE", f"/sandbox/{box}").json()

    assert answer["state"] == "destroying"
    assert re.fullmatch(r"DESTROYED_doomed_\d{13}", answer["name"])
    refused(slow.rest("GET", "/sandbox/doomed"), 404, "Sandbox with ID or name doomed not found")
    assert slow.state(box) == "destroying"
    assert slow.create(name="doomed").status_code == 200

    slow.reach(box, "gone")

    assert slow.rest("DELETE", f"/sandbox/{box}").status_code == 404


@covers("delete: by name, and stopped")
def test_delete_of_a_stopped_sandbox_by_name(wire: Wire) -> None:
    """A stopped sandbox can be deleted, by its name."""
    box = wire.made(name="by name")
    wire.rest("POST", f"/sandbox/{box}/stop")
    wire.reach(box, "stopped")

    assert wire.rest("DELETE", "/sandbox/by%20name").status_code == 200

    wire.reach(box, "gone")


@covers("stop: a sandbox with autoDelete 0 is destroyed")
def test_stop_of_an_ephemeral_sandbox(wire: Wire) -> None:
    """What is not to outlive its stop is deleted by it."""
    box = wire.made(autoDeleteInterval=0)

    assert wire.rest("POST", f"/sandbox/{box}/stop").json()["state"] == "destroying"

    wire.reach(box, "gone")


@covers("states: a sandbox whose processes all end is stopped")
def test_a_sandbox_that_ends_itself(wire: Wire) -> None:
    """A sandbox that kills its own toolbox is found stopped, and starts again."""
    box = wire.made()
    answer = wire.toolbox("POST", "/process/execute", box, json={"command": "kill -9 -1"})

    assert answer.status_code in (200, 502)

    until(lambda: wire.state(box) == "stopped", "stopped")

    assert wire.rest("POST", f"/sandbox/{box}/start").json()["state"] == "started"
