"""The actions as LangChain tools, driven by LangChain's own fake model."""

import asyncio
import base64
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
from daytona_facade.tools import model_description, plain_schema
from support.callers import MockServer
from support.nine_answers import CASES, Case, check
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
            output = history[-1].artifact
        yield AIMessage(content="done")

    return GenericFakeChatModel(messages=messages())


def _settings(backend: LocalDaytona) -> dict[str, Any]:
    return backend.client_options()


async def test_story(local_backend: LocalDaytona) -> None:
    """A model that awaits all twelve tools gets each action's output."""
    tools = {tool.name: tool for tool in daytona_tools(AsyncDaytona(**_settings(local_backend)))}
    history: list[BaseMessage] = [HumanMessage("tell the story")]
    model = _model(history)
    while (answer := await model.ainvoke(history)).tool_calls:
        history += [answer, await tools[answer.tool_calls[0]["name"]].ainvoke(answer.tool_calls[0])]

    assert answer.content == "done"


def test_story_sync(local_backend: LocalDaytona) -> None:
    """A model that calls all twelve tools without an event loop gets each action's output."""
    tools = {tool.name: tool for tool in daytona_tools(Daytona(**_settings(local_backend)))}
    history: list[BaseMessage] = [HumanMessage("tell the story")]
    model = _model(history)
    while (answer := model.invoke(history)).tool_calls:
        history += [answer, tools[answer.tool_calls[0]["name"]].invoke(answer.tool_calls[0])]

    assert answer.content == "done"


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_either_client_serves_both_ways(kind: str) -> None:
    """A tool can be invoked and awaited with a client of either kind, and inside a running event loop too."""
    server = MockServer(lambda _: httpx.Response(404, json={"message": "Sandbox with ID or name gone not found"}))
    client = (Daytona if kind == "sync" else AsyncDaytona)("key", transport=server.transport)
    (tool,) = daytona_tools(client, actions=["get_sandbox"])

    answers = [
        tool.invoke({"sandbox_id": "gone"}),
        await tool.ainvoke({"sandbox_id": "gone"}),
        await asyncio.to_thread(tool.invoke, {"sandbox_id": "gone"}),
    ]

    assert len(set(answers)) == 1
    assert answers[0].startswith("Error (not_found): there is no sandbox with the ID")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_model_sees(case: Case, kind: str) -> None:
    """A tool's message holds short text and standard image blocks; its artifact is the whole output."""
    client = case.clients()[kind]
    (tool,) = daytona_tools(client, actions=[case.action])

    message = tool.invoke({"name": tool.name, "args": case.arguments, "id": "1", "type": "tool_call"})

    blocks = message.content_blocks
    assert [block["type"] for block in blocks] == ["text", *(["image"] if case.picture else [])]
    check(case, blocks[0]["text"], [base64.b64decode(block["base64"]) for block in blocks[1:]])
    assert message.artifact == case.clients()["sync"].call(case.action, case.arguments)


@pytest.mark.parametrize("tool", daytona_tools(Daytona("key")), ids=lambda tool: tool.name)
def test_schema_for_a_model(tool: BaseTool) -> None:
    """LangChain shows the model the action's own schema."""
    told = convert_to_openai_tool(tool)["function"]

    assert plain_schema(ACTIONS[tool.name])["properties"] == told["parameters"]["properties"]
    assert told["description"] == model_description(ACTIONS[tool.name])


def test_chosen_tools() -> None:
    """``actions`` and ``read_only`` limit the tools."""
    tools = daytona_tools(Daytona("key"), actions=["get_sandbox", "delete_sandbox"], read_only=True)

    assert [tool.name for tool in tools] == ["get_sandbox"]
