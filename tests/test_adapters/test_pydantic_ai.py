"""The actions as a Pydantic AI toolset, driven by Pydantic AI's own function model."""

import httpx
from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import UsageLimits

from daytona_facade import ACTIONS, AsyncDaytona
from daytona_facade.adapters.pydantic_ai import daytona_toolset
from daytona_facade.local import LocalDaytona
from daytona_facade.tools import SHOWN_BYTES, plain_schema
from support.callers import MockServer
from support.story import StoryRun


def _returned(messages: list[ModelMessage]) -> list[ToolReturnPart]:
    return [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that asks for all twelve tools gets what each action gives."""
    story_run = StoryRun("pydantic-ai")

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        returned = _returned(messages)
        step = story_run.after(returned[-1].content if returned else None)  # type: ignore[arg-type]
        return ModelResponse([ToolCallPart(*step) if step else TextPart("done")])

    client = AsyncDaytona(local_backend.api_key, api_url=local_backend.api_url, toolbox_url=local_backend.toolbox_url)
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
    assert list(ACTIONS) == list(told)
    for name, action in ACTIONS.items():
        assert plain_schema(action) == told[name].parameters_json_schema
        assert (told[name].description or "").startswith(action.description)
    (answer,) = _returned(result.all_messages())
    assert "no such sandbox" in answer.content["error"]  # type: ignore[index]


async def test_large_file_stays_with_the_program() -> None:
    """A large file is in the metadata alone, which no model sees."""
    content = bytes(SHOWN_BYTES + 1)
    server = MockServer(httpx.Response(200, content=content, headers={"content-disposition": "attachment"}))
    client = AsyncDaytona("key", toolbox_url="http://toolbox", transport=server.transport)
    toolset = daytona_toolset(client, actions=["download_file"])

    result = await Agent(TestModel(), toolsets=[toolset]).run("read")

    (answer,) = _returned(result.all_messages())
    assert {"content_base64": None, "size": len(content)}.items() <= answer.content.items()  # type: ignore[union-attr]
    assert len(content) < len(answer.metadata["content_base64"])


def test_chosen_tools() -> None:
    """Only what was chosen, and only what reads."""
    toolset = daytona_toolset(AsyncDaytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert list(toolset.tools) == ["get_sandbox"]
