"""Call actions by name, and check what the registry says about each."""

import json
from typing import Any

import httpx
import jsonschema
import pytest

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from daytona_facade.local import LocalDaytona
from support.callers import MockServer
from support.story import arun_story, run_story

KEY = "dtn_secret_key_0123456789"


def test_story_sync(local_backend: LocalDaytona) -> None:
    """All twelve actions work by name with plain JSON."""
    client = Daytona(**local_backend.client_options())

    run_story("python", client.call)


async def test_story_async(local_backend: LocalDaytona) -> None:
    """All twelve actions work by name when awaited."""
    client = AsyncDaytona(**local_backend.client_options())

    await arun_story("python", client.call)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("explode", {}, "there is no action 'explode'"),
        ("get_sandbox", None, "sandbox_id is missing"),
        ("get_sandbox", [], "must be a JSON object"),
        ("get_sandbox", {"sandbox_id": 7}, "sandbox_id must be a string, not int"),
        ("get_sandbox", {"sandbox_id": "a", "colour": "red"}, "colour is not a parameter of get_sandbox"),
        ("get_sandbox", {1: "a"}, "1 is not a parameter"),
        ("list_sandboxes", {"limit": 201}, "limit must be between 1 and 200"),
        ("run_code", {"sandbox_id": "a", "code": "1", "language": "cobol"}, "language must be one of python"),
    ],
)
async def test_refused(name: str, arguments: Any, said: str) -> None:
    """A call that cannot run is a normal failure in both clients, and nothing is sent."""
    server = MockServer(httpx.Response(500))
    sync = Daytona(KEY, transport=server.transport).call(name, arguments)

    assert await AsyncDaytona(KEY, transport=server.transport).call(name, arguments) == sync
    assert said in sync["error"]
    assert not sync["success"]
    assert not server.requests
    if name in ACTIONS:
        jsonschema.validate(sync, ACTIONS[name].output_schema)


def test_no_secret_in_a_failure() -> None:
    """A failure of a call by name is redacted like any other."""
    echo = MockServer(lambda request: httpx.Response(400, json={"message": f"bad {request.headers['authorization']}"}))

    output = Daytona(KEY, transport=echo.transport).call("get_sandbox", {"sandbox_id": "a"})

    assert KEY not in json.dumps(output)
    assert "[redacted]" in output["error"]


@pytest.mark.parametrize("name", ACTIONS)
def test_register(name: str) -> None:
    """Each action says what it is in plain sentences, and its schemas are JSON Schemas."""
    action = ACTIONS[name]

    assert name.replace("_", " ") == action.title.lower()
    assert action.description.startswith(action.summary)
    assert action.summary.endswith(".")
    for told in (action.description, *(parameter.description for parameter in action.parameters)):
        assert told.endswith((".", ")"))
        assert not {mark for mark in ("``", "Operation:", "Args:") if mark in told}
    for schema in (action.input_schema, action.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
    assert list(action.input_schema["properties"]) == [parameter.name for parameter in action.parameters]
    assert not (action.read_only and action.destructive)
