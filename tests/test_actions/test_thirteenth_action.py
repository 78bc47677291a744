"""One function and one output class make a thirteenth action in every place."""

from collections.abc import Iterator

import attrs
import httpx
import pytest
from mcp import Client

from daytona_facade import ACTIONS, AsyncDaytona, Daytona, tool_schemas
from daytona_facade._engine.calls import Call, Steps
from daytona_facade._responses.decoding import Answer, decode_json
from daytona_facade.actions.action import action
from daytona_facade.actions.parameters import Count, SandboxId
from daytona_facade.adapters.langchain import daytona_tools
from daytona_facade.mcp import build_server
from daytona_facade.outputs import Output
from support.callers import MockServer


@attrs.frozen
class PauseSandboxOutput(Output):
    paused: bool | None = None


def pause_sandbox(sandbox_id: SandboxId, minutes: Count = 5) -> Steps[PauseSandboxOutput]:
    """Pause a sandbox.

    Operation: POST /sandbox/{sandboxIdOrName}/pause.

    Args:
        sandbox_id: ID or name of the sandbox.
        minutes: How long it is paused; 5 when left out.
    """
    request = {"method": "post", "url": f"/sandbox/{sandbox_id}/pause", "json": {"minutes": minutes}}
    paused = yield from Call("/sandbox/{sandboxIdOrName}/pause", request, _read)
    return PauseSandboxOutput(success=True, paused=paused)


def _read(answer: Answer) -> bool:
    return bool(decode_json(answer)["paused"])


@pytest.fixture
def thirteenth() -> Iterator[None]:
    """Register the action, and take it out again."""
    action(PauseSandboxOutput, deadline_s=5.0, idempotent=True)(pause_sandbox)
    yield
    del ACTIONS["pause_sandbox"]


@pytest.fixture
def server() -> MockServer:
    """Answer that it is paused."""
    return MockServer(httpx.Response(200, json={"paused": True}))


def test_register(thirteenth: None) -> None:
    """Title, description and schemas come from the function and the class."""
    made = ACTIONS["pause_sandbox"]

    assert (made.title, made.description) == ("Pause sandbox", "Pause a sandbox.")
    assert made.input_schema["properties"]["minutes"]["default"] == 5
    assert "paused" in made.output_schema["properties"]


async def test_call(thirteenth: None, server: MockServer) -> None:
    """Both clients run it by name, and refuse wrong arguments to it."""
    output = Daytona("key", transport=server.transport).call("pause_sandbox", {"sandbox_id": "a", "minutes": 7})
    refused = await AsyncDaytona("key", transport=server.transport).call("pause_sandbox", {"minutes": -1})

    assert output == {"success": True, "error": None, "paused": True}
    assert server.requests[0].content == b'{"minutes":7}'
    assert refused == {"success": False, "error": "pause_sandbox failed: sandbox_id is missing.", "paused": None}


@pytest.mark.parametrize("vendor", ["openai", "openai-responses", "anthropic", "mcp"])
def test_tool_schemas(thirteenth: None, vendor: str) -> None:
    """It is a tool for every vendor."""
    last = tool_schemas(vendor)[-1]  # type: ignore[arg-type]

    assert last.get("function", last)["name"] == "pause_sandbox"


async def test_mcp(thirteenth: None, server: MockServer) -> None:
    """It is a tool of the MCP server, with its schemas, and runs."""
    daytona = AsyncDaytona("key", transport=server.transport)
    async with Client(build_server(daytona)) as client:
        listed = (await client.list_tools()).tools[-1]
        result = await client.call_tool("pause_sandbox", {"sandbox_id": "a"})

    assert (listed.name, listed.title) == ("pause_sandbox", "Pause sandbox")
    assert result.structured_content == {"success": True, "error": None, "paused": True}


def test_adapter(thirteenth: None, server: MockServer) -> None:
    """It is a tool of a framework, and runs."""
    tool = daytona_tools(Daytona("key", transport=server.transport))[-1]

    assert tool.invoke({"sandbox_id": "a"}) == '{"success": true, "paused": true}'
