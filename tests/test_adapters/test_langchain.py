"""The actions as LangChain tools, driven by LangChain's own fake model."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from daytona_facade import ACTIONS, AsyncDaytona, Daytona
from daytona_facade.adapters.langchain import daytona_tools
from daytona_facade.local import LocalDaytona
from daytona_facade.tools import SHOWN_BYTES, plain_schema
from support.callers import MockServer
from support.story import StoryRun


def _model(history: list[BaseMessage]) -> GenericFakeChatModel:
    """Make a model that asks for the tools of the story, as it reads their messages."""

    def messages() -> Iterator[AIMessage]:
        story_run = StoryRun("langchain")
        output = None
        while step := story_run.after(output):
            name, arguments = step
            yield AIMessage(content="", tool_calls=[{"name": name, "args": arguments, "id": f"call-{len(history)}"}])
            assert isinstance(history[-1], ToolMessage)
            assert isinstance(history[-1].content, str)
            output = json.loads(history[-1].content)
        yield AIMessage(content="done")

    return GenericFakeChatModel(messages=messages())


def _settings(backend: LocalDaytona) -> dict[str, Any]:
    return {"api_key": backend.api_key, "api_url": backend.api_url, "toolbox_url": backend.toolbox_url}


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that asks for all twelve tools gets what each action gives, when awaited."""
    tools = {tool.name: tool for tool in daytona_tools(AsyncDaytona(**_settings(local_backend)))}
    history: list[BaseMessage] = [HumanMessage("tell the story")]
    model = _model(history)
    while (answer := await model.ainvoke(history)).tool_calls:
        history += [answer, await tools[answer.tool_calls[0]["name"]].ainvoke(answer.tool_calls[0])]

    assert answer.content == "done"


def test_story_sync(local_backend: LocalDaytona) -> None:
    """The same without an event loop."""
    tools = {tool.name: tool for tool in daytona_tools(Daytona(**_settings(local_backend)))}
    history: list[BaseMessage] = [HumanMessage("tell the story")]
    model = _model(history)
    while (answer := model.invoke(history)).tool_calls:
        history += [answer, tools[answer.tool_calls[0]["name"]].invoke(answer.tool_calls[0])]

    assert answer.content == "done"


async def test_sync_client_serves_both_ways() -> None:
    """A sync client's tool can be awaited as well; a failure is an answer."""
    server = MockServer(httpx.Response(404, json={"message": "no such sandbox"}))
    (tool,) = daytona_tools(Daytona("key", transport=server.transport), actions=["get_sandbox"])

    answers = [tool.invoke({"sandbox_id": "gone"}), await tool.ainvoke({"sandbox_id": "gone"})]

    assert answers[0] == answers[1]
    assert "no such sandbox" in json.loads(answers[0])["error"]


def test_large_file_stays_with_the_program() -> None:
    """A large file is the artifact's alone: the model's message says its name and size."""
    content = bytes(SHOWN_BYTES + 1)
    server = MockServer(httpx.Response(200, content=content, headers={"content-disposition": "attachment"}))
    client = Daytona("key", toolbox_url="http://toolbox", transport=server.transport)
    (tool,) = daytona_tools(client, actions=["download_file"])

    call = {"name": tool.name, "args": {"sandbox_id": "a", "file_path": "b"}, "id": "1", "type": "tool_call"}
    message = tool.invoke(call)

    assert {"content_base64": None, "size": len(content)}.items() <= json.loads(message.content).items()
    assert len(content) < len(message.artifact["content_base64"])
    assert "over 32 KB is left out" in tool.description


@pytest.mark.parametrize("tool", daytona_tools(Daytona("key")), ids=lambda tool: tool.name)
def test_schema_for_a_model(tool: BaseTool) -> None:
    """What LangChain tells a model is the action's own schema."""
    told = convert_to_openai_tool(tool)["function"]

    assert plain_schema(ACTIONS[tool.name])["properties"] == told["parameters"]["properties"]
    assert told["description"].startswith(ACTIONS[tool.name].description)


def test_chosen_tools() -> None:
    """Only what was chosen, and only what reads."""
    tools = daytona_tools(Daytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert [tool.name for tool in tools] == ["get_sandbox"]
