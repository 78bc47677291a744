"""The life of a sandbox, on real sockets, sync and async."""

import httpx
import pytest

from support.callers import Caller, MockServer, SyncCaller

ID = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"


def test_create_get_and_list(on_backend: Caller) -> None:
    """``get`` and ``list`` report what was requested at creation."""
    made = on_backend("create_sandbox", name="atlas", labels={"team": "maps"}, auto_stop_interval=7)
    assert made.success, made.error

    found = on_backend("get_sandbox", "atlas").sandbox
    assert (found.name, found.labels, found.auto_stop_interval) == ("atlas", {"team": "maps"}, 7)
    assert made.sandbox.id == found.id
    assert found.created_at.endswith("Z")
    assert isinstance(found.cpu, int)
    assert [made.sandbox.id] == [box.id for box in on_backend("list_sandboxes", labels={"team": "maps"}).sandboxes]
    assert on_backend("list_sandboxes", labels={"team": "nobody"}).sandboxes == []


def test_list_pages(on_backend: Caller) -> None:
    """The pages of a list together hold every sandbox once."""
    made = {on_backend("create_sandbox", name=f"page-{number}").sandbox.id for number in range(3)}

    first = on_backend("list_sandboxes", name="PAGE-", limit=2)
    second = on_backend("list_sandboxes", name="PAGE-", limit=2, cursor=first.next_cursor)

    assert len(first.sandboxes) == 2
    assert second.next_cursor is None
    assert {box.id for box in first.sandboxes + second.sandboxes} == made


def test_stop_and_start(on_backend: Caller, sandbox_id: str) -> None:
    """A stopped sandbox keeps its files, and a command's error says to start it."""
    on_backend("execute_command", sandbox_id, "echo kept > note")

    assert on_backend("stop_sandbox", sandbox_id).sandbox.state == "stopping"
    on_backend.until(sandbox_id, "stopped")
    refused = on_backend("execute_command", sandbox_id, "true")
    assert refused.failure.kind == "not_running"
    assert "start_sandbox" in refused.error
    assert on_backend("start_sandbox", sandbox_id).success
    on_backend.until(sandbox_id, "started")
    assert on_backend("execute_command", sandbox_id, "cat note").result == "kept\n"


def test_delete_reports_the_own_name(on_backend: Caller) -> None:
    """The output has the sandbox's own name, although the server renames it while deleting."""
    made = on_backend("create_sandbox", name="short-lived").sandbox
    on_backend.until(made.id, "started")

    deleted = on_backend("delete_sandbox", "short-lived").sandbox

    assert (made.id, "short-lived") == (deleted.id, deleted.name)
    assert on_backend("get_sandbox", "short-lived").failure.kind == "not_found"
    on_backend.until(made.id, None)


def test_resources_are_refused_in_the_servers_words(on_backend: Caller) -> None:
    """Daytona's refusal of resources is passed on, with advice."""
    refused = on_backend("create_sandbox", cpu=2)

    assert refused.failure.status_code == 400
    assert "Cannot specify Sandbox resources when using a snapshot" in refused.error
    assert "leave out cpu" in refused.error


def test_a_name_taken_is_a_conflict(on_backend: Caller) -> None:
    """Creating a second sandbox of the same name is a conflict."""
    on_backend("create_sandbox", name="only-one")

    assert on_backend("create_sandbox", name="only-one").failure.kind == "conflict"


@pytest.mark.parametrize("action", ["get_sandbox", "start_sandbox", "stop_sandbox", "delete_sandbox"])
def test_unknown_sandbox(on_backend: Caller, action: str) -> None:
    """An unknown ID or name is ``not_found``, and the error names it."""
    output = on_backend(action, "no-such-box")

    assert (output.failure.kind, output.failure.status_code) == ("not_found", 404)
    assert "'no-such-box'" in output.error


def test_wrong_key(caller_class: type[Caller], local_backend) -> None:
    """A wrong key is reported without being shown."""
    with caller_class("not-the-key", api_url=local_backend.api_url, toolbox_url=local_backend.toolbox_url) as caller:
        output = caller("list_sandboxes")

    assert output.failure.kind == "authentication"
    assert "not-the-key" not in output.error


