"""The actions as tools of the OpenAI Agents SDK, driven by its own scripted model."""

import json
from typing import Any

import httpx
import pytest
from agents import Agent, FunctionTool, RunConfig, Runner
from agents.strict_schema import ensure_strict_json_schema
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call

from daytona_facade import ACTIONS, AsyncDaytona
from daytona_facade.adapters.openai_agents import daytona_tools
from daytona_facade.local import LocalDaytona
from daytona_facade.tools import SHOWN_BYTES
from support.callers import MockServer
from support.story import StoryRun

NO_TRACES = RunConfig(tracing_disabled=True)


async def _run(client: AsyncDaytona, respond: Any, turns: int = 1000) -> Any:
    model = ScriptedModel([ModelStep.respond(respond) for _ in range(turns)])
    agent = Agent(name="story_run", model=model, tools=daytona_tools(client))
    return await Runner.run(agent, "tell the story", max_turns=turns, run_config=NO_TRACES)


async def _one_call(client: AsyncDaytona, name: str, written: str) -> dict[str, Any]:
    """Let a model ask for one tool with these written arguments, and return what it is told."""
    heard: list[str] = []

    def respond(call: ModelCall) -> Any:
        items = [item for item in call.input if isinstance(item, dict) and item.get("type") == "function_call_output"]
        heard.extend(str(item["output"]) for item in items)
        return [assistant_message("done")] if items else [function_call(name, written, call_id="1")]

    await _run(client, respond, turns=2)
    return json.loads(heard[0])


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that asks for all twelve tools gets what each action gives."""
    story_run = StoryRun("openai-agents")
    calls = 0

    def respond(call: ModelCall) -> Any:
        nonlocal calls
        last = call.input[-1]
        output = json.loads(last["output"]) if isinstance(last, dict) and "output" in last else None
        step = story_run.after(output)
        calls += 1
        return [function_call(*step, call_id=f"call-{calls}") if step else assistant_message("done")]

    client = AsyncDaytona(local_backend.api_key, api_url=local_backend.api_url, toolbox_url=local_backend.toolbox_url)
    result = await _run(client, respond)

    assert result.final_output == "done"


@pytest.mark.parametrize("written", ['{"sandbox_id": "gone"}', "{", "[]", "null", ""])
async def test_failure_is_an_answer(written: str) -> None:
    """A failed action and arguments that are no JSON are told to the model, never raised."""
    server = MockServer(httpx.Response(404, json={"message": "no such sandbox"}))

    answer = await _one_call(AsyncDaytona("key", transport=server.transport), "get_sandbox", written)

    assert not answer["success"]
    assert len(server.requests) == ("gone" in written)


async def test_large_file_is_not_told() -> None:
    """Of a large file the model is told name and size."""
    content = bytes(SHOWN_BYTES + 1)
    server = MockServer(httpx.Response(200, content=content, headers={"content-disposition": "attachment"}))
    client = AsyncDaytona("key", toolbox_url="http://toolbox", transport=server.transport)

    answer = await _one_call(client, "download_file", '{"sandbox_id": "a", "file_path": "b"}')

    assert {"content_base64": None, "size": len(content), "success": True}.items() <= answer.items()


def test_strict_where_it_can_be() -> None:
    """A tool is strict unless it takes a free-form map, and the SDK agrees that a strict schema is one."""
    tools = [tool for tool in daytona_tools(AsyncDaytona("key")) if isinstance(tool, FunctionTool)]

    with_maps = {"create_sandbox", "run_code", "execute_command", "list_sandboxes"}
    assert with_maps == {tool.name for tool in tools if not tool.strict_json_schema}
    assert list(ACTIONS) == [tool.name for tool in tools]
    for tool in tools:
        if tool.strict_json_schema:
            assert tool.params_json_schema == ensure_strict_json_schema(json.loads(json.dumps(tool.params_json_schema)))


def test_chosen_tools() -> None:
    """Only what was chosen, and only what reads."""
    tools = daytona_tools(AsyncDaytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert [tool.name for tool in tools] == ["get_sandbox"]
