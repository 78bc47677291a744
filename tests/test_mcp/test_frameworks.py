"""OpenAI Agents' own MCP client over our server; Pydantic AI's needs more packages, and runs in `make contract-mcp`."""

import base64
import json
import sys
from typing import Any

from agents import Agent, RunConfig, Runner
from agents.mcp import MCPServerStdio
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call

from daytona_facade import AsyncDaytona
from daytona_facade.local import LocalDaytona
from support.nine_answers import png


async def test_openai_agents_sees_a_picture(local_backend: LocalDaytona) -> None:
    """A model of an agent with our server is sent a picture as a picture, and a failure in words."""
    options: dict[str, Any] = {"api_url": local_backend.api_url, "toolbox_url": local_backend.toolbox_url}
    environment = {f"DAYTONA_{name.upper()}": value for name, value in options.items()}
    environment["DAYTONA_API_KEY"] = local_backend.api_key
    heard: list[Any] = []

    def respond(call: ModelCall) -> Any:
        items = [item for item in call.input if isinstance(item, dict) and item.get("type") == "function_call_output"]
        heard[:] = [item["output"] for item in items]
        calls = [
            ("download_file", {"sandbox_id": sandbox_id, "file_path": "plot.png"}),
            ("get_sandbox", {"sandbox_id": "none"}),
        ]
        if len(items) == len(calls):
            return [assistant_message("done")]
        name, arguments = calls[len(items)]
        return [function_call(name, json.dumps(arguments), call_id=str(len(items)))]

    async with (
        AsyncDaytona(local_backend.api_key, **options) as daytona,
        daytona.temporary_sandbox() as sandbox_id,
        MCPServerStdio(
            {"command": sys.executable, "args": ["-m", "daytona_facade.mcp"], "env": environment},
            client_session_timeout_seconds=30,
        ) as server,
    ):
        content = base64.b64encode(png()).decode()
        (await daytona.upload_file(sandbox_id, "plot.png", content)).raise_for_failure()
        model = ScriptedModel([ModelStep.respond(respond) for _ in range(4)])
        agent = Agent(name="viewer", model=model, mcp_servers=[server])
        await Runner.run(agent, "look", run_config=RunConfig(tracing_disabled=True))

    picture, failure = heard
    assert content in json.dumps([item for item in picture if item["type"] == "input_image"])
    assert "Error (not_found)" in json.dumps(failure)
