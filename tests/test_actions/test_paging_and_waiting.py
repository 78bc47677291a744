"""Waiting for a state and iterating over all sandboxes: on top of the actions, sync and async alike."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from daytona_facade import ACTIONS, AsyncDaytona, Daytona, DaytonaError
from daytona_facade.outputs import GetSandboxOutput
from support.callers import Caller, MockServer

URLS: dict[str, Any] = {"api_url": "http://127.0.0.1:1/api", "toolbox_url": "http://127.0.0.1:1/toolbox"}
CLIENTS: list[Any] = [pytest.param(Daytona, id="sync"), pytest.param(AsyncDaytona, id="async")]
each_client = pytest.mark.parametrize("client_class", CLIENTS)


def awaited(value: Any) -> Any:
    """Return what a call of either client gives."""
    if asyncio.iscoroutine(value):
        return asyncio.run(value)
    return value


def gathered(client: Any, **filters: Any) -> list[str | None]:
    """Return the IDs that iter_sandboxes of either client yields."""

    async def collected(sandboxes: AsyncIterator[Any]) -> list[str | None]:
        return [sandbox.id async for sandbox in sandboxes]

    if isinstance(client, AsyncDaytona):
        return asyncio.run(collected(client.iter_sandboxes(**filters)))
    return [sandbox.id for sandbox in client.iter_sandboxes(**filters)]


def box(state: str, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"id": "box", "name": "box", "state": state, **more})


def in_turn(*answers: httpx.Response) -> MockServer:
    """Answer with each in turn, and with the last one for ever."""
    left = list(answers)
    return MockServer(lambda _: left.pop(0) if len(left) > 1 else left[0])


@each_client
def test_wait_until_looks_until_the_state_is_there(client_class: Any) -> None:
    """It polls until the state is reached, and a 429 in between does not end it."""
    server = in_turn(box("creating"), httpx.Response(429), box("starting"), box("started"), box("never asked"))
    output = awaited(client_class("key", transport=server.transport, retries=0, **URLS).wait_until("box", " Started "))
    assert isinstance(output, GetSandboxOutput)
    assert output.sandbox is not None
    assert output.sandbox.state == "started"
    assert len(server.requests) == 4


@each_client
@pytest.mark.parametrize("state", ["error", "build_failed", "destroyed", "destroying"])
def test_wait_until_gives_up_at_once_where_it_is_hopeless(client_class: Any, state: str) -> None:
    """A broken sandbox, or one that is being deleted, is a conflict that names state and reason."""
    server = in_turn(box(state, errorReason="no disk"))
    output = awaited(client_class("key", transport=server.transport, **URLS).wait_until("box"))
    assert (output.failure.kind, len(server.requests)) == ("conflict", 1)
    assert output.error == f"wait_until on sandbox 'box' failed: it is {state!r} (no disk) and will not be 'started'."


@pytest.mark.slow
@each_client
@pytest.mark.parametrize(("deadline_s", "timeout"), [(None, 1), (60, 1), (1, 60)], ids=["default", "longer", "shorter"])
def test_wait_until_runs_out_of_time(client_class: Any, deadline_s: float | None, timeout: int) -> None:
    """When the timeout or the client's deadline passes, the failure is a timeout that names the state."""
    server = in_turn(box("creating"))
    client = client_class("key", transport=server.transport, deadline_s=deadline_s, **URLS)
    started = time.monotonic()
    output = awaited(client.wait_until("box", timeout=timeout))
    assert 1 <= time.monotonic() - started < 10
    assert output.failure.kind == "timeout"
    assert output.error == "wait_until on sandbox 'box' failed: it is still 'creating', not 'started': time is up."
    assert len(server.requests) < 10


@each_client
@pytest.mark.parametrize("wanted", ["destroyed", "error"])
def test_wait_until_takes_every_state(client_class: Any, wanted: str) -> None:
    """Any state can be awaited: a deleted sandbox counts as destroyed, and an error state works too."""
    gone = httpx.Response(404, json={"message": "not found"})
    renamed = {"name": "DESTROYED_bob_1"} if wanted == "destroyed" else {"name": "bob"}
    server = in_turn(box("stopping", **renamed), gone if wanted == "destroyed" else box("error", **renamed))
    output = awaited(client_class("key", transport=server.transport, **URLS).wait_until("box", wanted))
    assert (output.success, output.sandbox.state, output.sandbox.name) == (True, wanted, "bob")


