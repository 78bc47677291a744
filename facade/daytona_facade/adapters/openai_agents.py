"""The actions as tools of the OpenAI Agents SDK. Needs an extra: pip install 'daytona-facade[openai-agents]'."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

try:
    from agents import FunctionTool, Tool, ToolOutputImage, ToolOutputText
    from agents.tool_context import ToolContext
except ImportError as exc:
    raise ImportError("the OpenAI Agents tools need an extra: pip install 'daytona-facade[openai-agents]'") from exc

from ..actions import Action
from ..client import AsyncDaytona, Daytona
from ..tools import content_blocks, for_model, model_description, plain_schema, select_actions, strict_schema
from .running import arun_action

_Answer: TypeAlias = str | list[ToolOutputText | ToolOutputImage]


def daytona_tools(
    client: Daytona | AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[Tool]:
    """Make a tool of every action, strict where its schema allows it.

    A tool's output is what ``tools.for_model()`` shows: a string, or text and images where there are pictures. A
    failed action is an answer that begins with ``Error``, never an exception.

    Args:
        client: A ``Daytona`` runs in threads; an ``AsyncDaytona`` configured by the environment if omitted.
        actions: Names of the actions to offer; all if omitted.
        read_only: Offer only those that change nothing.
    """
    client = client or AsyncDaytona()
    return [_tool(client, action) for action in select_actions(actions, read_only=read_only)]


def _tool(client: Daytona | AsyncDaytona, action: Action[..., Any]) -> FunctionTool:
    strict = strict_schema(action)
    return FunctionTool(
        name=action.name,
        description=model_description(action),
        params_json_schema=strict or plain_schema(action),
        on_invoke_tool=_runner(client, action),
        strict_json_schema=strict is not None,
    )


def _runner(
    client: Daytona | AsyncDaytona, action: Action[..., Any]
) -> Callable[[ToolContext[Any], str], Awaitable[_Answer]]:
    async def runner(_context: ToolContext[Any], written: str) -> _Answer:
        try:
            arguments: Any = json.loads(written) if written else {}
        except (ValueError, RecursionError):
            # Not an object either: the call reports the failure as for any other wrong argument.
            arguments = []
        output = await arun_action(client, action.name, arguments)
        view = for_model(action.name, arguments if isinstance(arguments, dict) else {}, output)
        if not view.pictures:
            return view.text
        _, *pictures = content_blocks("openai-responses", view)
        return [ToolOutputText(text=view.text), *(ToolOutputImage(image_url=item["image_url"]) for item in pictures)]

    return runner
