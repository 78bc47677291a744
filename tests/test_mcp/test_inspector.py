"""The MCP Inspector's own command line, where npm has it already."""

import json
import shutil
import subprocess
import sys

import pytest

from daytona_facade.local import LocalDaytona


def test_inspector_calls_a_tool(local_backend: LocalDaytona) -> None:
    """The Inspector starts the server, reads a number's type from the tool's schema, and shows the answer."""
    if not shutil.which("npx"):
        pytest.skip("npx is not installed")
    settings = {
        "DAYTONA_API_KEY": local_backend.api_key,
        "DAYTONA_API_URL": local_backend.api_url,
        "DAYTONA_TOOLBOX_URL": local_backend.toolbox_url,
    }
    environment = [word for name, value in settings.items() for word in ("-e", f"{name}={value}")]
    done = subprocess.run(
        ["npx", "--offline", "--yes", "@modelcontextprotocol/inspector", "--cli", *environment,
         sys.executable, "-m", "daytona_facade.mcp", "--method", "tools/call",
         "--tool-name", "list_sandboxes", "--tool-arg", "limit=5"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if "ENOTCACHED" in done.stderr:
        pytest.skip("npm has no @modelcontextprotocol/inspector; once: npx @modelcontextprotocol/inspector --cli")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["structuredContent"]["success"], result
    assert not result.get("isError")
