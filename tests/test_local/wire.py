"""Raw HTTP to a backend, without any client library of Daytona's or ours."""

import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx

from daytona_facade.local import LocalDaytona

DEADLINE_SECONDS = 20


def until(claim: Callable[[], Any], what: str = "the claim", seconds: float = DEADLINE_SECONDS) -> Any:
    """Ask again until something holds, and return what was answered."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = claim()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")


class Wire:
    """A caller with the key, who deletes what it has made."""

    def __init__(self, backend: LocalDaytona) -> None:
        self.backend = backend
        self.box = ""
        self.ids: list[str] = []
        self.http = httpx.Client(headers={"Authorization": f"Bearer {backend.api_key}"}, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for box in self.ids:
            until(partial(self._deleted, box), "an end of the change")
        self.http.close()

    def _deleted(self, box: str) -> bool:
        return self.rest("DELETE", f"/sandbox/{box}").status_code != 409

    def rest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the REST API."""
        return self.http.request(method, self.backend.api_url + path, **options)

    def create(self, **body: Any) -> httpx.Response:
        """Create a sandbox and return the answer."""
        answer = self.rest("POST", "/sandbox", json=body)
        if answer.status_code == 200:
            self.ids.append(answer.json()["id"])
        return answer

    def made(self, **body: Any) -> str:
        """Create a sandbox and return its ID once it is started."""
        answer = self.create(**body)
        assert answer.status_code == 200, answer.text
        box = str(answer.json()["id"])
        self.reach(box, "started")
        return box

    def state(self, box: str) -> str:
        """Tell the state of a sandbox, or "gone"."""
        answer = self.rest("GET", f"/sandbox/{box}")
        return "gone" if answer.status_code == 404 else str(answer.json()["state"])

    def reach(self, box: str, state: str) -> None:
        """Wait for a state of a sandbox."""
        until(lambda: self.state(box) == state, f"{box} {state}")

    def toolbox(self, method: str, path: str, box: str = "", **options: Any) -> httpx.Response:
        """Call the toolbox of a sandbox."""
        return self.http.request(method, f"{self.backend.toolbox_url}/{box or self.box}{path}", **options)

    def execute(self, command: str, box: str = "", **options: Any) -> dict[str, Any]:
        """Run a command that the toolbox accepts."""
        answer = self.toolbox("POST", "/process/execute", box, json={"command": command, **options})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def output(self, command: str, box: str = "", **options: Any) -> str:
        """Run a command and return what it printed."""
        return str(self.execute(command, box, **options)["result"])

    def upload(self, path: str, content: bytes, box: str = "") -> httpx.Response:
        """Write a file by the route that every daemon has."""
        fields, files = {"files[0].path": path}, {"files[0].file": ("any", content)}
        return self.toolbox("POST", "/files/bulk-upload", box, data=fields, files=files)
