"""What a tool answers: failures, progress, files that are too large, and a call that is cancelled."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, BlobResourceContents, CallToolResult, ResourceLink, TextResourceContents

from daytona_facade import ACTIONS, AsyncDaytona, limits
from daytona_facade.mcp import build_server
from daytona_facade.tools import plain_schema

KEY = "dtn_secret_key_0123456789"
BOX = "6b3f7d2e-0c1a-4f6e-9a55-0d4b7c1e2f30"


def _client(answer: Any, **options: Any) -> Client:
    daytona = AsyncDaytona(KEY, toolbox_url="http://toolbox", transport=httpx.MockTransport(answer))
    return Client(build_server(daytona, **options))


def _files(directory: Path) -> list[Path]:
    return sorted(file for file in directory.rglob("*") if file.is_file())


def _block(result: CallToolResult, at: int = 0) -> Any:
    """Return a block of what a tool answers; which kind it is, the assertions say."""
    return result.content[at]


def _file(content: bytes) -> Any:
    return lambda _: httpx.Response(200, content=content, headers={"content-disposition": "attachment"})


async def test_tools_are_described() -> None:
    """Every tool has a title, sentences, annotations and both schemas."""
    async with _client(_file(b"")) as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in tools] == list(ACTIONS)
    for tool in tools:
        action = ACTIONS[tool.name]
        assert action.title == tool.title
        assert tool.description is not None
        assert tool.description.startswith(action.description)
        assert tool.input_schema == plain_schema(action)
        assert tool.annotations is not None
        assert (action.read_only, action.destructive, action.idempotent, True) == (
            tool.annotations.read_only_hint,
            tool.annotations.destructive_hint,
            tool.annotations.idempotent_hint,
            tool.annotations.open_world_hint,
        )


async def test_chosen_tools() -> None:
    """Tools that are not offered can be neither listed nor called, nor can their resources."""
    async with _client(_file(b""), tools=["list_sandboxes", "delete_sandbox"], read_only=True) as client:
        listed = await client.list_tools()
        with pytest.raises(Exception, match="Unknown tool: delete_sandbox"):
            await client.call_tool("delete_sandbox", {"sandbox_id": "a"})
        assert client.server_capabilities.resources is None

    assert [tool.name for tool in listed.tools] == ["list_sandboxes"]


async def test_failure_is_an_error() -> None:
    """A failed action is a tool error: its text is the error, its structured content the output."""
    async with _client(lambda _: httpx.Response(404, json={"message": "no such sandbox"})) as client:
        result = await client.call_tool("get_sandbox", {"sandbox_id": "gone"})

    assert result.is_error
    assert "no such sandbox" in _block(result).text
    assert _block(result).text.startswith("Error (not_found): ")
    assert result.structured_content["error"] == _block(result).text
    jsonschema.validate(result.structured_content, ACTIONS["get_sandbox"].output_schema)


async def test_program_that_fails_is_no_error() -> None:
    """A program's non-zero exit code is a successful call."""
    async with _client(lambda _: httpx.Response(200, json={"exitCode": 3, "result": "no"})) as client:
        result = await client.call_tool("execute_command", {"sandbox_id": BOX, "command": "false"})

    assert not result.is_error
    assert result.structured_content["exit_code"] == 3
    assert _block(result).text == "exit code: 3\nno"


async def test_wrong_argument_is_an_error_that_a_model_can_mend() -> None:
    """A wrong argument is a tool error that says what is wrong."""
    async with _client(_file(b"")) as client:
        result = await client.call_tool("list_sandboxes", {"limit": 1000})

    assert result.is_error
    assert "limit must be between 1 and 200" in _block(result).text


async def test_progress_while_a_sandbox_is_created() -> None:
    """A client that asks for progress is notified at once and then regularly."""
    heard: list[tuple[float, str | None]] = []
    again = asyncio.Event()

    async def create(_: httpx.Request) -> httpx.Response:
        await again.wait()
        return httpx.Response(200, json={"id": BOX, "state": "started"})

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message))
        if len(heard) == 2:
            again.set()

    async with _client(create) as client:
        result = await client.call_tool("create_sandbox", {}, progress_callback=hear)

    assert result.structured_content["sandbox"]["state"] == "started"
    assert heard[0][0] < heard[1][0]
    assert [message for _, message in heard] == ["Create sandbox: 0 s", "Create sandbox: 1 s"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("dir/täglich ä&b=1.txt", "é" * limits.MODEL_FILE_BYTES),
        ("/abs/data.bin", b"\xff\x00" * limits.MODEL_FILE_BYTES),
        ("x.txt", b"\xff" * limits.MODEL_FILE_BYTES * 2),
    ],
    ids=["text", "binary", "not the text that it is called"],
)
async def test_large_file_is_a_resource(path: str, content: str | bytes) -> None:
    """A larger file is a link with a note, and is sent only to a client that reads the link."""
    asked: list[str] = []
    raw = content.encode() if isinstance(content, str) else content

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["path"])
        return _file(raw)(request)

    async with _client(answer) as client:
        result = await client.call_tool("download_file", {"sandbox_id": BOX, "file_path": path})
        link = result.content[1]
        assert isinstance(link, ResourceLink)
        read = (await client.read_resource(link.uri)).contents[0]

    assert len(result.model_dump_json()) < 2 * limits.MODEL_CHARS
    assert (link.size, result.structured_content) == (len(raw), None)
    assert _block(result).text.startswith(f"The whole file can be read as the resource {link.uri}\n")
    assert [path, path] == asked
    if isinstance(content, str):
        assert isinstance(read, TextResourceContents)
        assert read.text == content
    else:
        assert isinstance(read, BlobResourceContents)
        assert content == base64.b64decode(read.blob)


