"""A temporary sandbox is deleted when its block ends, however it ends."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from daytona_facade import AsyncDaytona, Daytona, DaytonaError
from daytona_facade.local import LocalDaytona
from support.callers import MockServer

URLS: dict[str, Any] = {"api_url": "http://127.0.0.1:1/api", "toolbox_url": "http://127.0.0.1:1/toolbox"}
CLIENTS: list[Any] = [pytest.param(Daytona, id="sync"), pytest.param(AsyncDaytona, id="async")]
each_client = pytest.mark.parametrize("client_class", CLIENTS)


def held(client: Any, body: Callable[[str], None], **options: Any) -> None:
    """Run a body in the block of either client's temporary sandbox."""

    async def block() -> None:
        async with client.temporary_sandbox(**options) as sandbox_id:
            body(sandbox_id)

    if isinstance(client, AsyncDaytona):
        asyncio.run(block())
        return
    with client.temporary_sandbox(**options) as sandbox_id:
        body(sandbox_id)


class Cloud:
    """A Daytona that keeps sandboxes in memory, and can lose the answer of create."""

    def __init__(self, *, loses: str = "", refuses: int = 0) -> None:
        self.boxes: dict[str, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.busy = refuses
        self._loses = loses
        self.server = MockServer(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return self._create(json.loads(request.content))
        key = request.url.path.removeprefix("/api/sandbox/")
        found = next((made for made in self.boxes.values() if key in {made["id"], made["name"]}), None)
        if found is None:
            return httpx.Response(404, json={"message": "not found"})
        if request.method == "DELETE":
            if self.busy:
                self.busy -= 1
                return httpx.Response(409, json={"message": "Sandbox state change in progress"})
            self.deleted.append(found["id"])
            del self.boxes[found["id"]]
        return httpx.Response(200, json=found)

    def _create(self, wanted: dict[str, Any]) -> httpx.Response:
        if any(made["name"] == wanted["name"] for made in self.boxes.values()):
            return httpx.Response(409, json={"message": f"Sandbox with name {wanted['name']} already exists"})
        self.created.append(wanted)
        made = {**wanted, "id": f"id-{len(self.created)}", "state": "started"}
        self.boxes[made["id"]] = made
        if self._loses == "connection":
            raise httpx.ReadError("gone")
        if self._loses == "status":
            return httpx.Response(500, json={"message": "oops"})
        return httpx.Response(200, json={**made, "state": self._loses or "creating"})

    def client(self, client_class: Any, **options: Any) -> Any:
        return client_class("key", transport=self.server.transport, retries=0, **URLS, **options)


@each_client
def test_temporary_sandbox_lives_for_the_block(client_class: Any, local_backend: LocalDaytona) -> None:
    """In the block the sandbox is started and as requested; after the block it is gone."""
    client = client_class(**local_backend.client_options())
    looker = Daytona(**local_backend.client_options())
    seen: list[str] = []

    def body(sandbox_id: str) -> None:
        seen.append(sandbox_id)
        sandbox = looker.get_sandbox(sandbox_id).sandbox
        assert sandbox is not None
        assert (sandbox.state, sandbox.labels["whose"]) == ("started", "mine")
        assert looker.execute_command(sandbox_id, "echo $N").result == "7\n"

    held(client, body, labels={"whose": "mine"}, env={"N": "7"})
    assert looker.wait_until(seen[0], "destroyed", timeout=10).success
    assert list(looker.iter_sandboxes(labels={"whose": "mine"})) == []


@each_client
def test_temporary_sandbox_is_deleted_when_the_block_raises(client_class: Any) -> None:
    """The block's exception is raised, and the sandbox is deleted as soon as the server allows it."""
    cloud = Cloud(refuses=2)

    def body(_: str) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        held(cloud.client(client_class), body)
    assert (cloud.deleted, cloud.boxes) == (["id-1"], {})


@each_client
def test_temporary_sandbox_may_be_deleted_in_the_block(client_class: Any) -> None:
    """A sandbox that is already gone at the block's end is not an error."""
    cloud = Cloud()
    held(cloud.client(client_class), cloud.boxes.__delitem__)
    assert cloud.boxes == {}


@each_client
@pytest.mark.parametrize("loses", ["connection", "status", "error"])
def test_temporary_sandbox_is_deleted_when_it_never_starts(client_class: Any, loses: str) -> None:
    """When the answer to create is lost or the sandbox fails to start, it raises and leaves nothing."""
    cloud = Cloud(loses=loses)
    if loses == "error":
        cloud = Cloud(loses="creating")
        original = cloud._create

        def broken(wanted: dict[str, Any]) -> httpx.Response:
            answer = original(wanted)
            cloud.boxes["id-1"]["state"] = "error"
            return answer

        cloud._create = broken  # type: ignore[method-assign]
    with pytest.raises(DaytonaError):
        held(cloud.client(client_class), lambda _: pytest.fail("the block must not begin"))
    assert (len(cloud.created), cloud.deleted, cloud.boxes) == (1, ["id-1"], {})


@each_client
def test_temporary_sandbox_never_deletes_a_namesake(client_class: Any) -> None:
    """When the name is taken, the other sandbox is not deleted."""
    cloud = Cloud()
    cloud.boxes["other"] = {"id": "other", "name": "taken", "state": "started", "labels": {}}
    with pytest.raises(DaytonaError, match="already exists"):
        held(cloud.client(client_class), lambda _: None, name="taken")
    assert (cloud.deleted, list(cloud.boxes)) == ([], ["other"])


@each_client
def test_temporary_sandbox_is_refused_without_further_requests(client_class: Any) -> None:
    """A wrong argument raises before anything is sent."""
    cloud = Cloud()
    with pytest.raises(DaytonaError, match="cpu must be an integer"):
        held(cloud.client(client_class), lambda _: None, cpu="many")
    assert cloud.server.requests == []


@each_client
def test_temporary_sandbox_that_stays_is_told(client_class: Any) -> None:
    """A failed deletion raises at the block's end, or is noted on the block's own exception."""
    cloud = Cloud(refuses=10**6)
    quick = cloud.client(client_class, deadline_s={"remove_sandbox": 0.3, "wait_until": 300})
    with pytest.raises(DaytonaError, match="state change in progress"):
        held(quick, lambda _: None)

    def body(_: str) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError) as caught:
        held(quick, body)
    assert "The temporary sandbox may be left: remove_sandbox on sandbox 'id-2'" in caught.value.__notes__[0]


def test_temporary_sandbox_is_cleared_away_by_itself_in_the_end() -> None:
    """The intervals let Daytona delete the sandbox if the process is killed; the caller's own take precedence."""
    cloud = Cloud()
    held(cloud.client(Daytona), lambda _: None)
    held(cloud.client(Daytona), lambda _: None, auto_delete_interval=5, name="mine")
    assert [wanted["autoDeleteInterval"] for wanted in cloud.created] == [60, 5]
    assert cloud.created[1]["name"] == "mine"


@pytest.mark.parametrize("when", ["create", "block", "delete"])
async def test_temporary_sandbox_is_deleted_when_the_task_is_cancelled(when: str, local_backend: LocalDaytona) -> None:
    """Cancellation at any moment passes through and leaves no sandbox."""
    client = AsyncDaytona(**local_backend.client_options())
    labels = {"cancelled": when}
    reached = asyncio.Event()

    async def states() -> list[str | None]:
        return [sandbox.state async for sandbox in client.iter_sandboxes(labels=labels)]

    async def hold() -> None:
        async with client.temporary_sandbox(labels=labels):
            reached.set()
            if when == "block":
                await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    if when == "create":
        # The request is on its way as soon as the sandbox can be seen.
        while not await states():  # noqa: ASYNC110 - the server's state, not this loop's
            await asyncio.sleep(0)
    else:
        await reached.wait()
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(20):
        while set(await states()) - {"destroying"}:  # noqa: ASYNC110 - the server's state, not this loop's
            await asyncio.sleep(0.02)
