"""What four generations of Daytona answer to the same requests, told by what a client can notice."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
import httpx

Json: TypeAlias = dict[str, Any]

BOX = "0f3c6b1e-5a52-4d0c-9a57-6a2f6d3c9b10"
REGION = "https://proxy.eu.example/toolbox"
USUAL = "https://proxy.app.daytona.io/toolbox"
CONTENT = b"\x00content\xff"


@attrs.frozen
class Generation:
    """One version of the API, and of the daemon in its sandboxes."""

    version: str
    cursor: bool = True
    """Lists come in pages; before, as the bare array of all."""
    proxy_url: bool = True
    """A sandbox says where its toolbox is."""
    code_run: bool = True
    modified_at: bool = True
    """Entries carry modifiedAt beside modTime."""
    upload_answer: bool = True
    """An upload says what was written; before, nothing."""
    explains: bool = True
    """Refusals of the files routes carry JSON; before, nothing at all."""
    whole_numbers: bool = False
    """Resources are written 1.0, as a `number` may be."""
    more: Json = attrs.field(factory=dict)
    """Fields that this generation was the first to send, or sends otherwise."""
    more_of_entry: Json = attrs.field(factory=dict)
    less_of_item: tuple[str, ...] = ("env",)
    """Fields of a sandbox that its item in a list lacks."""


_SINCE_205: Json = {
    "spot": False,
    "spotEvictedAt": None,
    "warmPoolId": None,
    "autoPauseInterval": 0,
    "autoDestroyAt": None,
    "outboundProxyUrl": None,
    "otelEndpointOverride": None,
}
GENERATIONS = {
    generation.version: generation
    for generation in (
        Generation(
            "0.148",
            cursor=False,
            proxy_url=False,
            code_run=False,
            modified_at=False,
            upload_answer=False,
            explains=False,
            less_of_item=(),
        ),
        Generation("0.190", explains=False, whole_numbers=True, less_of_item=("env", "networkBlockAll")),
        Generation("0.205", more=_SINCE_205, more_of_entry={"path": "dir/a.txt"}),
        Generation(
            "0.226",
            more={**_SINCE_205, "kvm": False, "queueTimedOutAt": None, "queueTimeout": None},
            more_of_entry={"path": "dir/a.txt"},
        ),
    )
}


class Server:
    """Answers as one generation does, and remembers the requests."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.removeprefix("/api").removeprefix("/toolbox").replace(f"/{BOX}", "/{}", 1)
        answer = self._routes().get(f"{request.method} {path}")
        return answer() if answer else httpx.Response(404, text="404 page not found")

    def _routes(self) -> dict[str, Callable[[], httpx.Response]]:
        routes: dict[str, Callable[[], httpx.Response]] = {
            "POST /sandbox": lambda: _json(self._sandbox("creating")),
            "GET /sandbox": self._list,
            "GET /sandbox/{}": lambda: _json(self._sandbox("started")),
            "POST /sandbox/{}/start": lambda: _json(self._sandbox("starting")),
            "POST /sandbox/{}/stop": lambda: _json(self._sandbox("stopping")),
            "DELETE /sandbox/{}": lambda: _json(self._sandbox("destroying", name="DESTROYED_mine_1764000000000")),
            "POST /{}/process/execute": lambda: _json({"exitCode": 3, "result": "out\n"}),
            "GET /{}/files": lambda: _json([self._entry()]),
            "POST /{}/files/bulk-upload": self._uploaded,
            "GET /{}/files/download": self._download,
            "POST /{}/git/clone": lambda: httpx.Response(200),
        }
        if self.generation.code_run:
            routes["POST /{}/process/code-run"] = lambda: _json({"exitCode": 0, "result": "42\n"})
        return routes

    def _sandbox(self, state: str, name: str = "mine") -> Json:
        kind = float if self.generation.whole_numbers else int
        sandbox: Json = {
            "id": BOX,
            "organizationId": "6d3c9b10-5a52-4d0c-9a57-0f3c6b1e6a2f",
            "name": name,
            "user": "daytona",
            "env": {},
            "labels": {"a": "b"},
            "public": False,
            "networkBlockAll": False,
            "target": "eu",
            "cpu": kind(1),
            "gpu": 0,
            "memory": kind(2),
            "disk": kind(3),
            "state": state,
            "snapshot": "a-snapshot",
            "autoStopInterval": kind(15),
            "createdAt": "2026-06-01T12:00:00.000Z",
            "updatedAt": "2026-06-01T12:00:01.000Z",
            **self.generation.more,
        }
        return {**sandbox, "toolboxProxyUrl": REGION} if self.generation.proxy_url else sandbox

    def _list(self) -> httpx.Response:
        item = self._sandbox("started")
        for field in self.generation.less_of_item:
            del item[field]
        return _json({"items": [item], "nextCursor": None} if self.generation.cursor else [item])

    def _entry(self) -> Json:
        entry: Json = {
            "name": "a.txt",
            "isDir": False,
            "size": 9,
            "mode": "-rw-r--r--",
            "permissions": "0644",
            "owner": "1000",
            "group": "1000",
            "modTime": "2026-06-01 12:00:00.5 +0000 UTC",
            **self.generation.more_of_entry,
        }
        return {**entry, "modifiedAt": "2026-06-01T12:00:00.5Z"} if self.generation.modified_at else entry

    def _uploaded(self) -> httpx.Response:
        if not self.generation.upload_answer:
            return httpx.Response(200)
        return _json({"files": [{"path": "dir/a.txt", "bytes": len(CONTENT)}]})

    def _download(self) -> httpx.Response:
        if self.requests[-1].url.params["path"] == "none":
            return self._missing()
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": 'attachment; filename="a.txt"'}
        return httpx.Response(200, headers=headers, content=CONTENT)

    def _missing(self) -> httpx.Response:
        if not self.generation.explains:
            return httpx.Response(404)
        body = {"statusCode": 404, "message": "not found: file not found", "code": "FILE_NOT_FOUND"}
        return _json({**body, "source": "DAYTONA_DAEMON", "timestamp": "2026-06-01T12:00:00Z", "path": "/"}, 404)


def _json(document: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=json.dumps(document).encode())
