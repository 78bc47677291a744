"""What Daytona's own API and proxy (0.190) answered where the local backend once answered otherwise."""

import json
from typing import Any

import attrs

UNEXPECTED = "An unexpected error occurred."
STATES = (
    "each value must be one of the following values: creating, restoring, destroying, started, stopped, starting, "
    "stopping, error, build_failed, pending_build, building_snapshot, unknown, pulling_snapshot, archived, archiving, "
    "resizing, snapshotting, forking, pausing, paused, resuming"
)
UNSAFE = "name must not contain HTML tags, URLs, or control characters"
# Differences that stay, each with its reason.
LISTED = {
    "clone onto non-empty dir": "the recorded 500 is a race inside the daemon, which loses the exit status of git",
    "clone commit short": "the same race",
    "clone commit unknown (1s)": "the same race; without it the daemon answers 404 as the local backend does",
    "X-Daytona-Api-Version": "a header with the server's own version; no client reads it",
    "X-RateLimit-*": "there are no limits here but injected ones",
    "runnerId of a sandbox that has no runner": "there is one machine, so every sandbox has the same runner",
}


@attrs.frozen
class Row:
    """One recorded request: ``message`` is the answer's, or ``None`` for a success."""

    scenario: str
    method: str
    path: str
    status: int
    message: str | None = None
    options: dict[str, Any] = attrs.field(factory=dict)
    items: int | None = None
    """How many sandboxes a list has, where that was recorded."""


def _create(scenario: str, status: int, message: str | None, body: Any) -> Row:
    return Row(scenario, "POST", "/sandbox", status, message, {"json": body})


def _raw(scenario: str, status: int, message: str, content: bytes) -> Row:
    options = {"content": content, "headers": {"Content-Type": "application/json"}}
    return Row(scenario, "POST", "/sandbox", status, message, options)


def _list(query: str, status: int, message: str | None = None, items: int | None = None) -> Row:
    return Row(f"raw {query}", "GET", f"/sandbox?{query}", status, message, items=items)


CREATE = [
    _create("name a URL", 400, UNSAFE, {"name": "https://x.example"}),
    _create("name with newline", 200, None, {"name": "a\nb"}),
    _create("name with / ? # %", 200, None, {"name": "a/b?c#d%e"}),
    Row("get by name with / ? # %", "GET", "/sandbox/a%2Fb%3Fc%23d%25e", 200),
    _create("name with NUL", 500, "Internal Server Error", {"name": "a\0b"}),
    _create("name metadata:v1", 400, UNSAFE, {"name": "metadata:v1"}),
    _create("name a<b", 200, None, {"name": "a <3 b"}),
    _create(
        "unknown snapshot",
        400,
        "Snapshot no-such not found. Did you add it through the Daytona Dashboard?",
        {"snapshot": "no-such"},
    ),
    _create("snapshot blanks", 200, None, {"snapshot": "  "}),
    _create("target blanks", 200, None, {"target": "  "}),
    _create("env name with =", 200, None, {"env": {"A=B": "1"}}),
    _create("env value with NUL", 500, UNEXPECTED, {"env": {"A": "\0"}}),
    _create("labels with NUL", 500, "Internal Server Error", {"labels": {"a": "\0"}}),
    _create("raw labels int", 200, None, {"labels": {"a": 1}}),
    _create("raw labels list", 400, "labels must be an object", {"labels": [1]}),
    _create("raw env nested", 200, None, {"env": {"A": {"B": "C"}}}),
    _create("raw name int", 400, f"{UNSAFE}, name must be a string", {"name": 1}),
    _create("raw public text", 400, "public must be a boolean value", {"public": "yes"}),
    _create(
        "raw cpu text",
        400,
        "cpu must not be less than 0, cpu must be a number conforming to the specified constraints",
        {"cpu": "1"},
    ),
    _create("raw cpu -1", 400, "cpu must not be less than 0", {"cpu": -1}),
    _create("raw cpu 1.5", 400, "Cannot specify Sandbox resources when using a snapshot", {"cpu": 1.5}),
    _create("raw autoStop 1.5", 500, UNEXPECTED, {"autoStopInterval": 1.5}),
    _create("auto_delete -5", 200, None, {"autoDeleteInterval": -5}),
    _create("raw array", 200, None, []),
    _raw("raw bad JSON", 400, "Invalid JSON in request body", b"{"),
    _raw("raw JSON string", 400, "Invalid JSON in request body", b'"text"'),
    _create("raw big body 200 KB label", 404, "Cannot POST /api/sandbox", {"labels": {"a": "x" * 200_000}}),
    _create("labels 120 KB", 404, "Cannot POST /api/sandbox", {"labels": {"a": "x" * 120_000}}),
]
LIFE = [
    Row(
        "get unicode name",
        "GET",
        "/sandbox/n%C3%B6%2Fthing%3Fx%3D1%23y",
        404,
        "Sandbox with ID or name nö/thing?x=1#y not found",
    ),
]
LIST = [
    _list("limit=201", 400, "limit must not be greater than 200"),
    _list("limit=1.5", 400, "limit must be an integer number"),
    _list("limit=", 400, "limit must not be less than 1"),
    _list("cursor=!!!", 400, "Invalid cursor provided: !!!"),
    _list("cursor=junk", 400, "Invalid cursor provided: junk"),
    _list("cursor=bnVsbA==", 500, UNEXPECTED),
    _list("cursor=", 200),
    _list("labels=x", 400, "Invalid labels JSON format"),
    _list("labels=%5B1%5D", 500, UNEXPECTED),
    _list("labels=null", 200),
    _list("labels=%7B%22a%22%3A2%7D", 200, items=0),
    _list("labels=%7B%22a%22%3A%7B%22b%22%3A%22c%22%7D%7D", 200, items=0),
    _list("labels=%7B%7D", 200),
    _list("labels=%7B%22a%22%3A+%22%5Cu0000%22%7D", 500, UNEXPECTED),
    _list("states=nonsense", 400, STATES),
    _list("states=destroyed", 400, STATES),
    _list("order=x", 400, "order must be one of the following values: asc, desc"),
    _list("name=%00", 500, UNEXPECTED),
    _list("id=zzz", 200, items=0),
    _list(
        "limit=5&limit=6",
        400,
        "limit must be an integer number, limit must not be less than 1, limit must not be greater than 200",
    ),
    _list("page=2", 200),
]
ROWS = [*CREATE, *LIFE, *LIST]

NO_KEY = (
    "unauthorized: missing authentication: provide a preview access token (via header, query parameter, or cookie) "
    "or use an API key or JWT"
)
WRONG_KEY = "unauthorized: authentication failed: Bearer token is invalid"
ABSENT = "not found: sandbox container not found: Error response from daemon: No such container: {}"
# The file routes are the toolbox's: its own replay holds them to far more than these rows.
FILES = {
    "upload 'x/../y'": ("x/../y", 400, "x/../y: create: open x/../y: no such file or directory"),
    "upload '/root/x'": ("/root/x", 400, "/root/x: create: open /root/x: read-only file system"),
    "upload '/proc/nope'": ("/proc/nope", 400, "/proc/nope: create: open /proc/nope: no such file or directory"),
    "upload onto directory": ("/home", 400, "/home: create: open /home: is a directory"),
}


def request_text(row: Row) -> str:
    """Return a row's request, shortened for a table."""
    return f"{row.method} {row.path} {json.dumps(row.options.get('json', ''))[:60]}"
