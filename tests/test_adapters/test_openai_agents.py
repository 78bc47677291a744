"""The actions as tools of the OpenAI Agents SDK, driven by its own scripted model."""

import base64
import json
from typing import Any

import httpx
import pytest
from agents import Agent, FunctionTool, RunConfig, Runner
from agents.strict_schema import ensure_strict_json_schema
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from daytona_facade.adapters.openai_agents import daytona_tools
from daytona_facade.local import LocalDaytona
from daytona_facade.outputs import Output
from support.callers import MockServer
from support.nine_answers import CASES, Case, check
from support.story import StoryRun

NO_TRACES = RunConfig(tracing_disabled=True)


async def _run(client: Daytona | AsyncDaytona, respond: Any, turns: int = 1000) -> Any:
    model = ScriptedModel([ModelStep.respond(respond) for _ in range(turns)])
    agent = Agent(name="story_run", model=model, tools=daytona_tools(client))
    return await Runner.run(agent, "tell the story", max_turns=turns, run_config=NO_TRACES)


async def _one_call(client: Daytona | AsyncDaytona, name: str, written: str) -> Any:
    """Let a model ask for one tool with these written arguments, and return the output that it is sent."""
    heard: list[Any] = []

    def respond(call: ModelCall) -> Any:
        items = [item for item in call.input if isinstance(item, dict) and item.get("type") == "function_call_output"]
        heard.extend(item["output"] for item in items)
        return [assistant_message("done")] if items else [function_call(name, written, call_id="1")]

    await _run(client, respond, turns=2)
    return heard[0]


class _Recorded(AsyncDaytona):
    """Keeps the last output: a scripted model has to read what a real one would be told in words."""

    last: dict[str, Any] | None = None

    async def run_action(self, name: str, arguments: Any = None) -> Output:
        output = await super().run_action(name, arguments)
        self.last = output.to_dict()
        return output


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that asks for all twelve tools gets what each action gives."""
    story_run = StoryRun("openai-agents")
    client = _Recorded(**local_backend.client_options())
    calls = 0

    def respond(_call: ModelCall) -> Any:
        nonlocal calls
        step = story_run.after(client.last)
        calls += 1
        return [function_call(step[0], json.dumps(step[1]), call_id=f"{calls}") if step else assistant_message("done")]

    result = await _run(client, respond)

    assert result.final_output == "done"


@pytest.mark.parametrize("kind", [Daytona, AsyncDaytona])
@pytest.mark.parametrize("written", ['{"sandbox_id": "gone"}', "{", "[]", "null", ""])
async def test_failure_is_an_answer(written: str, kind: type[Daytona] | type[AsyncDaytona]) -> None:
    """A failed action and arguments that are not JSON are answers to the model, never exceptions."""
    server = MockServer(httpx.Response(404, json={"message": "no such sandbox"}))

    answer = await _one_call(kind("key", transport=server.transport), "get_sandbox", written)

    assert answer.startswith("Error (not_found)" if "gone" in written else "Error (invalid_input)")
    assert len(server.requests) == ("gone" in written)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_a_model_sees(case: Case, kind: str) -> None:
    """The Responses API is sent short text, and images where there are pictures."""
    output = await _one_call(case.clients()[kind], case.action, json.dumps(case.arguments))

    items = [{"type": "input_text", "text": output}] if isinstance(output, str) else output
    texts = [item["text"] for item in items if item["type"] == "input_text"]
    pictures = [item["image_url"].partition(";base64,")[2] for item in items if item["type"] == "input_image"]
    assert len(texts) == 1
    check(case, texts[0], [base64.b64decode(picture) for picture in pictures])


def test_strict_where_it_can_be() -> None:
    """A tool is strict unless it takes a free-form map, and the SDK agrees that a strict schema is one."""
    tools = [tool for tool in daytona_tools(AsyncDaytona("key")) if isinstance(tool, FunctionTool)]

    with_maps = {"create_sandbox", "run_code", "execute_command", "list_sandboxes"}
    assert {tool.name for tool in tools if not tool.strict_json_schema} == with_maps
    assert [tool.name for tool in tools] == list(ACTIONS)
    for tool in tools:
        if tool.strict_json_schema:
            assert tool.params_json_schema == ensure_strict_json_schema(json.loads(json.dumps(tool.params_json_schema)))


def test_chosen_tools() -> None:
    """``actions`` and ``read_only`` limit the tools."""
    tools = daytona_tools(AsyncDaytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert [tool.name for tool in tools] == ["get_sandbox"]
