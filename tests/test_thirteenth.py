"""A thirteenth action: one function and one output class, and every place has it."""

from collections.abc import Iterator

import attrs
import httpx
import pytest
from calling import MockServer
from mcp import Client

from daytona_facade import ACTIONS, AsyncDaytona, Daytona, tool_schemas
from daytona_facade.adapters.langchain import daytona_tools
from daytona_facade.inputs import Count, SandboxId
from daytona_facade.mcp import build_server
from daytona_facade.outputs import Output
from daytona_facade.registry import action
from daytona_facade.steps import Answer, Call, Steps, document


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
    return bool(document(answer)["paused"])


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
    """The register derives everything from the function and the class."""
    made = ACTIONS["pause_sandbox"]

    assert ("Pause sandbox", "Pause a sandbox.") == (made.title, made.description)
    assert 5 == made.input_schema["properties"]["minutes"]["default"]
    assert "paused" in made.output_schema["properties"]


async def test_call(thirteenth: None, server: MockServer) -> None:
    """Both clients run it by name, and refuse wrong arguments to it."""
    output = Daytona("key", transport=server.transport).call("pause_sandbox", {"sandbox_id": "a", "minutes": 7})
    refused = await AsyncDaytona("key", transport=server.transport).call("pause_sandbox", {"minutes": -1})

    assert {"success": True, "error": None, "paused": True} == output
    assert b'{"minutes":7}' == server.requests[0].content
    assert {"success": False, "error": "pause_sandbox failed: sandbox_id is missing.", "paused": None} == refused


@pytest.mark.parametrize("vendor", ["openai", "openai-responses", "anthropic", "mcp"])
def test_tool_schemas(thirteenth: None, vendor: str) -> None:
    """It is a tool for every vendor."""
    last = tool_schemas(vendor)[-1]  # type: ignore[arg-type]

    assert "pause_sandbox" == last.get("function", last)["name"]


async def test_mcp(thirteenth: None, server: MockServer) -> None:
    """It is a tool of the MCP server, with its schemas, and runs."""
    daytona = AsyncDaytona("key", transport=server.transport)
    async with Client(build_server(daytona)) as client:
        listed = (await client.list_tools()).tools[-1]
        result = await client.call_tool("pause_sandbox", {"sandbox_id": "a"})

    assert ("pause_sandbox", "Pause sandbox") == (listed.name, listed.title)
    assert {"success": True, "error": None, "paused": True} == result.structured_content


def test_adapter(thirteenth: None, server: MockServer) -> None:
    """It is a tool of a framework, and runs."""
    tool = daytona_tools(Daytona("key", transport=server.transport))[-1]

    assert '{"success": true, "error": null, "paused": true}' == tool.invoke({"sandbox_id": "a"})


def test_gone_again() -> None:
    """Nothing of it stays."""
    assert "pause_sandbox" not in ACTIONS
    assert 12 == len(tool_schemas("mcp"))
