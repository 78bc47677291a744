"""The MCP server itself: its tools, what a call of one answers, and the files of sandboxes as resources."""

import json
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
    ContentBlock,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
    Tool,
)

from .._version import __version__
from ..actions import Action
from ..client import AsyncDaytona
from ..tools import chosen, described, shown, tool_schemas
from . import files

Context: TypeAlias = ServerRequestContext[Any, Any]

_INSTRUCTIONS = """\
Daytona sandboxes are isolated computers to run code in. Create one, use its ID with the other tools, and delete it \
when it is no longer needed. Every answer says whether it worked in `success`; a program that fails is still a \
success, with its own `exit_code`."""
_REPORT_EVERY_S = 1.0


def build_server(
    client: AsyncDaytona,
    *,
    tools: Iterable[str] | None = None,
    read_only: bool = False,
    downloads: Path | None = None,
) -> Server[Any]:
    """Make an MCP server that runs the actions with a client; an unknown tool is a ``ValueError``.

    Args:
        client: The client to run them with.
        tools: Names of the actions to offer; all when left out.
        read_only: Offer only those that change nothing.
        downloads: A directory for files that are too large for a model; else they are resources to be read.
    """
    offered = {action.name: action for action in chosen(tools, read_only=read_only)}
    listed = [_tool(action, downloads) for action in offered.values()]

    async def list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=listed)

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in offered:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {params.name}")
        arguments = params.arguments or {}
        output = await _reported(
            context.session, offered[params.name].title, lambda: client.call(params.name, arguments)
        )
        return await _result(output, arguments, downloads)

    reads = files.DOWNLOAD in offered
    return Server(
        "daytona-facade",
        version=__version__,
        title="Daytona sandboxes",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=_no_resources if reads else None,
        on_list_resource_templates=_templates if reads else None,
        on_read_resource=_reader(client) if reads else None,
    )


def _tool(action: Action[..., Any], downloads: Path | None) -> Tool:
    (schema,) = tool_schemas("mcp", actions=[action.name])
    place = "is saved on the server's machine and linked to" if downloads else "is linked to as a resource"
    return Tool.model_validate({**schema, "description": described(action, f"{place} instead of shown")})


async def _reported(session: ServerSession, title: str, run: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Run a call, and report once a second to a client that asked for it that it is still running."""

    async def report() -> None:
        started = anyio.current_time()
        while True:
            elapsed = anyio.current_time() - started
            await session.report_progress(round(elapsed, 3), message=f"{title}: {elapsed:.0f} s")
            await anyio.sleep(_REPORT_EVERY_S)

    output: dict[str, Any] = {}
    async with anyio.create_task_group() as group:
        group.start_soon(report)
        output = await run()
        group.cancel_scope.cancel()
    return output


async def _result(output: dict[str, Any], arguments: dict[str, Any], downloads: Path | None) -> CallToolResult:
    document = shown(output)
    others: list[ContentBlock] = []
    if document.get("content_base64") != output.get("content_base64"):
        try:
            others = await _instead(output, arguments, downloads)
        except OSError as exc:
            document = files.unsaved(exc)
    text = json.dumps(document, ensure_ascii=False) if document["success"] else document["error"]
    return CallToolResult(
        content=[TextContent(text=text), *others], structured_content=document, is_error=not document["success"]
    )


async def _instead(output: dict[str, Any], arguments: dict[str, Any], downloads: Path | None) -> list[ContentBlock]:
    """Say, and link to, where a file is that is too large to be shown."""
    if downloads is None and output["size"] > files.RESOURCE_BYTES:
        return [TextContent(text="Too large to be shown, or read as a resource: look at parts with execute_command.")]
    link = await files.saved(downloads, arguments, output) if downloads else files.resource_link(arguments, output)
    # Not every host shows a link to its model.
    return [TextContent(text=f"Too large to be shown: {link.uri}"), link]


async def _no_resources(_context: Context, _params: PaginatedRequestParams | None) -> ListResourcesResult:
    # Which files there are, only list_files of a sandbox can say.
    return ListResourcesResult(resources=[])


async def _templates(_context: Context, _params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    return ListResourceTemplatesResult(resource_templates=[files.TEMPLATE])


def _reader(
    client: AsyncDaytona,
) -> Callable[[Context, ReadResourceRequestParams], Awaitable[ReadResourceResult]]:
    cap = min(files.RESOURCE_BYTES, client.session.settings.max_download_bytes)
    capped = client.with_options(max_download_bytes=cap)

    async def read(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        arguments = files.arguments_of(params.uri)
        if arguments is None:
            raise MCPError(INVALID_PARAMS, f"Unknown resource: {params.uri[:200]}")
        output = await _reported(context.session, "Read file", lambda: capped.call(files.DOWNLOAD, arguments))
        if not output["success"]:
            raise MCPError(INTERNAL_ERROR, output["error"])
        return ReadResourceResult(contents=[files.contents(params.uri, output)])

    return read