async def test_huge_file_is_neither_shown_nor_a_resource() -> None:
    """A file that no client could take in one message is told about; reading it all the same is a failure."""
    content = bytes(limits.MCP_MESSAGE_BYTES + 1)
    async with _client(_file(content)) as client:
        result = await client.call_tool("download_file", {"sandbox_id": BOX, "file_path": "a.bin"})
        with pytest.raises(Exception, match="larger than the limit of 8,388,608 bytes"):
            await client.read_resource(f"daytona://sandbox/{BOX}/file?path=a.bin")

    assert len(result.content) == 1
    assert f"{len(content):,} bytes" in _block(result).text
    assert "execute_command" in _block(result).text


@pytest.mark.parametrize(
    "uri",
    [
        "daytona://sandbox/a/b/file?path=c",
        "daytona://sandbox/a/file",
        "daytona://other/a/file?path=c",
        "file:///etc/passwd",
        "daytona://sandbox/a/file?path=c&path=d",
    ],
)
async def test_other_resources_are_unknown(uri: str) -> None:
    """Only files of sandboxes can be read; for any other URI nothing is sent."""
    async with _client(lambda _: pytest.fail("a request was sent")) as client:
        with pytest.raises(Exception, match="Unknown resource"):
            await client.read_resource(uri)


async def test_resource_of_a_missing_file() -> None:
    """A file that cannot be read is an error with the action's message."""
    async with _client(lambda _: httpx.Response(404, json={"message": "no such file"})) as client:
        assert "daytona://" in (await client.list_resource_templates()).resource_templates[0].uri_template
        assert (await client.list_resources()).resources == []
        uri = f"daytona://sandbox/{BOX}/file?path=a"
        with pytest.raises(MCPError, match="no such file") as caught:
            await client.read_resource(uri)

    assert (caught.value.code, caught.value.data) == (INVALID_PARAMS, {"uri": uri})


async def test_unknown_cursors_and_names() -> None:
    """A cursor that no list gave is a wrong parameter, and an unknown name is repeated in part only."""
    async with _client(_file(b"")) as client:
        for listing in (client.list_tools, client.list_resources, client.list_resource_templates):
            with pytest.raises(MCPError, match="Unknown cursor: made-up") as caught:
                await listing(cursor="made-up")
            assert caught.value.code == INVALID_PARAMS
        with pytest.raises(MCPError) as caught:
            await client.call_tool("x" * 10_000, {})

    assert (caught.value.code, len(caught.value.message)) == (INVALID_PARAMS, len("Unknown tool: ") + 100)


@pytest.mark.parametrize(
    ("path", "name"),
    [("report.pdf", "report.pdf"), ("../../.bashrc", "bashrc"), ("a/b c;d.txt", "b_c_d.txt"), ("..", "file")],
)
async def test_large_file_is_saved(path: str, name: str, tmp_path: Path) -> None:
    """With a downloads directory a larger file is saved there under a safe, unused name."""
    content = bytes(range(256)) * 400
    async with _client(_file(content), downloads=tmp_path / "files") as client:
        links = [
            _block(await client.call_tool("download_file", {"sandbox_id": f"../{BOX}", "file_path": path}), 1)
            for _ in range(2)
        ]

    saved = _files(tmp_path)
    assert [file.name for file in saved] == [f"1-{name}", name]
    assert {file.parent for file in saved} == {tmp_path / "files" / f"_{BOX}"}
    assert {file.as_uri() for file in saved} == {link.uri for link in links}
    assert [file.read_bytes() for file in saved] == [content, content]


async def test_file_that_cannot_be_saved(tmp_path: Path) -> None:
    """A directory that cannot be written to is a failure that meets the output schema."""
    (tmp_path / "taken").write_text("")
    async with _client(_file(bytes(limits.MODEL_FILE_BYTES * 2)), downloads=tmp_path / "taken") as client:
        result = await client.call_tool("download_file", {"sandbox_id": BOX, "file_path": "a.bin"})

    assert result.is_error
    assert "could not be saved" in _block(result).text
    assert len(result.content) == 1


@asynccontextmanager
async def _server(transport: str, environment: dict[str, str]) -> AsyncIterator[StdioServerParameters | str]:
    command = [sys.executable, "-m", "daytona_facade.mcp"]
    if transport == "stdio":
        yield StdioServerParameters(command=command[0], args=command[1:], env=environment)
        return
    process = await asyncio.create_subprocess_exec(
        *command, "--http", "--port", "0", env={**os.environ, **environment}, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    yield (await process.stderr.readline()).decode().rpartition(" ")[2].strip()
    process.terminate()
    await process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_cancelled_call_ends_at_the_backend(transport: str) -> None:
    """A cancelled call closes its connection to Daytona, and the server goes on."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()
        gone.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as backend:
        port = backend.sockets[0].getsockname()[1]
        environment = {"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": f"http://127.0.0.1:{port}/api"}
        async with _server(transport, environment) as server, Client(server) as client:
            call = asyncio.create_task(client.call_tool("list_sandboxes", {}))
            await asyncio.wait_for(arrived.wait(), 10)
            call.cancel()
            await asyncio.wait_for(gone.wait(), 5)
            assert (await client.call_tool("list_sandboxes", {"limit": 0})).is_error
