"""What a host shows its model: the content, or the structured content alone where it is sent."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import jsonschema
import pytest
from mcp import Client
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent

from daytona_facade import ACTIONS
from daytona_facade.mcp import build_server
from support.nine_answers import BOX, CASES, Case, check

CONTENT_ONLY = {"run_code", "download_file", "list_files"}


@asynccontextmanager
async def _client(case: Case, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    async with Client(build_server(case.clients()["async"], **options), mode=mode) as client:
        yield client


async def _call(client: Client, case: Case) -> CallToolResult:
    result = await client.call_tool(case.action, dict(case.arguments))
    assert isinstance(result, CallToolResult)
    return result


def _text(result: CallToolResult) -> str:
    (text,) = [block.text for block in result.content if isinstance(block, TextContent)]
    return text


def _pictures(result: CallToolResult) -> list[bytes]:
    return [base64.b64decode(block.data) for block in result.content if isinstance(block, ImageContent)]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_content(case: Case) -> None:
    """The content is one short text, and the picture where there is one; neither needs structured content."""
    async with _client(case) as client:
        result = await _call(client, case)

    assert result.content[0].type == "text"
    check(case, _text(result), _pictures(result))
    assert (result.structured_content is not None) is case.structured


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.structured], ids=lambda case: case.action)
async def test_structured_content_alone(case: Case) -> None:
    """Where there is structured content, it says as much as the text, to its schema and as shortly."""
    async with _client(case) as client:
        result = await _call(client, case)

    jsonschema.validate(result.structured_content, ACTIONS[case.action].output_schema)
    values = json.dumps(result.structured_content, ensure_ascii=False)
    check(case, values, [])


async def test_tools_with_content_only_have_no_output_schema() -> None:
    """A tool whose answer is more than JSON declares no output schema; the others do."""
    async with _client(CASES["PNG file"]) as client:
        tools = (await client.list_tools()).tools
    async with _client(CASES["PNG file"], structured_content=True) as client:
        all_tools = (await client.list_tools()).tools

    assert {tool.name for tool in tools if tool.output_schema is None} == CONTENT_ONLY
    assert all(tool.output_schema == ACTIONS[tool.name].output_schema for tool in all_tools)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_whole_outputs_for_programs(case: Case) -> None:
    """With structured content every answer carries the whole output as well, beside the same short content."""
    async with _client(case, structured_content=True) as client:
        result = await _call(client, case)

    assert result.structured_content == await case.clients()["async"].call(case.action, case.arguments)
    check(case, _text(result), _pictures(result))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_link_is_named_in_the_first_text(mode: str) -> None:
    """A file that is not shown whole is linked to, and the first text names the link."""
    async with _client(CASES["text of 2 MB"], mode) as client:
        result = await _call(client, CASES["text of 2 MB"])

    (link,) = [block for block in result.content if isinstance(block, ResourceLink)]
    assert link.uri == f"daytona://sandbox/{BOX}/file?path=my%20report.txt"
    assert link.uri in _text(result).splitlines()[0]


def _large_file() -> httpx.Response:
    return httpx.Response(200, content=bytes(9 * 2**20), headers={"content-disposition": "attachment"})


async def test_not_delivered_is_no_success_with_null() -> None:
    """A whole output that no message can carry is an error that says so, not a null."""
    case = Case("download_file", CASES["binary of 3 MB"].arguments, _large_file)
    async with _client(case, structured_content=True) as client:
        result = await _call(client, case)

    assert result.is_error
    assert result.structured_content is not None
    assert "larger than one message may be" in result.structured_content["error"]
