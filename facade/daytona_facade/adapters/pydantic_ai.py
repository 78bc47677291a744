"""The actions as a Pydantic AI toolset. Needs the extra ``pydantic-ai``: pip install 'daytona-facade[pydantic-ai]'."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

try:
    from pydantic_ai import BinaryContent, FunctionToolset, Tool, ToolReturn
except ImportError as exc:
    raise ImportError("the Pydantic AI toolset needs an extra: pip install 'daytona-facade[pydantic-ai]'") from exc

from ..actions import Action
from ..client import AsyncDaytona, Daytona
from ..tools import for_model, model_description, plain_schema, select_actions
from .running import arun_action


def daytona_toolset(
    client: Daytona | AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> FunctionToolset[Any]:
    """Make a toolset of the actions.

    What a tool returns is what ``tools.for_model()`` shows: a string, or a string and ``BinaryContent`` where there are
    pictures. Its metadata is the whole output. A failed action is an answer that begins with ``Error``, never an
    exception.

    Args:
        client: A ``Daytona`` runs in threads; an ``AsyncDaytona`` configured by the environment if omitted.
        actions: Names of the actions to offer; all if omitted.
        read_only: Offer only those that change nothing.
    """
    client = client or AsyncDaytona()
    tools = [_tool(client, action) for action in select_actions(actions, read_only=read_only)]
    return FunctionToolset(tools, id="daytona")


def _tool(client: Daytona | AsyncDaytona, action: Action[..., Any]) -> Tool[Any]:
    description = model_description(action)
    return Tool[Any].from_schema(_runner(client, action.name), action.name, description, plain_schema(action))


def _runner(client: Daytona | AsyncDaytona, name: str) -> Callable[..., Awaitable[ToolReturn[Any]]]:
    async def runner(**arguments: Any) -> ToolReturn[Any]:
        output = await arun_action(client, name, arguments)
        view = for_model(name, arguments, output)
        pictures = [BinaryContent(picture.data, media_type=picture.media_type) for picture in view.pictures]
        return ToolReturn([view.text, *pictures] if pictures else view.text, metadata=output.to_dict())

    return runner