@each_client
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(httpx.Response(404), "not_found", id="missing"),
        pytest.param(httpx.Response(401), "authentication", id="key"),
        pytest.param(httpx.Response(500), "server", id="server"),
    ],
)
def test_wait_until_fails_like_the_look_that_failed(client_class: Any, answer: httpx.Response, kind: str) -> None:
    """A failure of get_sandbox ends the wait with that failure."""
    output = awaited(client_class("key", transport=in_turn(answer).transport, retries=0, **URLS).wait_until("box"))
    assert output.failure.kind == kind


@pytest.mark.parametrize("arguments", [{"timeout": 0}, {"state": ""}, {"sandbox_id": ".."}, {"pause": 1}])
def test_wait_until_checks_its_arguments(arguments: dict[str, Any]) -> None:
    """A wrong argument is a failure that names it; nothing is sent."""
    server = in_turn(box("started"))
    client: Any = Daytona("key", transport=server.transport, **URLS)
    output = client.wait_until(**{"sandbox_id": "box", **arguments})
    assert (output.failure.kind, len(server.requests)) == ("invalid_input", 0)
    assert next(iter(arguments)) in output.error


def test_the_conveniences_are_no_actions() -> None:
    """The conveniences that wait or clean up are not actions, so no model is offered them."""
    assert len(ACTIONS) == 12
    assert not {"wait_until", "remove_sandbox", "reclaim_sandbox"} & set(ACTIONS)


def pages(request: httpx.Request) -> httpx.Response:
    """Three pages, of which the second is empty."""
    following = {None: "b", "b": "c", "c": None}
    cursor = request.url.params.get("cursor")
    items = {None: ["1", "2"], "b": [], "c": ["3"]}[cursor]
    return httpx.Response(
        200, json={"items": [{"id": name, "name": name} for name in items], "nextCursor": following[cursor]}
    )


@each_client
def test_iter_sandboxes_follows_the_cursor(client_class: Any) -> None:
    """Every page is requested with the same filters; an empty page does not end the iteration."""
    server = MockServer(pages)
    client = client_class("key", transport=server.transport, **URLS)
    assert gathered(client, limit=2, name="x", labels={"a": "b"}) == ["1", "2", "3"]
    assert [request.url.params.get("cursor") for request in server.requests] == [None, "b", "c"]
    assert {("2", "x", '{"a": "b"}')} == {
        (params["limit"], params["name"], params["labels"]) for params in (sent.url.params for sent in server.requests)
    }


def test_iter_sandboxes_asks_only_for_what_is_needed() -> None:
    """The first request is sent for the first item, the second when the first page is used up."""
    server = MockServer(pages)
    sandboxes: Iterator[Any] = Daytona("key", transport=server.transport, **URLS).iter_sandboxes()
    assert len(server.requests) == 0
    assert [next(sandboxes).id, next(sandboxes).id] == ["1", "2"]
    assert len(server.requests) == 1


@each_client
def test_iter_sandboxes_never_ends_silently(client_class: Any) -> None:
    """A failed page raises, after all items of the earlier pages."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if "cursor" in request.url.params else pages(request)

    client = client_class("key", transport=MockServer(answer).transport, retries=0, **URLS)
    with pytest.raises(DaytonaError, match="list_sandboxes failed: HTTP 500") as caught:
        gathered(client)
    assert caught.value.failure.kind == "server"


@each_client
def test_iter_sandboxes_does_not_go_in_circles(client_class: Any) -> None:
    """A server that repeats a cursor raises instead of looping for ever."""
    server = MockServer(httpx.Response(200, json={"items": [], "nextCursor": "again"}))
    with pytest.raises(DaytonaError, match="the same next page"):
        gathered(client_class("key", transport=server.transport, **URLS))
    assert len(server.requests) == 2


def test_wait_until_on_the_backend(on_backend: Caller) -> None:
    """It follows the state changes of a real sandbox."""
    sandbox_id = on_backend("create_sandbox").sandbox.id
    for call, state in (("get_sandbox", "started"), ("stop_sandbox", "stopped"), ("delete_sandbox", "destroyed")):
        on_backend(call, sandbox_id)
        output = on_backend.call("wait_until", (sandbox_id, state), {"timeout": 20})
        assert (output.success, output.sandbox.state) == (True, state)
