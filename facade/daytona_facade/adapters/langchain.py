"""The actions as LangChain tools. Needs the extra ``langchain``: pip install 'daytona-facade[langchain]'."""

import base64
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

try:
    from langchain_core.messages.content import create_image_block, create_text_block
    from langchain_core.tools import BaseTool, StructuredTool
except ImportError as exc:
    raise ImportError("the LangChain tools need an extra: pip install 'daytona-facade[langchain]'") from exc

from ..actions import Action
from ..client import AsyncDaytona, Daytona
from ..outputs import Output
from ..tools import for_model, model_description, plain_schema, select_actions
from .running import arun_action, run_action

_Answer: TypeAlias = tuple[str | list[Any], dict[str, Any]]


def daytona_tools(
    client: Daytona | AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> list[BaseTool]:
    """Make a tool of every action.

    The content of a tool's message is what ``tools.for_model()`` shows: a string, or LangChain's standard content
    blocks where there are pictures. The message's artifact is the whole output. A failed action is an answer that
    begins with ``Error``, never an exception.

    Args:
        client: Either kind serves ``invoke`` and ``ainvoke``; a ``Daytona`` configured by the environment if omitted.
        actions: Names of the actions to offer; all if omitted.
        read_only: Offer only those that change nothing.
    """
    client = client or Daytona()
    return [_tool(client, action) for action in select_actions(actions, read_only=read_only)]


def _tool(client: Daytona | AsyncDaytona, action: Action[..., Any]) -> BaseTool:
    return StructuredTool(
        name=action.name,
        description=model_description(action),
        args_schema=plain_schema(action),
        func=_runner(client, action.name),
        coroutine=_arunner(client, action.name),
        response_format="content_and_artifact",
        metadata={
            "read_only": action.read_only,
            "destructive": action.destructive,
            "idempotent": action.idempotent,
        },
    )


def _runner(client: Daytona | AsyncDaytona, name: str) -> Callable[..., _Answer]:
    def runner(**arguments: Any) -> _Answer:
        return _answer(name, arguments, run_action(client, name, arguments))

    return runner


def _arunner(client: Daytona | AsyncDaytona, name: str) -> Callable[..., Awaitable[_Answer]]:
    async def runner(**arguments: Any) -> _Answer:
        return _answer(name, arguments, await arun_action(client, name, arguments))

    return runner


def _answer(name: str, arguments: dict[str, Any], output: Output) -> _Answer:
    view = for_model(name, arguments, output)
    if not view.pictures:
        return view.text, output.to_dict()
    pictures = [
        create_image_block(base64=base64.b64encode(picture.data).decode(), mime_type=picture.media_type)
        for picture in view.pictures
    ]
    return [create_text_block(view.text), *pictures], output.to_dict()
