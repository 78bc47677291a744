"""For each extra, a program that runs its face once; ``BIN`` is the folder of the environment's programs."""

_TOOLS = """
import os
os.environ.update(DAYTONA_API_KEY="key", OPENAI_API_KEY="unused")
from daytona_facade.adapters.{module} import {function}
made = {function}()
assert len({counted}) == 12, made
"""

FACES = {
    "": """
import httpx
from daytona_facade import ACTIONS, Daytona
client = Daytona("key", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"items": []})))
assert client.list_sandboxes().success and len(ACTIONS) == 12
""",
    "cli": """
import subprocess
assert b"run-code" in subprocess.check_output([BIN / "daytona-facade", "--help"])
""",
    "fast": """
import asyncio
from daytona_facade import fast
async def main():
    async with fast.transport() as transport:
        assert transport
asyncio.run(main())
""",
    "langchain": _TOOLS.format(module="langchain", function="daytona_tools", counted="made"),
    "local": """
from daytona_facade import Daytona
from daytona_facade.local import LocalDaytona
with LocalDaytona() as backend:
    client = Daytona(**backend.client_options())
    with client.temporary_sandbox() as sandbox_id:
        assert client.run_code(sandbox_id, "print(6 * 7)", "python").result == "42\\n"
""",
    "mcp": """
import json, os, subprocess, sys
hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "release", "version": "1"}}}
with subprocess.Popen([sys.executable, "-m", "daytona_facade.mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      text=True, env={**os.environ, "DAYTONA_API_KEY": "key"}) as server:
    server.stdin.write(json.dumps(hello) + "\\n")
    server.stdin.flush()
    assert json.loads(server.stdout.readline())["result"]["serverInfo"]
""",
    "openai-agents": _TOOLS.format(module="openai_agents", function="daytona_tools", counted="made"),
    "pydantic-ai": _TOOLS.format(module="pydantic_ai", function="daytona_toolset", counted="made.tools"),
}
