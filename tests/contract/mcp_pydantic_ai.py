"""Pydantic AI's own MCP client: SERVER ENVIRONMENT SANDBOX; its model is sent a picture as a picture."""

import asyncio
import json
import sys

from fastmcp.client.transports import StdioTransport  # type: ignore[import-not-found]
from pydantic_ai import Agent, BinaryContent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.function import AgentInfo, FunctionModel


async def main(server: str, environment: str, sandbox_id: str) -> None:
    """Ask for a picture, and say what came."""

    def model(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        if any(isinstance(part, ToolReturnPart) for message in messages for part in message.parts):
            return ModelResponse([TextPart("done")])
        return ModelResponse([ToolCallPart("download_file", {"sandbox_id": sandbox_id, "file_path": "plot.png"})])

    transport = StdioTransport(server, ["-m", "daytona_facade.mcp"], env=json.loads(environment))
    result = await Agent(FunctionModel(model), toolsets=[MCPToolset(transport)]).run("look")
    parts = [part for message in result.all_messages() for part in message.parts]
    (answer,) = [part for part in parts if isinstance(part, ToolReturnPart)]
    pictures = [file for file in answer.files if isinstance(file, BinaryContent)]
    print(json.dumps({"pictures": [picture.media_type for picture in pictures]}))


asyncio.run(main(*sys.argv[1:]))