@pytest.mark.parametrize("sandbox_id", ["", "  ", ".", "..", " .. "])
@pytest.mark.parametrize("action", ["get_sandbox", "delete_sandbox", "list_files"])
def test_an_id_that_is_none_sends_nothing(action: str, sandbox_id: str, caller_class: type[Caller]) -> None:
    """An identifier that would change the URL's path is refused before anything is sent."""
    server = MockServer(httpx.Response(200, json={}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller(action, sandbox_id)

    assert output.failure.kind == "invalid_input"
    assert "sandbox_id" in output.error
    assert server.requests == []


def test_an_identifier_is_quoted_and_trimmed(caller_class: type[Caller]) -> None:
    """An identifier of any characters stays one segment of the path."""
    server = MockServer(httpx.Response(200, json={"id": ID}))
    with caller_class("key", transport=server.transport) as caller:
        caller("get_sandbox", "  ../a b?c#d ")

    assert [request.url.raw_path for request in server.requests] == [b"/api/sandbox/..%2Fa%20b%3Fc%23d"]


def test_only_what_was_given_is_sent(caller_class: type[Caller]) -> None:
    """A bare create sends an empty object; the configured target is added to it."""
    server = MockServer(lambda _: httpx.Response(200, json={"id": ID}))
    with (
        caller_class("key", transport=server.transport) as bare,
        caller_class("key", target="eu", transport=server.transport) as targeted,
    ):
        bare("create_sandbox")
        targeted("create_sandbox", auto_delete_interval=-1, public=False)
        targeted("create_sandbox", target="us", env={"A": "b"})

    bodies = [request.read() for request in server.requests]
    assert bodies[0] == b"{}"
    assert httpx.Response(200, content=bodies[1]).json() == {"autoDeleteInterval": -1, "public": False, "target": "eu"}
    assert httpx.Response(200, content=bodies[2]).json() == {"target": "us", "env": {"A": "b"}}


def test_headers(caller_class: type[Caller]) -> None:
    """Every request has the key, the user agent, and the organisation if one is configured."""
    server = MockServer(lambda _: httpx.Response(200, json={"id": ID}))
    with caller_class("key", organization_id="org-1", transport=server.transport) as caller:
        caller("get_sandbox", ID)

    sent = server.requests[0].headers
    assert sent["authorization"] == "Bearer key"
    assert sent["user-agent"].startswith("daytona-facade/")
    assert (sent["x-daytona-source"], sent["x-daytona-organization-id"]) == ("daytona-facade", "org-1")


@pytest.mark.parametrize("limit", [0, 201, -1, 1.5, "ten", True])
def test_limit_out_of_range(limit: object, caller_class: type[Caller]) -> None:
    """A limit outside 1 to 200 is refused before anything is sent."""
    server = MockServer(httpx.Response(200, json={"items": []}))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("list_sandboxes", limit=limit)

    assert output.failure.kind == "invalid_input"
    assert "limit" in output.error
    assert server.requests == []


def test_labels_are_sent_as_json(caller_class: type[Caller]) -> None:
    """The list's filter sends labels as one JSON string."""
    server = MockServer(httpx.Response(200, json={"items": [], "nextCursor": None}))
    with caller_class("key", transport=server.transport) as caller:
        caller("list_sandboxes", labels={"a": "1"}, limit=5)

    assert dict(server.requests[0].url.params) == {"labels": '{"a": "1"}', "limit": "5"}


def test_bare_array_is_a_page_without_a_cursor(caller_class: type[Caller]) -> None:
    """A server before 0.180 returns all sandboxes in an array, which is a page without a cursor."""
    server = MockServer(httpx.Response(200, json=[{"id": ID, "name": "old"}]))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("list_sandboxes")

    assert [box.name for box in output.sandboxes] == ["old"]
    assert output.next_cursor is None


@pytest.mark.parametrize("action", ["start_sandbox", "stop_sandbox", "delete_sandbox"])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_empty_success_carries_the_identifier(action: str, status: int, caller_class: type[Caller]) -> None:
    """For an empty body the output repeats the caller's identifier, as ``id`` or ``name``."""
    server = MockServer(lambda _: httpx.Response(status))
    with caller_class("key", transport=server.transport) as caller:
        by_id, by_name = caller(action, ID), caller(action, "atlas")

    assert (by_id.sandbox.id, by_id.sandbox.name) == (ID, None)
    assert (by_name.sandbox.id, by_name.sandbox.name) == (None, "atlas")
    assert by_id.sandbox.labels == {}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"<!doctype html><p>hello", b'{"id": null}', b'{"id":'])
