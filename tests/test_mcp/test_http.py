"""Who may call the server over HTTP."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from daytona_facade import ACTIONS
from daytona_facade.mcp import serve

TOKEN = "a-token-of-the-operator"
LIST: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}  # fmt: skip
HEADERS = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve with a token, on a free port of this machine."""
    environment = {**os.environ, "DAYTONA_API_KEY": "key", "DAYTONA_MCP_TOKEN": TOKEN}
    command = [sys.executable, "-m", "daytona_facade.mcp", "--http", "--port", "0", "--allow-host", "box.example"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    yield process.stderr.readline().rpartition(" ")[2].strip()
    process.terminate()
    out, err = process.communicate(timeout=10)
    assert not out
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": f"Bearer {TOKEN}é".encode("latin-1")}, 401),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:6274"}, 200),
        ({"origin": "https://box.example"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "box.example"}, 200),
        ({"host": "box.example:8443"}, 200),
    ],
    ids=str,
)
def test_who_may_call(headers: dict[str, Any], status: int, url: str) -> None:
    """A wrong token, page or name is refused, before anything is done."""
    answer = httpx.post(url, json=LIST, headers={**HEADERS, **headers})

    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_client_with_a_token(url: str) -> None:
    """The SDK's client lists the tools when it sends the token."""
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        assert [tool.name for tool in (await client.list_tools()).tools] == list(ACTIONS)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "box.example"])
def test_no_token_beyond_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the server listens on loopback only."""
    monkeypatch.setenv("DAYTONA_API_KEY", "key")

    with pytest.raises(ValueError, match="a token is required"):
        serve(transport="http", host=host)


def test_every_address_needs_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on every address needs ``allow_hosts``."""
    monkeypatch.setenv("DAYTONA_API_KEY", "key")

    with pytest.raises(ValueError, match="allow_hosts"):
        serve(transport="http", host="0.0.0.0", token=TOKEN)
