"""The actions as LangChain tools. Needs the extra ``langchain``: pip install 'daytona-facade[langchain]'."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

try:
    from langchain_core.tools import BaseTool, StructuredTool
except ImportError as exc:
    raise ImportError("the LangChain tools need an extra: pip install 'daytona-facade[langchain]'") from exc

from ..actions import Action
from ..client import AsyncDaytona, Daytona
from ..tools import chosen, described, plain_schema, shown

_Answer: TypeAlias = tuple[str, dict[str, Any]]


def daytona_tools(
    client: Daytona | AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[BaseTool]:
    """Make a tool of every action.

    The content of a tool's message is the output as JSON, without a file that is too large for a model; its artifact
    is the whole output. A failed action is an answer with ``success`` false, never an exception.

    Args:
        client: An ``AsyncDaytona`` serves ``ainvoke`` alone; a ``Daytona``, the default, serves both ways, in threads.
        actions: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
    """
    client = client or Daytona()
    return [_tool(client, action) for action in chosen(actions, read_only=read_only)]


def _tool(client: Daytona | AsyncDaytona, action: Action[..., Any]) -> BaseTool:
    return StructuredTool(
        name=action.name,
        description=described(action),
        args_schema=plain_schema(action),
        func=_runner(client, action.name) if isinstance(client, Daytona) else None,
        coroutine=_arunner(client, action.name) if isinstance(client, AsyncDaytona) else None,
        response_format="content_and_artifact",
        metadata={
            "read_only": action.read_only,
            "destructive": action.destructive,
            "idempotent": action.idempotent,
        },
    )


def _runner(client: Daytona, name: str) -> Callable[..., _Answer]:
    def runner(**arguments: Any) -> _Answer:
        return _answer(client.call(name, arguments))

    return runner


def _arunner(client: AsyncDaytona, name: str) -> Callable[..., Awaitable[_Answer]]:
    async def runner(**arguments: Any) -> _Answer:
        return _answer(await client.call(name, arguments))

    return runner


def _answer(output: dict[str, Any]) -> _Answer:
    return json.dumps(shown(output), ensure_ascii=False), output
