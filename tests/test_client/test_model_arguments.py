"""Arguments as models write them: taken by ``call`` where they have one meaning, and by no typed method."""

import json
from typing import Any

import httpx
import pytest

from daytona_facade import AsyncDaytona, Daytona
from hostile.canaries import CALLS, KEY
from support.callers import MockServer

_API = "http://api.invalid/api"
_OK = httpx.Response(200, json={"id": "x", "exitCode": 0, "items": []})


def _sent(server: MockServer) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(server.requests[-1].content)
    return document


@pytest.mark.parametrize(
    ("action", "arguments", "field", "value"),
    [
        ("execute_command", {"timeout": "30"}, "timeout", 30),
        ("execute_command", {"timeout": " 30 "}, "timeout", 30),
        ("execute_command", {"env": '{"A": "1"}'}, "envs", {"A": "1"}),
        ("execute_command", {"env": {"PORT": 8080, "DEBUG": True, "RATE": 0.5}}, "envs", None),
        ("create_sandbox", {"labels": {"gpu": True}}, "labels", {"gpu": "true"}),
        ("create_sandbox", {"labels": '{"gpu": true, "n": 1}'}, "labels", {"gpu": "true", "n": "1"}),
        ("create_sandbox", {"auto_delete_interval": "-1"}, "autoDeleteInterval", -1),
    ],
)
async def test_one_meaning(action: str, arguments: dict[str, Any], field: str, value: Any) -> None:
    """Integers as strings, objects as JSON text and scalars in maps of strings are taken, sync and async alike."""
    if value is None:
        value = {"PORT": "8080", "DEBUG": "true", "RATE": "0.5"}
    server = MockServer(_OK)
    options: dict[str, Any] = {"api_url": _API, "toolbox_url": _API, "transport": server.transport}
    whole = {**CALLS[action], **arguments}

    assert Daytona(KEY, **options).call(action, whole)["success"]
    assert _sent(server)[field] == value
    assert (await AsyncDaytona(KEY, **options).call(action, whole))["success"]
    assert _sent(server)[field] == value


@pytest.mark.parametrize(
    ("action", "arguments", "name"),
    [
        ("execute_command", {"timeout": "30.5"}, "timeout"),
        ("execute_command", {"timeout": "030"}, "timeout"),
        ("execute_command", {"timeout": "0x1e"}, "timeout"),
        ("execute_command", {"timeout": "1e3"}, "timeout"),
        ("execute_command", {"timeout": "thirty"}, "timeout"),
        ("execute_command", {"timeout": "\u0663"}, "timeout"),
        ("execute_command", {"timeout": "9" * 5000}, "timeout"),
        ("execute_command", {"timeout": True}, "timeout"),
        ("execute_command", {"timeout": "0"}, "timeout"),
        ("execute_command", {"env": "A=1"}, "env"),
        ("execute_command", {"env": "[]"}, "env"),
        ("execute_command", {"env": '{"A": "1", "A": "2"}'}, "env"),
        ("execute_command", {"env": '{"A": {"B": "1"}}'}, "env"),
        ("execute_command", {"env": {"A": None}}, "env"),
        ("execute_command", {"env": {"A": [1]}}, "env"),
        ("execute_command", {"env": {"A": float("nan")}}, "env"),
        ("execute_command", {"env": "[" * 100_000}, "env"),
        ("execute_command", {"command": 7}, "command"),
        ("create_sandbox", {"public": "yes"}, "public"),
        ("create_sandbox", {"name": 7}, "name"),
    ],
)
def test_more_than_one_meaning(action: str, arguments: dict[str, Any], name: str) -> None:
    """What could mean two things is refused as before, by name, and nothing is sent."""
    server = MockServer(_OK)
    client = Daytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport)
    output = client.call(action, {**CALLS[action], **arguments})

    assert not output["success"]
    assert name in output["error"]
    assert server.requests == []


@pytest.mark.parametrize("arguments", [{"timeout": "30"}, {"env": '{"A": "1"}'}, {"env": {"A": 1}}])
def test_typed_methods_stay_strict(arguments: dict[str, Any]) -> None:
    """A program that passes the wrong type is told."""
    server = MockServer(_OK)
    client = Daytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport)

    output: Any = client.execute_command("x", "true", **arguments)

    assert output.failure.kind == "invalid_input"
    assert server.requests == []


def test_secrets_in_json_text_are_hidden() -> None:
    """A value of env that came as JSON text is as secret as any."""
    server = MockServer(lambda request: httpx.Response(400, json={"message": request.content.decode()}))
    client = Daytona(KEY, api_url=_API, toolbox_url=_API, transport=server.transport)
    output = client.call("execute_command", {"sandbox_id": "x", "command": "y", "env": '{"A": "a-secret-value"}'})

    assert "a-secret-value" not in output["error"]
