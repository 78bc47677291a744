"""One server for many tenants: each caller's bearer token is its own Daytona key."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from daytona_facade.mcp import serve
from support.mcp_server import HEADERS, initialize, request, result, serve_http

KEYS = ("dtn_key_of_the_first_tenant", "dtn_key_of_the_second_tenant")
SESSIONS = 200
LIST = request("tools/call", {"name": "list_sandboxes", "arguments": {}})


@attrs.frozen
class Platform:
    """A stand-in for Daytona that answers with a sandbox named after the key, and remembers whose requests came."""

    url: str
    asked: Counter[str]
    organizations: list[str]


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Serve the stand-in; like Daytona it refuses a key that it does not know."""
    asked: Counter[str] = Counter()
    organizations: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            key = self.headers["authorization"].removeprefix("Bearer ")
            asked[key] += 1
            organizations.extend(self.headers.get_all("x-daytona-organization-id", []))
            known = key in KEYS
            body: Any = {"items": [{"id": "a", "name": f"of-{key}"}]} if known else {"message": "Invalid credentials"}
            data = json.dumps(body).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Platform(f"http://127.0.0.1:{server.server_port}/api", asked, organizations)
    server.shutdown()
    thread.join()
    server.server_close()


def _headers(key: str, **more: str) -> dict[str, str]:
    return {**HEADERS, "authorization": f"Bearer {key}", **more}


def _owner(answered: Any) -> str:
    (sandbox,) = answered["structuredContent"]["sandboxes"]
    return str(sandbox["name"]).removeprefix("of-")


async def _one_session(client: httpx.AsyncClient, urls: list[str], number: int) -> None:
    """Open a session at one process, and call a tool at the other, with one of the two keys."""
    key = KEYS[number % 2]
    opened = await client.post(urls[number // 2 % 2], json=initialize(), headers=_headers(key))
    assert result(opened)["protocolVersion"] == "2025-06-18"
    assert "mcp-session-id" not in opened.headers
    headers = _headers(key, **{"mcp-protocol-version": "2025-06-18"})
    answered = await client.post(urls[(number // 2 + 1) % 2], json=LIST, headers=headers)
    assert _owner(result(answered)) == key


async def test_two_keys_in_two_processes(platform: Platform) -> None:
    """200 stateless sessions over two processes: each gets its own key's sandboxes, and no log has a key."""
    operator = {"DAYTONA_API_URL": platform.url, "DAYTONA_ORGANIZATION_ID": "of-the-operator"}
    flags = ("--caller-key", "--stateless")
    with serve_http(*flags, environment=operator) as first, serve_http(*flags, environment=operator) as second:
        async with httpx.AsyncClient(timeout=60) as client:
            sessions = [_one_session(client, [first.url, second.url], number) for number in range(SESSIONS)]
            await asyncio.gather(*sessions)
        said = first.stop() + second.stop()

    assert platform.asked == dict.fromkeys(KEYS, SESSIONS // 2)
    assert platform.organizations == []
    assert said == ""


async def test_sessions_belong_to_their_key(platform: Platform) -> None:
    """A session is not there for another key, and works for the key that opened it."""
    with serve_http("--caller-key", environment={"DAYTONA_API_URL": platform.url}) as served:
        async with httpx.AsyncClient(timeout=30) as client:
            opened = await client.post(served.url, json=initialize(), headers=_headers(KEYS[0]))
            session = {"mcp-session-id": opened.headers["mcp-session-id"], "mcp-protocol-version": "2025-06-18"}
            stolen = await client.post(served.url, json=LIST, headers=_headers(KEYS[1], **session))
            own = await client.post(served.url, json=LIST, headers=_headers(KEYS[0], **session))
        said = served.stop()

    assert stolen.status_code == 404
    assert _owner(result(own)) == KEYS[0]
    assert KEYS[1] not in platform.asked
    assert not any(key in said for key in KEYS)


@pytest.mark.parametrize("key", KEYS)
async def test_official_client(platform: Platform, key: str) -> None:
    """The SDK's newest client, which keeps no session, gets its own key's sandboxes."""
    import httpx2

    with serve_http("--caller-key", environment={"DAYTONA_API_URL": platform.url}) as served:
        async with (
            httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}) as http,
            Client(streamable_http_client(served.url, http_client=http)) as client,
        ):
            answered = await client.call_tool("list_sandboxes", {})

    assert answered.structured_content is not None
    assert answered.structured_content["sandboxes"][0]["name"] == f"of-{key}"


async def test_keys_that_are_none(platform: Platform) -> None:
    """Without a key nothing is done; an unknown one is Daytona's to refuse, and is not repeated."""
    with serve_http("--caller-key", environment={"DAYTONA_API_URL": platform.url}) as served:
        async with httpx.AsyncClient(timeout=30) as client:
            for headers in ({}, {"authorization": "Bearer"}, {"authorization": "Bearer a b"}, {"authorization": "x y"}):
                refused = await client.post(served.url, json=initialize(), headers={**HEADERS, **headers})
                assert refused.status_code == 401
            opened = await client.post(served.url, json=initialize(), headers=_headers("dtn_unknown_key"))
            session = {"mcp-session-id": opened.headers["mcp-session-id"]}
            answered = await client.post(served.url, json=LIST, headers=_headers("dtn_unknown_key", **session))

    assert result(answered)["isError"]
    assert result(answered)["content"][0]["text"].startswith("Error (authentication)")
    assert "dtn_unknown_key" not in answered.text
    assert platform.asked == {"dtn_unknown_key": 1}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"caller_key": True}, "for HTTP"),
        ({"stateless": True}, "for HTTP"),
        ({"transport": "http", "caller_key": True, "token": "t"}, "one token for all"),
        ({"transport": "http", "caller_key": True, "local": True}, "one key for all"),
    ],
)
def test_refused_settings(options: dict[str, Any], said: str) -> None:
    """Settings that contradict each other are refused."""
    with pytest.raises(ValueError, match=said):
        serve(**options)
