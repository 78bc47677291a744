"""The MCP server as a process, and the messages of a client that speaks raw HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import httpx

HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@attrs.define
class Served:
    """A server that listens, and afterwards what it wrote and its exit code."""

    url: str
    process: "subprocess.Popen[str]"
    stderr: str = ""

    def stop(self) -> str:
        """End it, and return what it wrote on standard error after its address."""
        self.process.terminate()
        self.stderr += self.process.communicate(timeout=20)[1]
        return self.stderr


@contextmanager
def serve_http(
    *flags: str, environment: Mapping[str, str] | None = None, descriptors: int | None = None
) -> Iterator[Served]:
    """Serve on a free port of this machine."""
    limit = ["sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh"] if descriptors else []
    process = subprocess.Popen(
        [*limit, sys.executable, "-m", "daytona_facade.mcp", "--http", "--port", "0", *flags],
        env={**os.environ, "DAYTONA_API_KEY": "key", **(environment or {})},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    served = Served(process.stderr.readline().rpartition(" ")[2].strip(), process)
    try:
        yield served
    finally:
        if process.poll() is None:
            served.stop()


def request(method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make a JSON-RPC request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}


def initialize(protocol: str = "2025-06-18") -> dict[str, Any]:
    """Make the request that opens a session."""
    client = {"name": "test", "version": "1"}
    return request("initialize", {"protocolVersion": protocol, "capabilities": {}, "clientInfo": client})


def result(response: httpx.Response) -> Any:
    """Read the result of a request, from JSON or from a stream of events."""
    assert response.status_code == 200, response.text
    lines = response.text.splitlines()
    events = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
    return json.loads(events[-1] if events else response.text)["result"]
