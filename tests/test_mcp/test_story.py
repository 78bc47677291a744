"""The twelve tools through the SDK's own client, over real stdio and real HTTP."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.session import ClientSession
from mcp.client.stdio import stdio_client

from daytona_facade import ACTIONS
from daytona_facade.local import LocalDaytona
from daytona_facade.mcp.__main__ import main
from support.story import arun_story

SERVER = [sys.executable, "-m", "daytona_facade.mcp"]
STRUCTURED = [*SERVER, "--structured-content"]


def _environment(backend: LocalDaytona) -> dict[str, str]:
    return {
        "DAYTONA_API_KEY": backend.api_key,
        "DAYTONA_API_URL": backend.api_url,
        "DAYTONA_TOOLBOX_URL": backend.toolbox_url,
    }


@asynccontextmanager
async def _on_stdio(backend: LocalDaytona) -> AsyncIterator[Client]:
    command, *arguments = STRUCTURED
    async with Client(StdioServerParameters(command=command, args=arguments, env=_environment(backend))) as client:
        yield client


@pytest.fixture(scope="module")
def http_url(local_backend: LocalDaytona) -> Iterator[str]:
    """Serve HTTP on a free port."""
    environment = {**os.environ, **_environment(local_backend)}
    process = subprocess.Popen(
        [*STRUCTURED, "--http", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    yield process.stderr.readline().rpartition(" ")[2].strip()
    process.terminate()
    process.wait(10)
    process.stderr.close()


async def _tell(place: str, client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(tools) == list(ACTIONS)

    async def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # The client itself holds the structured content to the tool's output schema.
        result = await client.call_tool(name, arguments)
        assert not result.is_error, result.content
        assert tools[name].output_schema == ACTIONS[name].output_schema
        return result.structured_content

    await arun_story(place, call)


async def test_stdio(local_backend: LocalDaytona) -> None:
    """All twelve tools work over stdio, and their structured content is valid against their output schemas."""
    async with _on_stdio(local_backend) as client:
        await _tell("mcp-stdio", client)


async def test_http(http_url: str) -> None:
    """All twelve tools work over streamable HTTP."""
    async with Client(http_url) as client:
        await _tell("mcp-http", client)


async def test_http_with_a_session(http_url: str) -> None:
    """A client of the handshake protocol, which keeps a session, is served too."""
    async with Client(http_url, mode="legacy") as client:
        result = await client.call_tool("list_sandboxes", {})
        spoken = client.protocol_version

    assert result.structured_content["success"]
    assert spoken < "2026"


async def test_stdio_with_a_plain_session(local_backend: LocalDaytona) -> None:
    """A bare ``ClientSession`` that says initialize is served as well."""
    parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env=_environment(local_backend))
    async with stdio_client(parameters) as (incoming, outgoing), ClientSession(incoming, outgoing) as session:
        started = await session.initialize()
        listed = await session.list_tools()

    assert started.server_info.name == "daytona-facade"
    assert started.capabilities.tools is not None
    assert len(ACTIONS) == len(listed.tools)


@pytest.mark.backend
async def test_local_backend_of_its_own() -> None:
    """With --local neither key nor account is needed."""
    async with Client(StdioServerParameters(command=SERVER[0], args=[*SERVER[1:], "--local"])) as client:
        result = await client.call_tool("list_sandboxes", {})

    assert result.structured_content == {"success": True, "error": None, "sandboxes": [], "next_cursor": None}


def test_stdout_carries_the_protocol_alone(local_backend: LocalDaytona) -> None:
    """Standard output carries JSON-RPC only, even for garbage, and the server ends with its input."""
    done = subprocess.run(
        SERVER,
        check=False,
        input="no json\n\n{}\n",
        env={**os.environ, **_environment(local_backend)},
        capture_output=True,
        text=True,
        timeout=20,
    )

    assert done.returncode == 0
    assert all('"jsonrpc":"2.0"' in line for line in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "DAYTONA_API_KEY"),
        (["--tools", "explode"], "there is no action 'explode'"),
        (["--tools", "delete_sandbox", "--read-only"], "no tool is left"),
        (["--http", "--host", "0.0.0.0"], "a token is required"),
    ],
)
def test_refused_settings(
    flags: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invalid settings print an error to standard error and exit with 2."""
    monkeypatch.setattr(sys, "argv", ["daytona-facade-mcp", *flags])

    assert main() == 2

    told = capsys.readouterr()
    assert said in told.err
    assert not told.out


async def test_two_calls_at_once(http_url: str) -> None:
    """A slow call does not hold up another."""
    async with asyncio.timeout(20), Client(http_url) as client:
        made = await client.call_tool("create_sandbox", {})
        box = {"sandbox_id": made.structured_content["sandbox"]["id"]}
        while (await client.call_tool("execute_command", {**box, "command": "mkfifo gate"})).is_error:
            pass  # it is still being created
        waiting = asyncio.create_task(client.call_tool("execute_command", {**box, "command": "cat gate"}))
        await client.call_tool("execute_command", {**box, "command": "echo open > gate"})
        assert (await waiting).structured_content["result"] == "open\n"
        await client.call_tool("delete_sandbox", box)
