"""The actions as tools of the OpenAI Agents SDK. Needs an extra: pip install 'daytona-facade[openai-agents]'."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

try:
    from agents import FunctionTool, Tool
    from agents.tool_context import ToolContext
except ImportError as exc:
    raise ImportError("the OpenAI Agents tools need an extra: pip install 'daytona-facade[openai-agents]'") from exc

from ..actions import Action
from ..client import AsyncDaytona
from ..tools import chosen, described, plain_schema, shown, strict_schema


def daytona_tools(
    client: AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[Tool]:
    """Make a tool of every action, strict where its schema allows it.

    A tool's output is the action's as JSON, without a file that is too large for a model. A failed action is an answer
    with ``success`` false, never an exception.

    Args:
        client: The client to run them with; one configured by the environment when left out.
        actions: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
    """
    client = client or AsyncDaytona()
    return [_tool(client, action) for action in chosen(actions, read_only=read_only)]


def _tool(client: AsyncDaytona, action: Action[..., Any]) -> FunctionTool:
    strict = strict_schema(action)
    return FunctionTool(
        name=action.name,
        description=described(action),
        params_json_schema=strict or plain_schema(action),
        on_invoke_tool=_runner(client, action),
        strict_json_schema=strict is not None,
    )


def _runner(client: AsyncDaytona, action: Action[..., Any]) -> Callable[[ToolContext[Any], str], Awaitable[str]]:
    async def runner(_context: ToolContext[Any], written: str) -> str:
        try:
            arguments: Any = json.loads(written) if written else {}
        except (ValueError, RecursionError):
            # Not an object either: the call words the failure as for any other wrong argument.
            arguments = []
        return json.dumps(shown(await client.call(action.name, arguments)), ensure_ascii=False)

    return runner
