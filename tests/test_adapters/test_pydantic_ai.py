"""The actions as a Pydantic AI toolset, driven by Pydantic AI's own function model."""

import httpx
import pytest
from pydantic_ai import Agent, BinaryContent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import UsageLimits

from daytona_facade import ACTIONS, AsyncDaytona
from daytona_facade.adapters.pydantic_ai import daytona_toolset
from daytona_facade.local import LocalDaytona
from daytona_facade.tools import model_description, plain_schema
from support.callers import MockServer
from support.nine_answers import CASES, Case, check
from support.story import StoryRun


def _returned(messages: list[ModelMessage]) -> list[ToolReturnPart]:
    return [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that calls all twelve tools gets each action's output."""
    story_run = StoryRun("pydantic-ai")

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        returned = _returned(messages)
        step = story_run.after(returned[-1].metadata if returned else None)
        return ModelResponse([ToolCallPart(*step) if step else TextPart("done")])

    client = AsyncDaytona(**local_backend.client_options())
    agent = Agent(FunctionModel(model), toolsets=[daytona_toolset(client)])

    result = await agent.run("tell the story", usage_limits=UsageLimits(request_limit=1000))

    assert result.output == "done"


async def test_tools_that_the_model_sees() -> None:
    """The model is told each action's own schema and description; a failure is an answer."""
    server = MockServer(httpx.Response(404, json={"message": "no such sandbox"}))
    model = TestModel(call_tools=["get_sandbox"])
    agent = Agent(model, toolsets=[daytona_toolset(AsyncDaytona("key", transport=server.transport))])

    result = await agent.run("look")

    assert model.last_model_request_parameters is not None
    told = {tool.name: tool for tool in model.last_model_request_parameters.function_tools}
    assert list(told) == list(ACTIONS)
    for name, action in ACTIONS.items():
        assert plain_schema(action) == told[name].parameters_json_schema
        assert told[name].description == model_description(action)
    (answer,) = _returned(result.all_messages())
    assert str(answer.content).startswith("Error (not_found)")
    assert answer.metadata["success"] is False


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_a_model_sees(case: Case, kind: str) -> None:
    """A tool returns short text, and pictures as files of the return; its metadata is the whole output."""

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        call = ToolCallPart(case.action, dict(case.arguments))
        return ModelResponse([TextPart("done")] if _returned(messages) else [call])

    toolset = daytona_toolset(case.clients()[kind], actions=[case.action])
    result = await Agent(FunctionModel(model), toolsets=[toolset]).run("call it")

    (answer,) = _returned(result.all_messages())
    texts = [item for item in answer.content_items() if isinstance(item, str)]
    assert len(texts) == 1
    check(case, texts[0], [file.data for file in answer.files if isinstance(file, BinaryContent)])
    assert answer.metadata == case.clients()["sync"].call(case.action, case.arguments)


def test_chosen_tools() -> None:
    """``actions`` and ``read_only`` limit the tools."""
    toolset = daytona_toolset(AsyncDaytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert list(toolset.tools) == ["get_sandbox"]
