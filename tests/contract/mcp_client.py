"""A session with whichever official ``mcp`` package runs this: TRANSPORT SERVER ENVIRONMENT SANDBOX."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(transport: str, server: str, environment: str, sandbox_id: str) -> None:
    """List the tools, run a command, and read a file that is too long to be shown whole."""
    async with AsyncExitStack() as stack:
        if transport == "stdio":
            parameters = StdioServerParameters(
                command=server, args=["-m", "daytona_facade.mcp"], env=json.loads(environment)
            )
            streams: Any = await stack.enter_async_context(stdio_client(parameters))
        else:
            streams = await stack.enter_async_context(_http(server))
        session = await stack.enter_async_context(ClientSession(streams[0], streams[1]))
        started: Any = await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        box = {"sandbox_id": sandbox_id}
        ran: Any = await session.call_tool("execute_command", {**box, "command": "echo hello"})
        assert "hello" in ran.content[0].text, ran
        read: Any = await session.call_tool("download_file", {**box, "file_path": "report.txt"})
    protocol = getattr(started, "protocol_version", None) or started.protocolVersion
    types = [block.type for block in read.content]
    print(json.dumps({"tools": tools, "protocol": protocol, "types": types, "first": read.content[0].text[:500]}))


def _http(url: str) -> Any:
    from mcp.client import streamable_http

    names: Any = streamable_http
    connect = getattr(names, "streamable_http_client", None) or names.streamablehttp_client
    return connect(url)


asyncio.run(main(*sys.argv[1:]))
