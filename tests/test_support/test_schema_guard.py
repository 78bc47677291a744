"""The schema guard fails a test in which any face made a bad output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT

_TESTS = '''
"""Bad outputs that no test looks at: each test passes unless the guard fails it."""

from contextlib import suppress

import httpx
import pytest
from agents.tool_context import ToolContext
from mcp import Client
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

from daytona_facade import AsyncDaytona, Daytona
from daytona_facade.adapters import langchain, openai_agents, pydantic_ai
from daytona_facade.mcp import build_server
from daytona_facade.outputs import GetSandboxOutput

OPTIONS = {"transport": httpx.MockTransport(lambda _: httpx.Response(200, json={"id": "a"}))}
CHOSEN = {"actions": ["get_sandbox"]}


@pytest.fixture
def bad_output(monkeypatch):
    monkeypatch.setattr(GetSandboxOutput, "to_dict", lambda self: {"success": "yes"})


def call_with_a_good_output():
    assert Daytona("key", **OPTIONS).get_sandbox("a").success


def test_good():
    call_with_a_good_output()


def test_method(bad_output):
    Daytona("key", **OPTIONS).get_sandbox("a")


async def test_async_method(bad_output):
    await AsyncDaytona("key", **OPTIONS).get_sandbox("a")


def test_call(bad_output):
    Daytona("key", **OPTIONS).call("get_sandbox", {"sandbox_id": "a"})


async def test_async_call(bad_output):
    await AsyncDaytona("key", **OPTIONS).call("get_sandbox", {"sandbox_id": "a"})


def test_failure(bad_output):
    Daytona("key", **OPTIONS).call("get_sandbox", {"sandbox_id": 7})


async def test_mcp(bad_output):
    async with Client(build_server(AsyncDaytona("key", **OPTIONS))) as client:
        with suppress(Exception):
            await client.call_tool("get_sandbox", {"sandbox_id": "a"})


def test_langchain(bad_output):
    (tool,) = langchain.daytona_tools(Daytona("key", **OPTIONS), **CHOSEN)
    tool.invoke({"sandbox_id": "a"})


async def test_openai_agents(bad_output):
    (tool,) = openai_agents.daytona_tools(AsyncDaytona("key", **OPTIONS), **CHOSEN)
    arguments = '{"sandbox_id": "a"}'
    context = ToolContext(None, tool_name=tool.name, tool_call_id="1", tool_arguments=arguments)
    await tool.on_invoke_tool(context, arguments)


async def test_pydantic_ai(bad_output):
    toolset = pydantic_ai.daytona_toolset(AsyncDaytona("key", **OPTIONS), **CHOSEN)
    with suppress(Exception):
        await Agent(TestModel(), toolsets=[toolset]).run("look")


def test_made_by_hand():
    GetSandboxOutput(success=True, error="both")


def test_good_again():
    call_with_a_good_output()
'''


@pytest.mark.slow
def test_every_face_is_guarded(tmp_path: Path) -> None:
    """Tests that make a bad output through a face fail, and no other test does."""
    (tmp_path / "test_planted.py").write_text(_TESTS)
    path = os.pathsep.join(str(ROOT / folder) for folder in ("facade", "generated", "tests"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "support.schema_guard", "-p", "no:cacheprovider"]
    command += ["-o", "asyncio_mode=auto", "-rA", str(tmp_path)]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    passed = [line.split("::")[1] for line in ran.stdout.splitlines() if line.startswith("PASSED")]
    assert passed == ["test_good", "test_good_again"], ran.stdout
    assert "10 failed" in ran.stdout
    assert ran.stdout.count("\noutputs that do not meet their schemas:\n") == 10, ran.stdout