def test_no_sandbox_in_a_200(body: bytes, caller_class: type[Caller]) -> None:
    """A 200 without a sandbox is a failure, not a success full of nulls."""
    server = MockServer(lambda _: httpx.Response(200, content=body))
    with caller_class("key", transport=server.transport) as caller:
        output = caller("get_sandbox", ID)

    assert not output.success
    assert output.failure.kind == "protocol"


def test_a_learned_toolbox_address_is_used() -> None:
    """The toolbox address in an answer is used by the next call without a lookup."""
    home = "https://eu.proxy.example/toolbox"

    def answer(request: httpx.Request) -> httpx.Response:
        found = {"id": ID, "toolboxProxyUrl": home}
        return httpx.Response(200, json=found if "/sandbox" in request.url.path else {"exitCode": 0, "result": ""})

    server = MockServer(answer)
    with SyncCaller("key", transport=server.transport) as caller:
        caller("get_sandbox", ID)
        caller("execute_command", ID, "true")

    assert str(server.requests[1].url) == f"{home}/{ID}/process/execute"


@pytest.mark.parametrize(
    "url", ["http://eu.example/toolbox", "https://u:p@eu.example/t", "https://eu.example/t?a=b", "https://e/t#f", "x"]
)
def test_an_unsafe_toolbox_address_is_not_learned(url: str) -> None:
    """A toolbox address over plain HTTP, or with a query or credentials, is not used."""
    server = MockServer(lambda _: httpx.Response(200, json={"id": ID, "toolboxProxyUrl": url, "exitCode": 0}))
    with SyncCaller("key", transport=server.transport) as caller:
        caller("get_sandbox", ID)
        caller("execute_command", ID, "true")

    assert server.requests[1].url.host == "proxy.app.daytona.io"


def test_a_sandbox_of_another_region_is_looked_up_once() -> None:
    """When the default toolbox does not know a sandbox, the API is asked once where it is."""
    home = "https://us.proxy.example/toolbox"

    def answer(request: httpx.Request) -> httpx.Response:
        if "/sandbox/" in request.url.path:
            return httpx.Response(200, json={"id": ID, "toolboxProxyUrl": home})
        if request.url.host == "us.proxy.example":
            return httpx.Response(200, json={"exitCode": 0, "result": "hello"})
        return httpx.Response(401, json={"message": "unauthorized: authentication failed: Bearer token is invalid"})

    server = MockServer(answer)
    with SyncCaller("key", transport=server.transport) as caller:
        outputs = [caller("execute_command", ID, "true") for _ in range(2)]

    assert [output.result for output in outputs] == ["hello", "hello"]
    assert len(server.requests) == 4


def test_a_name_on_the_toolbox_is_explained(on_backend: Caller, sandbox_id: str) -> None:
    """The toolbox takes IDs only, and the failure for a name says so."""
    name = on_backend("get_sandbox", sandbox_id).sandbox.name
    on_backend("create_sandbox", name="called-by-name")

    output = on_backend("execute_command", "called-by-name", "true")

    assert name == sandbox_id
    assert output.failure.kind == "authentication"
    assert "ID" in output.error


def test_a_key_for_another_host_is_not_shown_to_the_cloud() -> None:
    """With another API and no toolbox URL, the API is asked, so the key never goes to Daytona's cloud."""
    server = MockServer(
        lambda request: httpx.Response(
            200, json={"id": ID, "toolboxProxyUrl": "https://boxes.example/toolbox", "exitCode": 0}
        )
    )
    with SyncCaller("key", api_url="https://api.example/api", transport=server.transport) as caller:
        assert caller("execute_command", ID, "true").success

    assert [request.url.host for request in server.requests] == ["api.example", "boxes.example"]


@pytest.mark.parametrize("leaf", ["text", 1, None])
def test_labels_are_not_endlessly_deep(leaf: object, caller_class: type[Caller]) -> None:
    """Labels of any JSON shape are passed through, down to one fixed depth."""
    for levels, success in ((99, True), (100, False)):
        labels = leaf
        for _ in range(levels):
            labels = {"in": labels}
        server = MockServer(httpx.Response(200, json={"id": ID, "labels": labels}))
        with caller_class("key", transport=server.transport) as caller:
            output = caller("get_sandbox", ID)

        assert output.success == success
        assert labels == output.sandbox.labels if success else output.failure.kind == "protocol"
