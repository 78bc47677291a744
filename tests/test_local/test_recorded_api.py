"""The local backend answers as Daytona's own API and proxy did."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from daytona_facade.local import LocalDaytona
from test_local import recorded_api as recorded
from test_local.wire import Wire


@pytest.fixture(scope="module")
def played() -> Iterator[Wire]:
    """Speak raw HTTP to a backend that imitates the recorded version."""
    with LocalDaytona(daemon="0.190", transition_seconds=0) as backend, Wire(backend) as wire:
        wire.box = wire.made(name="recorded")
        yield wire


def message(answer: httpx.Response) -> str | None:
    """Return the error of an answer, or ``None``."""
    if answer.status_code < 400:
        return None
    body = answer.json()
    return str(body["errors"][0] if "errors" in body else body["message"])


@pytest.mark.parametrize("row", recorded.ROWS, ids=lambda row: row.scenario)
def test_rest(played: Wire, row: recorded.Row) -> None:
    """The REST API answers with the recorded status and words."""
    answer = played.rest(row.method, row.path, **row.options)
    if row.method == "POST" and answer.status_code == 200:
        played.ids.append(answer.json()["id"])

    assert (answer.status_code, message(answer)) == (row.status, row.message)
    assert row.items is None or len(answer.json()["items"]) == row.items
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_id_in_capitals(played: Wire) -> None:
    """An ID is found as it is spelled, by the API and by the proxy."""
    capitals = played.box.upper()
    found = played.rest("GET", f"/sandbox/{capitals}")
    executed = played.toolbox("POST", "/process/execute", capitals, json={"command": "true"})

    assert (found.status_code, message(found)) == (404, f"Sandbox with ID or name {capitals} not found")
    assert (executed.status_code, message(executed)) == (401, recorded.WRONG_KEY)


def test_toolbox_without_key(played: Wire) -> None:
    """The proxy says what is missing."""
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer"}):
        answer = httpx.get(f"{played.backend.toolbox_url}/{played.box}/files", headers=headers)
        assert (answer.status_code, message(answer)) == (401, recorded.NO_KEY)


@pytest.mark.parametrize("scenario", ["execute after deleted", "delete then execute at once"])
def test_execute_after_delete(played: Wire, scenario: str) -> None:
    """The proxy remembers the key of a sandbox that it has seen, so that the runner answers after a delete."""
    box = played.made()
    played.output("true", box)
    played.rest("DELETE", f"/sandbox/{box}")
    if "after" in scenario:
        played.reach(box, "gone")
    answer = played.toolbox("POST", "/process/execute", box, json={"command": "true"})

    assert (answer.status_code, message(answer)) == (404, recorded.ABSENT.format(box))
    assert answer.json()["code"] == "NOT_FOUND"
    assert answer.json()["path"] == f"/sandboxes/{box}/toolbox/process/execute"


@pytest.mark.parametrize("scenario", recorded.FILES)
def test_files(played: Wire, scenario: str) -> None:
    """An upload that fails says so in the daemon's words."""
    path, status, words = recorded.FILES[scenario]
    answer = played.upload(path, b"hi")

    assert (answer.status_code, message(answer)) == (status, words)


def test_fields_of_answers(played: Wire) -> None:
    """The same fields are null, and the same are absent, as in Daytona's answers."""
    created = played.create().json()
    found = played.rest("GET", f"/sandbox/{created['id']}").json()
    stopped = played.rest("POST", f"/sandbox/{created['id']}/stop").json()
    played.reach(created["id"], "stopped")
    deleted = played.rest("DELETE", f"/sandbox/{created['id']}").json()

    for name in ("errorReason", "networkAllowList", "domainAllowList"):
        assert found[name] is None
    assert "daemonVersion" not in created
    assert "daemonVersion" in found
    for answer in (stopped, deleted):
        assert "lastActivityAt" not in answer


def test_differences_that_stay(record_property: Callable[[str, object], None]) -> None:
    """The differences are listed, each with its reason."""
    equal = len(recorded.ROWS) + len(recorded.FILES) + 7
    stay = len(recorded.LISTED)
    record_property("figure", f"rows of the recorded API: {equal} held by tests, {stay} differences stay:")
    for row, reason in recorded.LISTED.items():
        assert reason
        record_property("figure", f"  {row}: {reason}")
