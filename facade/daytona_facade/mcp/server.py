"""The MCP server itself: its tools, and the files of sandboxes as resources."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Tool,
)

from .. import limits
from .._version import __version__
from ..actions import Action
from ..client import AsyncDaytona
from ..outputs import Output
from ..tools import model_description, select_actions, tool_schemas
from . import resources
from .answers import CONTENT_ONLY, Answers

Context: TypeAlias = ServerRequestContext[Any, Any]
ClientOf: TypeAlias = Callable[[Context], AsyncDaytona]

_INSTRUCTIONS = f"""\
Daytona sandboxes are isolated computers to run code in. Create one, look with get_sandbox until its state is \
`started`, use its ID with the other tools, and delete it when you no longer need it. A call that did not work is an \
error: `Error (kind): why`, with a kind such as not_found, invalid_input or timeout. A program that fails is no error: \
its answer gives its `exit code`. Text comes as text and pictures as pictures. An answer has at most \
{limits.MODEL_CHARS:,} characters; it says what was left out, and how to get it."""
_REPORT_EVERY_S = 1.0


def build_server(
    client: AsyncDaytona | ClientOf,
    *,
    tools: Iterable[str] | None = None,
    read_only: bool = False,
    downloads: Path | None = None,
    structured_content: bool = False,
) -> Server[Any]:
    """Make an MCP server that runs the actions with a client; an unknown tool is a ``ValueError``.

    Args:
        client: The client to run them with, or a function that returns the client of a request.
        tools: Names of the actions to offer; all if omitted.
        read_only: Offer only those that change nothing.
        downloads: A directory for files that are not shown whole; without one they are resources.
        structured_content: Send whole outputs as structured content, for programs. Many hosts then drop the rest.
    """
    client_of: ClientOf = (lambda _: client) if isinstance(client, AsyncDaytona) else client
    offered = {action.name: action for action in select_actions(tools, read_only=read_only)}
    listed = [_tool(action, downloads, structured_content) for action in offered.values()]
    answers = Answers(downloads, structured_content)

    async def list_tools(_context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        _refuse_cursor(params)
        return ListToolsResult(tools=listed)

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        name, arguments = params.name, params.arguments or {}
        if name not in offered:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {name[: limits.MCP_QUOTED_CHARS]}")
        run = client_of(context).run_action
        output = await _report_progress(context.session, offered[name].title, lambda: run(name, arguments))
        return await answers.make(name, arguments, output, context.session.protocol_version)

    reads = resources.DOWNLOAD in offered
    return Server(
        "daytona-facade",
        version=__version__,
        title="Daytona sandboxes",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=_no_resources if reads else None,
        on_list_resource_templates=_templates if reads else None,
        on_read_resource=_reader(client_of) if reads else None,
    )


def _tool(action: Action[..., Any], downloads: Path | None, structured_content: bool) -> Tool:
    (schema,) = tool_schemas("mcp", actions=[action.name])
    more: tuple[str, ...] = ()
    if action.name == resources.DOWNLOAD:
        place = "is saved on the server's machine" if downloads else "can be read as an MCP resource by the host"
        more = (f"A file that is not shown whole {place}; the answer says where.",)
    if action.name in CONTENT_ONLY and not structured_content:
        del schema["outputSchema"]
    return Tool.model_validate({**schema, "description": model_description(action, *more)})


async def _report_progress(session: ServerSession, title: str, run: Callable[[], Awaitable[Output]]) -> Output:
    """Run a call, and report once a second to a client that asked for it that it is still running."""

    async def report() -> None:
        started = anyio.current_time()
        while True:
            elapsed = anyio.current_time() - started
            await session.report_progress(round(elapsed, 3), message=f"{title}: {elapsed:.0f} s")
            await anyio.sleep(_REPORT_EVERY_S)

    outputs: list[Output] = []
    async with anyio.create_task_group() as group:
        group.start_soon(report)
        outputs.append(await run())
        group.cancel_scope.cancel()
    return outputs[0]


def _refuse_cursor(params: PaginatedRequestParams | None) -> None:
    """Refuse any cursor: every list here is one page, which gives none."""
    if params is not None and params.cursor is not None:
        raise MCPError(INVALID_PARAMS, f"Unknown cursor: {params.cursor[: limits.MCP_QUOTED_CHARS]}")


async def _no_resources(_context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
    # Only list_files of a sandbox can say which files there are.
    _refuse_cursor(params)
    return ListResourcesResult(resources=[])


async def _templates(_context: Context, params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    _refuse_cursor(params)
    return ListResourceTemplatesResult(resource_templates=[resources.TEMPLATE])


def _reader(client_of: ClientOf) -> Callable[[Context, ReadResourceRequestParams], Awaitable[ReadResourceResult]]:
    async def read(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        arguments = resources.arguments_of(params.uri)
        shown = params.uri[: 2 * limits.MCP_QUOTED_CHARS]
        if arguments is None:
            raise MCPError(INVALID_PARAMS, f"Unknown resource: {shown}", {"uri": params.uri})
        client = client_of(context)
        cap = min(limits.MCP_MESSAGE_BYTES, client.session.settings.max_download_bytes)
        capped = client.with_options(max_download_bytes=cap)
        output = await _report_progress(
            context.session, "Read file", lambda: capped.run_action(resources.DOWNLOAD, arguments)
        )
        if output.failure is not None:
            # What the caller may mend by another address is no error of the server.
            own = output.failure.kind in {"server", "connection", "timeout", "protocol", "rate_limited"}
            raise MCPError(INTERNAL_ERROR if own else INVALID_PARAMS, output.failure.message, {"uri": params.uri})
        return ReadResourceResult(contents=[resources.contents(params.uri, output.to_dict())])

    return read
