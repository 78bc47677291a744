"""The actions as a Pydantic AI toolset. Needs the extra ``pydantic-ai``: pip install 'daytona-facade[pydantic-ai]'."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

try:
    from pydantic_ai import FunctionToolset, Tool, ToolReturn
except ImportError as exc:
    raise ImportError("the Pydantic AI toolset needs an extra: pip install 'daytona-facade[pydantic-ai]'") from exc

from ..actions import Action
from ..client import AsyncDaytona
from ..tools import chosen, described, plain_schema, shown


def daytona_toolset(
    client: AsyncDaytona | None = None, *, actions: Iterable[str] | None = None, read_only: bool = False
) -> FunctionToolset[Any]:
    """Make a toolset of the actions.

    What a tool returns is the output, without a file that is too large for a model; its metadata is the whole output.
    A failed action is an answer with ``success`` false, never an exception.

    Args:
        client: The client to run them with; one configured by the environment when left out.
        actions: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
    """
    client = client or AsyncDaytona()
    return FunctionToolset([_tool(client, action) for action in chosen(actions, read_only=read_only)], id="daytona")


def _tool(client: AsyncDaytona, action: Action[..., Any]) -> Tool[Any]:
    return Tool[Any].from_schema(_runner(client, action.name), action.name, described(action), plain_schema(action))


def _runner(client: AsyncDaytona, name: str) -> Callable[..., Awaitable[ToolReturn[Any]]]:
    async def runner(**arguments: Any) -> ToolReturn[Any]:
        output = await client.call(name, arguments)
        return ToolReturn(shown(output), metadata=output)

    return runner
